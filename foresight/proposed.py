"""A change that is not in force yet, read from a file: another plan, another policy, or a calendar correction.

What it would do is tried with the ledger's own commands in a savepoint that is rolled back: nothing is written.
"""

import re
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from db import ledger
from db.ledger import LedgerContext
from db.ledger.amend import CONSOLE_ACTOR
from foresight.planned import planned
from papers.workbooks import plan_from
from plan.model import Plan
from plan.overrides import load_overrides
from plan.policy import Policy, load_policy
from rules.calendar import WorkCalendar
from rules.forecast import ForecastInput
from rules.work_time import WorkTime
from text.refusals import Refusal

LARGEST = 1024 * 1024
"""Bytes of a YAML file that are looked at to tell what it is."""
_TOP_LEVEL = re.compile(r"^([a-z_]+):", re.MULTILINE)


class ChangeKind(StrEnum):
    """What a file changes."""

    PLAN = "plan"
    POLICY = "policy"
    CALENDAR = "calendar"


_SIGNS = {
    ChangeKind.PLAN: {"inspection", "findings", "roles", "units"},
    ChangeKind.POLICY: {"hours", "short", "long", "budget"},
    ChangeKind.CALENDAR: {"holidays", "workdays", "published"},
}
"""The top-level keys that only a file of this kind has."""


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """The rules as they would be: ``plan`` only where the file is one."""

    kind: ChangeKind
    policy: Policy
    work_time: WorkTime
    plan: Plan | None = None


def read_change(file: Path, policy: Policy, work_time: WorkTime, calendars: Path) -> ProposedChange:
    """The change that a file describes, on top of what is in force.

    Args:
        file: a plan, a policy or a calendar correction.
        policy: in force.
        work_time: in force.
        calendars: the folder of calendar corrections in force.

    Raises:
        Refusal: ``change_unknown`` when the file is none of the three.
        FileProblems: it is one of them, and wrong; the text names file, line and fault.
    """
    kind = kind_of(file)
    if kind is ChangeKind.PLAN:
        return ProposedChange(kind, policy, work_time, plan_from(file).plan)
    if kind is ChangeKind.POLICY:
        other = load_policy(file)
        return ProposedChange(kind, other, replace(work_time, hours=other.hours))
    return ProposedChange(kind, policy, replace(work_time, calendar=_corrected(file, calendars)))


def kind_of(file: Path) -> ChangeKind:
    """What ``file`` changes, told by its suffix and its top-level keys. Raises ``Refusal`` (``change_unknown``)."""
    if file.suffix.lower() == ".xlsx":
        return ChangeKind.PLAN
    with file.open("rb") as opened:
        # Looked at and not parsed: a file with a fault still says by its keys what it was meant to be.
        keys = set(_TOP_LEVEL.findall(opened.read(LARGEST).decode("utf-8", "replace")))
    kind = next((kind for kind, signs in _SIGNS.items() if keys & signs), None)
    if kind is None:
        raise Refusal("change_unknown", file=file.name)
    return kind


def _corrected(file: Path, calendars: Path) -> WorkCalendar:
    """The calendar with ``file`` among the corrections in force; one of the same name is replaced by it."""
    with TemporaryDirectory() as folder:
        # The file last, so that it takes the place of its namesake.
        for path in [*calendars.glob("*.yaml"), file]:
            shutil.copyfile(path, Path(folder, path.with_suffix(".yaml").name))
        return WorkCalendar.china(load_overrides(Path(folder)))


def ledger_under(change: ProposedChange, ctx: LedgerContext, key: str | None = None) -> ForecastInput:
    """What the ledger would owe under a change; everything is undone again.

    Args:
        change: as read from its file; a plan of an inspection that is not loaded yet would be loaded.
        ctx: the context; the change takes effect at its ``now``.
        key: of one inspection; None: of all.

    Raises:
        Refusal: whatever the ledger would refuse the plan for.
    """
    with ctx.session.begin_nested() as trial:
        other = LedgerContext(ctx.session, change.work_time, change.policy, ctx.now, CONSOLE_ACTOR)
        loaded = [one.key for one in ledger.inspections(ctx.session)]
        if change.plan is not None and change.plan.inspection.key not in loaded:
            ledger.activate(other, change.plan)
        elif change.plan is not None:
            ledger.amend(other, change.plan, base_digest=None, apply=True)
        if change.kind is ChangeKind.CALENDAR:
            ledger.reproject(other, apply=True)
        # Read before it is undone, into plain values that outlive the savepoint.
        found = ledger.forecast_input(other, key)
        trial.rollback()
    return found


def plan_under(change: ProposedChange, plan: Plan, now: datetime) -> ForecastInput:
    """What ``plan``, or the one that takes its place, would owe if it were activated at ``now`` under ``change``."""
    return planned(change.plan or plan, change.policy, change.work_time, now)
