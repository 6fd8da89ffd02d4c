"""``duban audit``: the audit trail, told and compared with the ledger."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.shared import InspectionOption, Json, coded, print_json, say
from db import ledger
from db.ledger.records import AuditRecord, audit_records, periods_of_measure, rounds_of_entries
from db.ledger.replay import Anchor, RowDifference, Verdict, verify
from db.models import Measure
from papers.as_data import trail_data
from plan.types import Door
from rules.actors import folded
from tasks.anchors import noted_anchors
from tasks.context import ledger_context
from text.catalogue import PHRASES, phrase, term
from text.clean import line
from text.refusals import Refusal

app = typer.Typer(no_args_is_help=True)
READER = "duban audit"
MOST_SHOWN = 50
"""Differences told one by one; the rest are counted."""
_LONGEST_SHOWN = 60


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="audit", help="审计链：查看、核对。")


@app.command("verify")
def verify_command(
    head: Annotated[str | None, typer.Option("--head", help="另行存证的末条。")] = None,
    length: Annotated[int | None, typer.Option("--length", min=0, help="另行存证的条数。")] = None,
    as_json: Json = False,
) -> None:
    """核对审计链，逐行比对台账与存证；有不符时退出码为 1。"""
    if (head is None) != (length is None):
        raise Refusal("anchor_halved")
    given = [Anchor(length, head, phrase("audit.given"))] if head is not None and length is not None else []
    with ledger_context(READER) as ctx:
        verdict = verify(ctx.session, [*noted_anchors(), *given])
    if as_json:
        print_json(asdict(verdict))
    else:
        for told in told_verdict(verdict):
            say(told, err=not verdict.whole)
    if not verdict.whole:
        raise typer.Exit(1)


def told_verdict(verdict: Verdict) -> Iterator[str]:
    """What was found, a line for each, at most fifty differences; for a whole trail its length and head.

    Args:
        verdict: what ``verify`` found.
    """
    if verdict.broken_at is not None:
        yield phrase("audit.broken", entry=verdict.broken_at)
    for anchor in verdict.cut:
        yield phrase("audit.cut", noted=anchor.noted, length=anchor.length, head=anchor.head)
    for one in verdict.differences[:MOST_SHOWN]:
        yield _difference(one)
    if more := len(verdict.differences) - MOST_SHOWN:
        yield from [phrase("audit.more", n=more)] if more > 0 else []
    if verdict.whole:
        yield phrase("audit.whole", length=verdict.entries, head=verdict.head)
        if verdict.proven_from is not None and verdict.proven_from > 1:
            yield phrase("audit.proven", entry=verdict.proven_from)


def _difference(one: RowDifference) -> str:
    said = {"table": phrase(f"audit.table.{one.table}"), "name": line(one.name)}
    if one.column is None:
        return phrase("audit.row_gone" if one.found is None else "audit.row_new", **said)
    column = PHRASES.get(f"audit.column.{one.column}", one.column)
    values = {"recorded": line(str(one.recorded), _LONGEST_SHOWN), "found": line(str(one.found), _LONGEST_SHOWN)}
    return phrase("audit.row_changed", column=column, **said, **values)


@app.command("list")
def list_command(
    measure: Annotated[str | None, typer.Option("--measure", help="只看这项措施，如 02-3。")] = None,
    by: Annotated[str | None, typer.Option("--by", help="只看此人办理的。")] = None,
    inspection: InspectionOption = None,
    as_json: Json = False,
) -> None:
    """列出审计链：何时、何人、办了什么。"""
    with ledger_context(READER) as ctx:
        asked = ledger.measure_by_code(ctx.session, coded(measure, inspection)) if measure is not None else None
        if inspection is not None:
            ledger.inspection(ctx.session, inspection)
        periods = periods_of_measure(ctx, asked) if asked is not None else frozenset()
        rounds, several = rounds_of_entries(ctx), len(ledger.inspections(ctx.session)) > 1
        zone = ctx.work_time.zone
        found = [
            one
            for one in audit_records(ctx)
            if (by is None or folded(one.actor) == folded(by))
            and (inspection is None or inspection in rounds.of(one))
            and (asked is None or _is_about(one, asked, periods))
        ]
    if as_json:
        print_json(trail_data(found, rounds, zone))
        return
    for one in found:
        act = PHRASES.get(f"audit.act.{one.command}", one.command)
        say(
            " ".join(
                [
                    f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
                    *([f"〔{'、'.join(rounds.of(one))}〕"] if several and rounds.of(one) else []),
                    one.actor,
                    act,
                    line(one.subject),
                    *_told(one.facts),
                ]
            )
        )


def _is_about(entry: AuditRecord, measure: Measure, periods: frozenset[int]) -> bool:
    facts = entry.facts
    named = {facts.get("period"), *facts.get("periods", ()), *(claim[0] for claim in facts.get("claims", ()))}
    # A difference of a duty is named by the code of its measure and its own key; the entry by the inspection.
    amended = entry.subject == measure.inspection.key
    changed = amended and any(change[2].split(" ")[0] == measure.code for change in facts.get("changes", ()))
    return bool(named & periods) or changed or entry.subject.split(" ")[0] == measure.full_code


def _told(facts: dict[str, Any]) -> Iterator[str]:
    for name, value in facts.items():
        if value not in (None, "", []) and (known := PHRASES.get(f"audit.fact.{name}")):
            said = "、".join(map(str, value)) if isinstance(value, list) else str(value)
            yield known.format(value=line({"True": "是", "False": "否"}.get(said, said)))
    if door := facts.get("door"):
        yield phrase("audit.by_door", door=term(Door(door)))
