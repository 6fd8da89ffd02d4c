"""The office's policy: ladders, hours, budgets. Data, checked when loaded, frozen into a period when it opens."""

import re
from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, IPvAnyNetwork, model_validator
from pydantic_core import PydanticKnownError

from plan.model import CHANNEL_SHAPE, RUNG_KEY_SHAPE
from plan.types import LISTED, RUNG_KINDS, SHEET_KINDS, Act, AlertKind, Audience, ClosureStage, InspectionKind, Level
from plan.yaml_reader import read_yaml
from text.catalogue import date_text, phrase, term

LARGEST = 256 * 1024
"""Bytes a policy may have; the shipped one has five thousand."""

_OFFSET = re.compile(r"(?P<sign>[+-]?)(?P<count>\d{1,3})(?P<unit>d|wd)")


class Offset(BaseModel):
    """A distance from an anchor in calendar days (``d``) or working days (``wd``): ``-20d``, ``+3wd``."""

    model_config = ConfigDict(frozen=True)
    count: int
    unit: Literal["d", "wd"]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an offset.

        Args:
            text: such as ``-20d`` or ``+3wd``.

        Returns:
            The offset.

        Raises:
            ValueError: the text is none.
        """
        found = _OFFSET.fullmatch(text)
        if not found:
            raise ValueError(f"“{text}”不是时距，请写成 -20d（20天前）或 +3wd（3个工作日后）")
        return cls.model_validate({"count": int(found["sign"] + found["count"]), "unit": found["unit"]})


def _offset(written: object) -> object:
    return Offset.parse(written) if isinstance(written, str) else written


OffsetText = Annotated[Offset, BeforeValidator(_offset)]
Anchor = Literal["open", "heard", "due", "submitted"]
"""Where a rung's offset counts from: the opening, the day of the last word, the due date, or the day a report came in.
"""


def offset_text(offset: Offset) -> str:
    """How far an offset reaches, whichever way.

    Args:
        offset: in calendar days or working days.

    Returns:
        Such as ``3个工作日``.
    """
    return phrase(f"offset.{offset.unit}", n=abs(offset.count))


def rung_text(anchor: Anchor, offset: Offset, day: date | None = None) -> str:
    """When a rung falls.

    Args:
        anchor: what its offset counts from.
        offset: its offset, or the measure's own lead time in its place.
        day: the date of the anchor (in the office's zone), where it is to be named.

    Returns:
        Such as ``期限前3个工作日``, ``期限当日（2025年3月31日）``, ``填报后第3个工作日``.
    """
    key = "after" if offset.count > 0 else "before" if offset.count else "on_the_day" if day else "on_day"
    named = date_text(day) if day else ""
    return phrase(f"rung.{key}", anchor=phrase(f"rung.{anchor}"), day=named, distance=offset_text(offset))


def _on_a_ladder(kind: object) -> object:
    if kind not in RUNG_KINDS:
        *others, last = (repr(known.value) for known in RUNG_KINDS)
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(others)} or {last}"})
    return kind


RungKind = Annotated[AlertKind, BeforeValidator(_on_a_ladder)]
"""The kinds of alerts that a rung may raise."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rung(_Part):
    """One step of a ladder.

    ``anchor`` says where the offset counts from: the opening, the last word on work that is to be finished, the due
    date, or the day a report came in. A rung with ``limit`` opens a sheet that gives the supervisor that long: an
    escalation, an interview or a circular (``SHEET_KINDS``).
    ``warn`` marks the rung whose lead time a measure's own ``warn_days`` replaces. ``acknowledge`` is how many of those
    whom the sheet asks must acknowledge it before the climb waits.
    """

    key: str = Field(pattern=RUNG_KEY_SHAPE)
    anchor: Anchor
    offset: OffsetText
    kind: RungKind
    level: Level
    audience: tuple[Audience, ...] = Field(min_length=1)
    limit: OffsetText | None = None
    warn: bool = False
    acknowledge: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _escalations_carry_a_limit(self) -> Self:
        asks = self.kind in SHEET_KINDS
        named = "、".join(f"{term(kind)}（{kind}）" for kind in SHEET_KINDS)
        if asks != (self.limit is not None):
            raise ValueError(f"节点 {self.key}：{named}须写时限（limit），其他节点不写")
        if self.acknowledge > 1 and not asks:
            raise ValueError(f"节点 {self.key}：签收人数（acknowledge）只用于{named}")
        return self

    @model_validator(mode="after")
    def _silence_is_counted_in_days_without_a_word(self) -> Self:
        if (self.kind is AlertKind.STALE) != (self.anchor == "heard") or (
            self.anchor == "heard" and self.offset.count < 1
        ):
            raise ValueError(f"节点 {self.key}：久无进展（stale）从末次填报（heard）起算，至少1天，其他节点不从此起算")
        return self


class Repeat(_Part):
    """Nagging after the last rung: growing gaps in working days, the last one for ever, so never to zero.

    Where no escalation is open any more (its instruction ran out), a repeat opens another with this ``limit``.
    """

    gaps: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    level: Level
    audience: tuple[Audience, ...] = Field(min_length=1)
    limit: OffsetText


class Ladder(_Part):
    """The rungs of one kind of period, frozen into every period that opens under it."""

    rungs: tuple[Rung, ...] = Field(min_length=1)
    repeat: Repeat

    @model_validator(mode="after")
    def _keys_are_unique(self) -> Self:
        keys = [rung.key for rung in self.rungs]
        if len(set(keys)) != len(keys):
            raise ValueError("有两个节点的代号（key）相同；请改用别的代号")
        return self


class Hours(_Part):
    """When messages may leave, on working days, in the office's zone; ``exempt`` channels disturb nobody."""

    open: time
    close: time
    exempt: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.open >= self.close:
            raise ValueError("开始（open）须早于结束（close）")
        return self


class Budget(_Part):
    """How much a person may be sent."""

    chases_per_period: int = Field(ge=1)


class Pace(_Part):
    """How much a channel takes: messages in any minute (None: as many as come), and how many at the same time."""

    per_minute: int | None = Field(default=None, ge=1)
    at_once: int = Field(default=20, ge=1)


class DeliveryRules(_Part):
    """How sending is tried.

    ``timeout_seconds`` bounds one try, ``lease_minutes`` how long a sender may be silent. ``retry_minutes`` are the
    waits after the first failures; when ``tries_per_channel`` are used up the recipient's next channel is tried, and
    once all were, the waits double up to ``longest_wait_minutes``, until the message has failed for ``give_up_days``.
    A channel is down after ``down_after`` failures with no success between, and is then tried by one message at a
    time, at least every ``probe_minutes``. ``pace`` says by the channel's name what it takes, where that is not what
    is known of its service. ``inside`` are networks of the office that a channel may reach although its URL, as the
    office wrote it, does not name them.
    """

    timeout_seconds: float = Field(gt=0)
    tries_per_channel: int = Field(ge=1)
    retry_minutes: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1)
    lease_minutes: int = Field(ge=1)
    longest_wait_minutes: int = Field(default=240, ge=1)
    give_up_days: int = Field(default=7, ge=1)
    down_after: int = Field(default=3, ge=1)
    probe_minutes: int = Field(default=15, ge=1)
    pace: Mapping[Annotated[str, Field(pattern=CHANNEL_SHAPE)], Pace] = {}
    inside: tuple[IPvAnyNetwork, ...] = ()


class Progress(_Part):
    """序时进度: percentage points below (or above) the elapsed share that count as behind (or ahead)."""

    behind_points: int = Field(ge=1, le=100)
    ahead_points: int = Field(ge=1, le=100)
    soon_days: int = Field(ge=1)


class Extensions(_Part):
    """Bounds of an extension: how often per period, and the longest one in calendar days.

    No instruction sets a limit later than the longest one, either.
    """

    per_period: int = Field(ge=0)
    longest_days: int = Field(ge=1)


class Parts(_Part):
    """分报: how long before the period's limit a part is due (``3wd``: working days, ``5d``: calendar days).

    Its unit is asked when the period opens, reminded ``remind`` before the part is due, and once it is late again and
    again at this distance; the lead unit then hears that it is missing.
    """

    days_before: OffsetText = Offset(count=3, unit="wd")
    remind: OffsetText = Offset(count=1, unit="wd")
    again: OffsetText = Offset(count=5, unit="wd")

    @model_validator(mode="after")
    def _reach_somewhere(self) -> Self:
        for name in ("days_before", "remind", "again"):
            if getattr(self, name).count < (name == "again"):
                raise ValueError(f"{name} 写天数或工作日数，如 3wd、5d，不写正负号")
        return self


class Suspensions(_Part):
    """挂账, in calendar days: the longest one, how long one lasts that a plan brings in; how often a review reminds."""

    longest_days: int = Field(default=365, ge=1)
    review_days: int = Field(default=30, ge=1)
    remind_again: OffsetText = Offset(count=5, unit="wd")


class StageRule(_Part):
    """One stage of closure: how long it may take, and who is asked (where nobody holds such a post, the office)."""

    within: OffsetText
    asked: tuple[Audience, ...] = Field(min_length=1)


class StageRung(_Part):
    """A reminder of a stage of closure, from its limit on: whoever is asked is reminded, and ``audience`` is told."""

    offset: OffsetText
    level: Level
    audience: tuple[Audience, ...] = ()


class ClosureChain(_Part):
    """What closure passes through, frozen when it begins: its stages in their order, how long publicity lasts (the
    first day counts), its reminders, after the last of them again and again at a distance, whether acceptance wants
    a file of evidence."""

    stages: Mapping[ClosureStage, StageRule]
    window: OffsetText
    rungs: tuple[StageRung, ...]
    again: OffsetText
    evidence: bool

    @property
    def order(self) -> list[ClosureStage]:
        """Its stages, the first one first: a table keeps no order of keys."""
        return [stage for stage in ClosureStage if stage in self.stages]


class Chain(_Part):
    """The stages of one kind of inspection, and how long publicity lasts there."""

    stages: tuple[ClosureStage, ...]
    window: OffsetText = Offset(count=7, unit="d")

    @model_validator(mode="after")
    def _has_its_stages_in_order(self) -> Self:
        order = [stage for stage in ClosureStage if stage in self.stages]
        if list(self.stages) != order or not {ClosureStage.ACCEPTANCE, ClosureStage.FILING} <= set(order):
            known = "、".join(ClosureStage)
            raise ValueError(f"销号环节（stages）须按次序写，各写一次，至少有 acceptance 和 filing：{known}")
        if self.window.count < 1:
            raise ValueError("公示期（window）写天数或工作日数，如 7d、10wd，至少1天")
        return self


class ClosureRules(_Part):
    """销号: the chain of every kind of inspection; a kind without one is struck off by a decision alone."""

    chains: Mapping[InspectionKind, Chain] = {}
    stages: Mapping[ClosureStage, StageRule] = {}
    rungs: tuple[StageRung, ...] = ()
    again: OffsetText = Offset(count=5, unit="wd")
    evidence: bool = True

    @model_validator(mode="after")
    def _every_stage_has_its_rule(self) -> Self:
        named = {stage for chain in self.chains.values() for stage in chain.stages}
        if missing := [stage for stage in ClosureStage if stage in named and stage not in self.stages]:
            raise ValueError(f"销号环节没有写时限和办理岗位（closure.stages）：{'、'.join(missing)}")
        if any(rule.within.count < 1 for rule in self.stages.values()) or self.again.count < 1:
            raise ValueError("销号的时限（within、again）写天数或工作日数，如 5wd、10d，至少1天")
        if list(self.rungs) != sorted(self.rungs, key=lambda rung: rung.offset.count):
            raise ValueError("销号的提醒（closure.rungs）须由早到晚排列")
        return self

    def chain(self, kind: InspectionKind) -> ClosureChain | None:
        """What closure passes through in an inspection of some ``kind``; None where it has no chain."""
        if (chain := self.chains.get(kind)) is None:
            return None
        stages = {stage: self.stages[stage] for stage in chain.stages}
        return ClosureChain(
            stages=stages, window=chain.window, rungs=self.rungs, again=self.again, evidence=self.evidence
        )


class LookbackRules(_Part):
    """回头看: after how many months what was struck off is looked at again, of which ``share`` in percent (drawn by the
    seed), within which time, by whom; what is to be improved is looked at once more after ``improve_days``."""

    months: tuple[Annotated[int, Field(ge=1, le=60)], ...] = ()
    share: int = Field(default=100, ge=0, le=100)
    seed: str = Field(default="", max_length=64)
    within: OffsetText = Offset(count=10, unit="wd")
    asked: tuple[Audience, ...] = (Audience.OFFICE,)
    improve_days: int = Field(default=30, ge=1)


class Load(_Part):
    """Above how many requests (periods opening or falling due) in one ISO week a unit's week is called crowded."""

    requests_per_week: int = Field(default=5, ge=1)


class SummaryRhythm(StrEnum):
    """How often the office gets its summary: every working day, on the first of a week, or never."""

    DAILY = "daily"
    WEEKLY = "weekly"
    NONE = "none"


class EvidenceLimits(_Part):
    """How large a file of evidence may be, how many a period may have, and what counts as evidence."""

    file_megabytes: int = Field(default=20, ge=1, le=500)
    files: int = Field(default=50, ge=1)
    discard_days: int | None = Field(default=None, ge=1)
    """After how many days the content of a file that was taken back goes, and one that nothing names; None: never."""
    kept: bool = True
    """Whether a measure that asks for evidence wants files that are kept here; the name of one is not enough then."""


class Backups(_Part):
    """When everything is copied into one file (a time of the office's day; none: never), which copies stay, after how
    long a missing one is a fault, and how often one is restored on trial."""

    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = "02:30"
    daily: int = Field(default=7, ge=1)
    weekly: int = Field(default=5, ge=0)
    monthly: int = Field(default=12, ge=0)
    late_hours: int = Field(default=36, ge=25)
    rehearse_days: int = Field(default=31, ge=1)


class Doors(_Part):
    """How long what opens a page lasts: a link to a matter, a link that signs in, a session; and the fewest signs of a
    password."""

    link_days: int = Field(default=90, ge=1)
    sign_in_minutes: int = Field(default=30, ge=1)
    session_hours: int = Field(default=12, ge=1)
    password_least: int = Field(default=12, ge=8, le=64)


class Right(_Part):
    """Who may do one kind of act: some posts of the measure (or of the round, for what is no measure's).

    ``proved``: it is taken only where it is known who acts, by his personal link or after signing in.
    """

    posts: tuple[Audience | Literal["listed"], ...] = Field(min_length=1)
    proved: bool = False


_UPPER = (Audience.DEPUTY, Audience.HEAD)
RIGHTS: Mapping[Act, Right] = MappingProxyType(
    {
        Act.REPORT: Right(posts=(Audience.HANDLER, Audience.LEADER, LISTED)),
        Act.PART: Right(posts=(Audience.OFFICE, LISTED)),
        Act.REVIEW: Right(posts=(Audience.OFFICE, *_UPPER, LISTED)),
        Act.DECIDE: Right(posts=(*_UPPER, Audience.OFFICE, LISTED)),
        Act.INSTRUCT: Right(posts=(*_UPPER, LISTED)),
        Act.EXCUSE: Right(posts=(Audience.OFFICE,)),
        Act.SUSPEND: Right(posts=(Audience.OFFICE, LISTED)),
        Act.CLOSE: Right(posts=(Audience.OFFICE, LISTED)),
        Act.ACCEPT: Right(posts=(Audience.OFFICE, *_UPPER, LISTED)),
        Act.SIGN: Right(posts=_UPPER),
        Act.RELEASE: Right(posts=(Audience.OFFICE, Audience.HEAD, LISTED)),
        Act.CONFIGURE: Right(posts=(Audience.OFFICE, LISTED)),
    }
)
"""Who may do what where an office says nothing else."""


class Policy(_Part):
    """Everything an office may change without touching code; the shipped file is ``config/policy.yaml``."""

    hours: Hours
    short_until_days: int = Field(ge=1)
    short: Ladder
    long: Ladder
    budget: Budget
    delivery: DeliveryRules
    progress: Progress
    extensions: Extensions
    load: Load = Load()
    parts: Parts = Parts()
    suspensions: Suspensions = Suspensions()
    closure: ClosureRules = ClosureRules()
    lookback: LookbackRules = LookbackRules()
    summary: SummaryRhythm = SummaryRhythm.DAILY
    acknowledge_hold: OffsetText
    acknowledge_longest: OffsetText = Offset(count=10, unit="wd")
    """How long an acknowledgement may hold that says until when and why."""
    correction: OffsetText = Offset(count=3, unit="wd")
    """How long a unit has at least to mend a returned report."""
    reopened_days: int = Field(default=30, ge=1)
    """How long work that is reopened has, where the plan names no date to come."""
    open_grace_hours: int = Field(ge=0)
    audit_grace_minutes: int = Field(ge=1)
    patrol_seconds: int = Field(default=150, ge=10)
    silence_hours: int = Field(ge=1)
    doors: Doors = Doors()
    evidence: EvidenceLimits = EvidenceLimits()
    backup: Backups = Backups()
    papers: tuple[Literal["province", "dispatch", "bulletin", "minutes"], ...] = ("province", "dispatch")
    """Papers that are put before the office by the calendar."""
    rights: Mapping[Act, Right] = RIGHTS
    """Who may do what; of acts that an office does not name the shipped table holds."""
    clock_jump_days: int = Field(default=60, ge=1)
    """Days after the last patrol beyond which it is the clock that is doubted: longer than any outage expected."""

    def right(self, act: Act) -> Right:
        """Who may do ``act``, where the office says nothing else as shipped."""
        return self.rights.get(act, RIGHTS[act])

    @model_validator(mode="after")
    def _nobody_is_pestered(self) -> Self:
        for name, ladder in (("short", self.short), ("long", self.long)):
            chases = sum(rung.kind is AlertKind.CHASE for rung in ladder.rungs)
            if chases > self.budget.chases_per_period:
                most = self.budget.chases_per_period
                raise ValueError(f"阶梯 {name} 有{chases}次催办，超过每期{most}次（budget.chases_per_period）")
        return self


@lru_cache
def load_policy(path: Path) -> Policy:
    """Read and check a policy file, once in a process.

    Args:
        path: the YAML file.

    Returns:
        The policy.

    Raises:
        FileProblems: with every fault.
    """
    return read_yaml(path, LARGEST).checked(Policy)
