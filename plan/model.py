"""The rectification plan as an office writes it: one YAML file, checked whole before anything is loaded."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    model_validator,
)

from config.dates import parse_day
from plan.addresses import address_fault
from plan.due import DueRule
from plan.types import (
    Cadence,
    DurationClass,
    DutyKind,
    EvidenceRule,
    InspectionKind,
    Precision,
    Roll,
    WorkState,
)
from text.limits import LONGEST_LINE, LONGEST_TEXT

CODE_SHAPE = r"^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$"
KEY_SHAPE = r"^[a-z][a-z0-9-]{0,63}$"
RUNG_KEY_SHAPE = r"^[a-z][a-z0-9-]{0,31}$"
FOLDER = "outbox"
"""The one channel that every office has and that needs no URL: mail files in a folder."""
CHANNEL_SHAPE = r"^[a-z][a-z0-9_-]{0,31}$"
LINE_SHAPE = r"^\S(.*\S)?$"
TEXT_SHAPE = r"\S"
_KEPT = {"kept": True}
"""The context in which a plan is read that was checked by the rules of its time."""


def _day(written: object, info: ValidationInfo) -> object:
    """Read ``2025-05-31``; without this, pydantic would take a bare number for seconds since 1970."""
    if info.context is _KEPT or not isinstance(written, str):
        return written
    return parse_day(written)


def _one_address(written: str, info: ValidationInfo) -> str:
    if info.context is not _KEPT and (fault := address_fault(written)) is not None:
        raise ValueError(fault)
    return written


Code = Annotated[str, Field(pattern=CODE_SHAPE)]
Key = Annotated[str, Field(pattern=KEY_SHAPE)]
Channel = Annotated[str, Field(pattern=CHANNEL_SHAPE)]
Address = Annotated[str, AfterValidator(_one_address)]
Line = Annotated[str, Field(max_length=LONGEST_LINE, pattern=LINE_SHAPE)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=TEXT_SHAPE)]
Due = Annotated[DueRule, BeforeValidator(DueRule.parse), PlainSerializer(str, when_used="json")]
Day = Annotated[date, BeforeValidator(_day)]
Gathered = Annotated[list[Key], BeforeValidator(lambda written: [written] if isinstance(written, str) else written)]


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class RoleSpec(_Spec):
    """A person's post that receives alerts. ``channels`` maps a channel name to the address there, best first."""

    name: Line
    channels: dict[Channel, Address] = Field(default_factory=lambda: {FOLDER: ""}, min_length=1)


class UnitSpec(_Spec):
    """A unit that answers for measures, with the posts that handle and lead it (keys of ``roles``)."""

    name: Line
    handler: list[Key] = Field(min_length=1)
    leader: list[Key] = []
    superior: Key | None = None
    """The unit above it, to which goes up what none of its own posts is there to take."""


class PhaseSpec(_Spec):
    """Limits of the round, all optional and editable: nothing here is law (domain.md 1.1)."""

    plan_due: Day | None = None
    concentrated_end: Day | None = None
    progress_report_due: Day | None = None
    publish_due: Day | None = None


class InspectionSpec(_Spec):
    """The round: who inspected whom, and when."""

    key: Key
    title: Line
    organisation: Line
    inspector: Line
    kind: InspectionKind
    feedback_on: Day
    published_on: Day | None = None
    phases: PhaseSpec = PhaseSpec()
    source: Line


class AudienceSpec(_Spec):
    """Who stands on the upper rungs for the whole round (keys of ``roles``)."""

    deputy: list[Key] = []
    head: list[Key] = []
    discipline: list[Key] = []
    office: list[Key] = Field(min_length=1)


class DutySpec(_Spec):
    """What a measure owes in time. ``assumed`` marks a cadence or date the source does not give."""

    key: Key
    kind: DutyKind
    title: Line
    cadence: Cadence
    anchor: Day | None = None
    due: Due = DueRule.parse("end")
    due_on: Day | None = None
    opens_on: Day | None = None
    ends_on: Day | None = None
    roll: Roll = Roll.NONE
    roll_workdays: int = Field(default=2, ge=1, le=10)
    precision: Precision = Precision.DAY
    receiver: Line | None = None
    gather: Gathered = []
    """From which units the lead unit gathers parts: keys of units, or the words of ``Gather``; the lead gives none."""
    source: Line
    assumed: bool = False

    @model_validator(mode="after")
    def _dates_fit_the_cadence(self) -> Self:
        if (self.cadence is Cadence.ONCE) != (self.due_on is not None):
            raise ValueError("频次为“一次性”的须写期限，其他频次不写")
        if self.opens_on and self.due_on and self.opens_on > self.due_on:
            raise ValueError("起始日期晚于期限")
        return self


class QuestionSpec(_Spec):
    """Wording that gives no date: a person must answer; ``suggest`` is what Duban assumes meanwhile."""

    phrase: Line
    ask: Line
    suggest: Line


class MeasureSpec(_Spec):
    """One measure of a finding. Without a duty it has no date: that is a state, and a question, never a default."""

    code: Code
    title: Line
    text: Text
    duration: DurationClass
    state: WorkState
    state_note: Line
    lead: Key
    assisting: list[Key] = []
    deputy: list[Key] = []
    evidence: EvidenceRule = EvidenceRule.OPTIONAL
    warn_days: int | None = Field(default=None, ge=1, le=60)
    duties: list[DutySpec] = []
    questions: list[QuestionSpec] = []


class FindingSpec(_Spec):
    """One problem named by the inspectors. ``goal`` is what its acceptance is checked against (整改目标)."""

    code: Code
    title: Line
    goal: Text | None = None
    measures: list[MeasureSpec] = Field(min_length=1)


class Plan(_Spec):
    """A whole plan. ``load_plan`` checks that codes are unique and every key it names exists."""

    inspection: InspectionSpec
    roles: dict[Key, RoleSpec]
    units: dict[Key, UnitSpec]
    audiences: AudienceSpec
    findings: list[FindingSpec] = Field(min_length=1)


def kept_unit(values: dict[str, Any]) -> UnitSpec:
    """A unit of a plan that a ledger keeps, as it was taken.

    Args:
        values: the unit as JSON values.
    """
    return UnitSpec.model_validate(values, context=_KEPT)


def kept_plan(values: dict[str, Any]) -> Plan:
    """The plan that a ledger keeps, as it was taken: what is refused today stands until somebody changes it.

    Args:
        values: the plan as JSON values.
    """
    return Plan.model_validate(values, context=_KEPT)
