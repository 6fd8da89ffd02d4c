"""The closed vocabularies of Duban: every word a plan, a rule or a table may use.

The values are what is written in YAML, in tables and in ``--json``; ``text/catalogue.py`` has the Chinese.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class InspectionKind(StrEnum):
    """Which regime the round belongs to (docs: party inspection, environmental inspection, audit, supervision)."""

    PARTY = "party"
    ENVIRONMENT = "environment"
    AUDIT = "audit"
    GOVERNMENT = "government"


class DurationClass(StrEnum):
    """How long a measure lasts: 立行立改, 限期, 分阶段, 长期坚持."""

    IMMEDIATE = "immediate"
    DATED = "dated"
    STAGED = "staged"
    STANDING = "standing"


class WorkState(StrEnum):
    """Where the work on a measure stands; set by people only."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE_CLAIMED = "done_claimed"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    REOPENED = "reopened"
    SUSPENDED = "suspended"


class PeriodState(StrEnum):
    """Where one period of a duty stands: 待填报, 待审核, 已办结, 已撤销; 免报, 并入下期 where the office ended it."""

    WAITING = "waiting"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"
    MERGED = "merged"


class PartState(StrEnum):
    """Where one part of a period stands: 待分报, 已分报; missed: the lead unit reported without it; withdrawn: the plan
    gathers nothing from its unit any more."""

    WAITING = "waiting"
    GIVEN = "given"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class ClosureStage(StrEnum):
    """The stages of closure (销号) in their order: 自查, 验收, 公示, 签字, 备案.

    Which of them there are is the office's policy, by the kind of inspection (domain.md 6).
    """

    SELF_CHECK = "self-check"
    ACCEPTANCE = "acceptance"
    PUBLICITY = "publicity"
    SIGN_OFF = "sign-off"
    FILING = "filing"


class ClosureState(StrEnum):
    """Where a closure stands; returned: the work goes on; withdrawn: its measure was suspended, amended or ended
    otherwise."""

    OPEN = "open"
    FILED = "filed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class ClosureAct(StrEnum):
    """What somebody did in a stage of closure."""

    PASSED = "passed"
    ANNOUNCED = "announced"
    SIGNED = "signed"
    RETURNED = "returned"


class LookbackState(StrEnum):
    """Where a look-back stands; dropped: the measure is asked anew for another reason."""

    PLANNED = "planned"
    WAITING = "waiting"
    DONE = "done"
    DROPPED = "dropped"


class LookbackResult(StrEnum):
    """How a look-back went (domain.md 2.3): 保持, 需完善, 反弹."""

    HOLDS = "holds"
    IMPROVE = "improve"
    REBOUNDED = "rebounded"


OPEN = (PeriodState.WAITING, PeriodState.SUBMITTED)
"""States of a period that is not over."""
EXCUSED = (PeriodState.SKIPPED, PeriodState.MERGED)
"""States of a period that the office let end without a report of its own."""


class EscalationState(StrEnum):
    """Where an escalation (督办单) stands; superseded: a higher one took over; closed: its period is late no
    more, or no more by the limit it was about."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    INSTRUCTED = "instructed"
    SUPERSEDED = "superseded"
    CLOSED = "closed"


LIVE = (EscalationState.OPEN, EscalationState.ACKNOWLEDGED)
"""States of an escalation that waits for a supervisor."""
UNANSWERED = (*LIVE, EscalationState.SUPERSEDED)
"""States of an escalation that nobody answered by an instruction, whether it still waits or a higher one took over."""


class TimeState(StrEnum):
    """What the clock says about an obligation, in the order from calm to urgent; always computed, never stored."""

    NOT_APPLICABLE = "not_applicable"
    STOPPED = "stopped"
    AHEAD = "ahead"
    ON_SCHEDULE = "on_schedule"
    UNKNOWN = "unknown"
    BEHIND = "behind"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


class Level(StrEnum):
    """The colour of a rung, in the order from calm to severe; what each colour means is the office's policy."""

    NONE = "none"
    BLUE = "blue"
    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


def severity(level: str) -> int:
    """The rank of ``level`` (a member, or its value as a table holds it): 0 for none, up to red's."""
    return _SEVERITY[level]


_SEVERITY: Mapping[str, int] = MappingProxyType({level: rank for rank, level in enumerate(Level)})
URGENT = severity(Level.ORANGE)
"""From this rank on a message goes by the channels that its reader named for what is urgent."""


class DutyKind(StrEnum):
    """What a duty asks for: 调度, 报送, 抽查, 学习, 完成, 巩固."""

    DISPATCH = "dispatch"
    REPORT = "report"
    CHECK = "check"
    STUDY = "study"
    FINISH = "finish"
    CONFIRM = "confirm"


class Cadence(StrEnum):
    """How often a duty falls due."""

    DAILY = "daily"
    WEEKLY = "weekly"
    TEN_DAY = "ten-day"
    HALF_MONTHLY = "half-monthly"
    MONTHLY = "monthly"
    BIMONTHLY = "bimonthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half-yearly"
    YEARLY = "yearly"
    ONCE = "once"


MONTHS_OF: Mapping[Cadence, int] = MappingProxyType(
    {
        Cadence.MONTHLY: 1,
        Cadence.BIMONTHLY: 2,
        Cadence.QUARTERLY: 3,
        Cadence.HALF_YEARLY: 6,
        Cadence.YEARLY: 12,
    }
)
"""How many months a period of a cadence lasts that counts in months."""


class Gather(StrEnum):
    """From which units a duty gathers parts, where it does not name them: those that assist, or those below."""

    ASSISTING = "assisting"
    SUBORDINATE = "subordinate"


class Roll(StrEnum):
    """What happens to a due date that is not a working day."""

    NONE = "none"
    PREVIOUS_WORKDAY = "previous_workday"
    NEXT_WORKDAY = "next_workday"
    NTH_WORKDAY_AFTER = "nth_workday_after"


class Precision(StrEnum):
    """Whether the source names a day or only a month."""

    DAY = "day"
    MONTH = "month"


class Audience(StrEnum):
    """Whom a rung speaks to; resolved to recipients through the measure and its inspection."""

    HANDLER = "handler"
    LEADER = "leader"
    ASSISTING = "assisting"
    CONTRIBUTOR = "contributor"
    DEPUTY = "deputy"
    HEAD = "head"
    DISCIPLINE = "discipline"
    OFFICE = "office"


UNIT = (Audience.HANDLER, Audience.LEADER)
"""The posts of the unit whose work a measure is: they report, and decide nothing about it."""
ONLY_INFORMED = frozenset({Audience.DISCIPLINE, Audience.ASSISTING, Audience.CONTRIBUTOR})
"""They get a copy of what others have to answer (domain.md 5.1); of a contributor nothing is asked but his part."""


class Act(StrEnum):
    """What a person may have a right to do; the policy's table ``rights`` says which posts have it.

    ``report``: hand in reports and evidence, ask for a later limit. ``part``: hand in a unit's part of a report for it,
    beside the posts of that unit. ``review``: accept or return. ``decide``: grant a
    later limit or not. ``instruct``: answer a sheet. ``excuse``: let a period end without a report of its own.
    ``suspend``, ``close``: change the state of a measure; ``accept``, ``sign``: stages of its closure. ``release``: say
    what may be published, release a paper.
    ``configure``: change the plan, confirm the clock, send anew.
    """

    REPORT = "report"
    PART = "part"
    REVIEW = "review"
    DECIDE = "decide"
    INSTRUCT = "instruct"
    EXCUSE = "excuse"
    SUSPEND = "suspend"
    CLOSE = "close"
    ACCEPT = "accept"
    SIGN = "sign"
    RELEASE = "release"
    CONFIGURE = "configure"


JUDGING = frozenset({Act.REVIEW, Act.DECIDE, Act.INSTRUCT, Act.EXCUSE, Act.SUSPEND, Act.CLOSE, Act.ACCEPT, Act.SIGN})
"""Acts that nobody does about his own work, whatever the table says."""
LISTED = "listed"
"""In the table of rights: whoever the operators added beside the posts of the plan."""


class Ground(StrEnum):
    """Why something is not published (domain.md 1.1): secrets, open cases, what may be hyped, what may rouse a crowd,
    whatever else is sensitive."""

    SECRET = "secret"  # noqa: S105 (a word)
    CASE = "case"
    HYPE = "hype"
    CROWD = "crowd"
    SENSITIVE = "sensitive"


class TurnRhythm(StrEnum):
    """How long a turn in a post that goes round lasts."""

    WEEK = "week"
    WORKDAY = "workday"


class EvidenceRule(StrEnum):
    """When evidence files must come with a report."""

    OPTIONAL = "optional"
    ON_FINISH = "on_finish"
    ALWAYS = "always"


class AlertKind(StrEnum):
    """What an alert is; ``rules/alert_kinds.py`` has what follows from it. The first eight also stand on ladders."""

    NOTICE = "notice"
    STALE = "stale"
    CHASE = "chase"
    WARNING = "warning"
    ESCALATION = "escalation"
    INTERVIEW = "interview"
    CIRCULAR = "circular"
    REVIEW = "review"
    RETURNED = "returned"
    REQUEST = "request"
    DECISION = "decision"
    CHANGE = "change"
    PART = "part"
    PART_MISSING = "part_missing"
    CLOSURE = "closure"
    CLOSURE_LATE = "closure_late"
    PAPER = "paper"
    DELEGATED = "delegated"
    OPERATOR = "operator"
    SUMMARY = "summary"
    SIGN_IN = "sign_in"


RUNG_KINDS = (
    AlertKind.NOTICE,
    AlertKind.STALE,
    AlertKind.CHASE,
    AlertKind.WARNING,
    AlertKind.ESCALATION,
    AlertKind.INTERVIEW,
    AlertKind.CIRCULAR,
    AlertKind.REVIEW,
)
"""Kinds of alerts that a rung of a ladder may raise; the others answer what somebody did."""
SHEET_KINDS = (AlertKind.ESCALATION, AlertKind.INTERVIEW, AlertKind.CIRCULAR)
"""Those that open a sheet, by which a supervisor is asked to act: 督办, 约谈, 通报 (domain.md 5.3)."""


class EventKind(StrEnum):
    """What a forecast tells: a period opens, a reminder, the due date itself, what asks a supervisor (an escalation, an
    interview, a circular), its repeat, a review reminder."""

    OPEN = "open"
    REMINDER = "reminder"
    DUE = "due"
    ESCALATION = "escalation"
    INTERVIEW = "interview"
    CIRCULAR = "circular"
    REPEAT = "repeat"
    REVIEW = "review"


class MessageState(StrEnum):
    """Where a queued message stands; ``moot``: nothing it had to say is true any more."""

    PENDING = "pending"
    LEASED = "leased"
    RETRY = "retry"
    SENT = "sent"
    MOOT = "moot"
    DEAD = "dead"


class Door(StrEnum):
    """By which way an act came in, and so whether the person who acted was proved."""

    CONSOLE = "console"
    COMMAND_LINE = "command_line"
    SHEET = "sheet"
    LINK = "link"
    SESSION = "session"
    API = "api"


PROVED = (Door.LINK, Door.SESSION, Door.API)
"""Doors at which it is known who acts: he holds what only he was given, or a system of the office vouches for him with
its token. At the others he only says so."""


class Fate(StrEnum):
    """What a failed try says of the next one.

    ``refused``: this message will never be taken there (a bad address, SMTP 5xx). ``temporary``: not now (greylisting).
    ``busy``: the channel takes no more at the moment (421, 429). ``away``: it was not reached. ``unusable``: as it is
    set up it takes nothing (not configured, wrong password), which an operator mends.
    """

    REFUSED = "refused"
    TEMPORARY = "temporary"
    BUSY = "busy"
    AWAY = "away"
    UNUSABLE = "unusable"


class DeliveryResult(StrEnum):
    """What became of one try; ``fallback``: the next channel takes over; ``lost``: another sender had taken it over."""

    SENT = "sent"
    MOOT = "moot"
    RETRY = "retry"
    FALLBACK = "fallback"
    DEAD = "dead"
    LOST = "lost"
