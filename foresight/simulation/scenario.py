"""How people behave in a simulation: a YAML file of a default and of rules that change it for some duties.

The built-in ones stand in ``config/scenarios``; their comments explain every key.
"""

import re
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, model_validator

from config.settings import HERE
from plan.model import DutySpec, Line, MeasureSpec, Plan, Text
from plan.policy import Offset
from plan.types import Cadence, DutyKind
from plan.yaml_reader import read_yaml
from text.refusals import Refusal

SCENARIOS = HERE / "scenarios"
LARGEST = 64 * 1024
"""Bytes a scenario may have."""
NEVER = "never"
_WHEN = re.compile(r"(?P<anchor>open|due)(?P<offset>[+-]\d{1,3}(?:wd|d))?")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class When(_Part):
    """A day counted from a period's opening or due date: ``open+3d``, ``due-2wd``, ``due``."""

    anchor: Literal["open", "due"]
    offset: Offset

    @classmethod
    def parse(cls, text: object) -> object:
        """Read ``due-2wd``; ``never`` gives ``None``. Raises ``ValueError`` for any other text."""
        if not isinstance(text, str):
            return text
        if text == NEVER:
            return None
        found = _WHEN.fullmatch(text)
        if not found:
            raise ValueError(f"“{text}”不是日子，请写成 due-2wd、open+3d、due+5wd 或 never")
        return cls(anchor=found["anchor"], offset=Offset.parse(found["offset"] or "0d"))


def _delay(text: object) -> object:
    """Read ``+1wd`` or ``never``."""
    found = None if text == NEVER else Offset.parse(text) if isinstance(text, str) else text
    if isinstance(found, Offset) and found.count < 0:
        raise ValueError(f"“{text}”早于起点，请写成 +1wd 或 never")
    return found


def _one_or_many(written: object) -> object:
    return written if isinstance(written, list) else [written]


WhenText = Annotated[When | None, BeforeValidator(When.parse)]
DelayText = Annotated[Offset | None, BeforeValidator(_delay)]
Later = Annotated[Offset, BeforeValidator(_delay)]


def _days(count: int, unit: Literal["d", "wd"] = "wd") -> Offset:
    return Offset(count=count, unit=unit)


class Behaviour(_Part):
    """What unit, office and supervisors do about one period; ``None`` is never."""

    report: WhenText = When(anchor="due", offset=_days(-2))
    percent: int = Field(default=100, ge=0, le=100)
    text: Text = "已按要求办理"
    returned: int = Field(default=0, ge=0, le=5)
    again: Later = _days(2)
    review: DelayText = _days(1)
    ask: WhenText = None
    longer: Later = _days(10, "d")
    decide: DelayText = _days(1)
    grant: bool = True
    acknowledge: DelayText = None
    instruct: DelayText = None
    limit: Later = _days(3)


class Closing(_Part):
    """What people do once work is claimed to be done: how long after they are asked in a stage they act (the one who is
    asked, in person), how often acceptance sends it back, what is objected to in publicity, and of which measures
    (patterns of codes) the first look-back finds that they rebounded."""

    after: DelayText = _days(1)
    returned: int = Field(default=0, ge=0, le=5)
    objection: str = Field(default="", max_length=200)
    lookback: DelayText = _days(2)
    rebounds: Annotated[list[str], BeforeValidator(_one_or_many)] = []


class Releasing(_Part):
    """How long after a paper was put before the office it goes out; ``None`` is never."""

    after: DelayText = _days(2)


class PaperRule(Releasing):
    """What is different for some papers: those of a ``kind`` (their keys; none: all), and the first, second … of them
    that the simulation sees (``ordinal``, from 1; none: all)."""

    kind: Annotated[list[str], BeforeValidator(_one_or_many)] = []
    ordinal: Annotated[list[int], BeforeValidator(_one_or_many)] = []


class Papers(Releasing):
    """How the office releases papers. Later rules win over earlier ones and over ``after``."""

    rules: list[PaperRule] = []

    def delay(self, kind: str, ordinal: int) -> Offset | None:
        """How long the ``ordinal``-th paper (from 1) of a ``kind`` waits for its release; None for ever."""
        fitting = [one for one in self.rules if kind in (one.kind or [kind]) and ordinal in (one.ordinal or [ordinal])]
        return fitting[-1].after if fitting else self.after


class Where(_Part):
    """Which periods a rule is about: all that fit every key that is given."""

    measure: Annotated[list[str], BeforeValidator(_one_or_many)] = []
    """Codes, or patterns such as ``02-*``."""
    unit: Annotated[list[str], BeforeValidator(_one_or_many)] = []
    kind: Annotated[list[DutyKind], BeforeValidator(_one_or_many)] = []
    cadence: Annotated[list[Cadence], BeforeValidator(_one_or_many)] = []
    duty: Annotated[list[str], BeforeValidator(_one_or_many)] = []
    ordinal: Annotated[list[int], BeforeValidator(_one_or_many)] = []
    """1 is the first period of a duty that the simulation sees."""

    def fits(self, facts: "DutyFacts", ordinal: int | None) -> bool:
        """Whether a period is meant.

        Args:
            facts: of its duty.
            ordinal: which period of the duty it is, from 1; None asks whether any can be meant.
        """
        asked: list[tuple[list[Any], Any]] = [
            (self.unit, facts.unit),
            (self.kind, facts.kind),
            (self.cadence, facts.cadence),
            (self.duty, facts.duty),
            (self.ordinal if ordinal else [], ordinal),
        ]
        code_fits = not self.measure or any(fnmatchcase(facts.measure, one) for one in self.measure)
        return code_fits and all(not wanted or found in wanted for wanted, found in asked)


class DutyFacts(_Part):
    """What a rule may ask about a duty."""

    measure: str
    unit: str
    kind: str
    cadence: str
    duty: str

    @classmethod
    def of(cls, plan: Plan, measure: MeasureSpec, duty: DutySpec) -> Self:
        """The facts of a duty of a plan.

        Args:
            plan: names the units.
            measure: of the plan.
            duty: of the measure.
        """
        unit = plan.units[measure.lead].name
        return cls(measure=measure.code, unit=unit, kind=duty.kind, cadence=duty.cadence, duty=duty.key)


class BehaviourRule(Behaviour):
    """What is different for some periods: only the keys that are written count."""

    where: Where


class Outage(_Part):
    """A channel that fails from one instant until another, both in the office's zone."""

    channel: str
    since: NaiveDatetime = Field(alias="from")
    until: NaiveDatetime = Field(alias="to")

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.since >= self.until:
            raise ValueError("中断的结束（to）须晚于开始（from）")
        return self

    def covers(self, channel: str, local: datetime) -> bool:
        """Whether ``channel`` fails at ``local``, an aware instant in the office's zone."""
        return channel == self.channel and self.since <= local.replace(tzinfo=None) < self.until


class Scenario(_Part):
    """How everybody behaves. Later rules win over earlier ones and over the default."""

    title: Line
    about: Line
    default: Behaviour = Behaviour()
    rules: list[BehaviourRule] = []
    closing: Closing = Closing()
    papers: Papers = Papers()
    outages: list[Outage] = []

    def behaviour(self, facts: DutyFacts, ordinal: int) -> Behaviour:
        """What happens to the ``ordinal``-th period (from 1) of the duty that ``facts`` describe."""
        found = self.default
        for rule in self.rules:
            if rule.where.fits(facts, ordinal):
                # Only the keys that the rule writes: the defaults of a rule are not meant.
                found = found.model_copy(update={name: getattr(rule, name) for name in _written(rule)})
        return found

    def check_against(self, plan: Plan) -> None:
        """Raise ``Refusal`` (``scenario_rule_idle``) for a rule that fits no duty of ``plan``: a slip of the pen."""
        duties = [
            DutyFacts.of(plan, m, duty) for finding in plan.findings for m in finding.measures for duty in m.duties
        ]
        for number, rule in enumerate(self.rules, 1):
            if not any(rule.where.fits(facts, None) for facts in duties):
                raise Refusal("scenario_rule_idle", title=self.title, number=number)


def _written(rule: BehaviourRule) -> set[str]:
    return rule.model_fields_set - {"where"}


def built_in() -> list[str]:
    """The names of the scenarios that come with Duban."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def load_scenario(name: str) -> Scenario:
    """A built-in scenario by its name, or one from a file.

    Raises ``Refusal`` (``scenario_unknown``) for a name that is neither, ``FileProblems`` with every fault of the file.
    """
    path = SCENARIOS / f"{name}.yaml" if name in built_in() else Path(name)
    if not path.is_file():
        raise Refusal("scenario_unknown", name=name, known="、".join(built_in()))
    return read_yaml(path, LARGEST).checked(Scenario)
