"""The operators' first page, an artifact, and the saved searches beside it: what is late, waits, was escalated, is due.

Prefect's own dashboard cannot know lateness, and its filters know neither our states nor more than seven days.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from prefect import task
from prefect.artifacts import Artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient

from db import ledger, matters
from db.ledger import LedgerContext
from db.ledger.context import SYSTEM_ACTOR
from db.matters import Matter
from db.timeliness import UnitTimeliness, unit_timeliness
from papers.board import NEAR, OVERDUE, BoardSection, board_sections
from plan.types import PeriodState
from tasks.artifacts import before_pages, write_page
from tasks.context import Examined
from tasks.matters import in_ledger
from text.catalogue import date_text, phrase, term
from text.clean import markdown
from text.links import FIRST_PAGE, TEN_YEARS, matter_link, page_link, runs_link

MOST_LINES = 30
SEARCHES = (OVERDUE, "红灯", NEAR, term(PeriodState.WAITING), term(PeriodState.SUBMITTED), "待批示", "待批复")
"""The saved searches of the Runs page: each is a tag of our runs, and shows all that wait under it however old."""


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="首页")
async def publish_first_page(examined: Sequence[Examined], whole: bool = True) -> None:
    """Write the first page again when it reads differently.

    Args:
        examined: the checks of the engine; what is not well stands on top.
        whole: whether the pages of the ledger say what it says; else the last line warns that the next patrol writes
            them, and so the page is not current.
    """
    page = await in_ledger(SYSTEM_ACTOR, lambda ctx: _page(ctx, examined, whole))
    if page is not None:
        await write_page(FIRST_PAGE, page)


async def is_current(examined: Sequence[Examined]) -> bool:
    """Whether the first page is of today, of the ledger as it stands, and says of the engine what is so.

    A command may have changed the ledger and shown its runs since; then no patrol finds anything left to look at.

    Args:
        examined: the checks of the engine.
    """
    present = await Artifact.aget(FIRST_PAGE)
    lines = str(present.description).splitlines() if present else [""]
    as_of = await in_ledger(SYSTEM_ACTOR, _as_of)
    # Nothing else on the page is a list.
    return lines[-1] == as_of and _unwell(examined) == [one for one in lines if one.startswith("- ")]


def _page(ctx: LedgerContext, examined: Sequence[Examined], whole: bool) -> str | None:
    present = ledger.inspections(ctx.session)
    if not present:  # an empty ledger has no pages yet
        return None
    title = phrase("page.separator").join(one.title for one in present)
    ended = ledger.outcome_counts(ctx.session)
    now, found = ctx.now.astimezone(ctx.work_time.zone), matters.unfinished(ctx)
    rounds = {one.key: one.title for one in present} if len(present) > 1 else {}
    page = first_page(title, found, now, examined, ended, rounds, unit_timeliness(ctx))
    return f"{page}\n\n{_as_of(ctx)}{'' if whole else phrase('page.behind')}"


def _as_of(ctx: LedgerContext) -> str:
    """The last line: of which day the page is, and which entry of the trail was the last that it knows of."""
    return phrase("page.as_of", day=date_text(ctx.today), n=ledger.changes(ctx).head)


def first_page(
    title: str,
    found: Iterable[Matter],
    now: datetime,
    examined: Sequence[Examined] = (),
    ended: Mapping[str, int] = MappingProxyType({}),
    rounds: Mapping[str, str] = MappingProxyType({}),
    units: Sequence[UnitTimeliness] = (),
) -> str:
    """The page as Markdown.

    Args:
        title: of the inspections.
        found: the open matters.
        now: an aware instant in the office's zone.
        examined: the checks of the engine.
        ended: how many periods ended in which way; nothing is said of it where it is empty.
        rounds: where there are several inspections, the title of each by its key, in the order of the ledger.
        units: how punctual units were; nothing is said of it where it is empty.
    """
    sections = board_sections(found, now.date())
    unwell = _unwell(examined)
    counts = phrase("page.separator").join(phrase(f"page.{one.name}", n=len(one.matters)) for one in sections)
    over = ["", phrase("outcome.counts", **ended)] if ended else []
    head = [f"## {markdown(title)}", "", f"{counts}", *over, *(["", *unwell] if unwell else [])]
    body = [line for section in sections for line in _section(section)]
    lists = [f"[{tag}]({runs_link('', [tag])})" for tag in (*SEARCHES, *round_tags(rounds))]
    named = {
        f"{before_pages(place, key)}ledger": phrase("page.ledger_of", title=markdown(one))
        for place, (key, one) in enumerate(rounds.items())
    }
    named = (named or {"ledger": phrase("page.ledger")}) | {"patrol": phrase("page.patrol")}
    pages = [f"[{said}]({page_link('', key)})" for key, said in named.items()]
    return "\n".join(
        [*head, *body, *_punctuality(units), "", f"### {phrase('page.lists')}", "", " · ".join([*lists, *pages])]
    )


def _unwell(examined: Sequence[Examined]) -> list[str]:
    return [f"- {one.mark} {one.check}：{markdown(one.said)}" for one in examined if not one.ok or one.warned]


def _section(section: BoardSection) -> list[str]:
    found = section.matters
    heading = ["", f"### {phrase(f'page.{section.name}', n=len(found))}", ""]
    if not found:
        return [*heading, phrase("page.none")]
    several = any(one.round_title for one in found)
    names = ("state", "matter", "due", "asked", "unit", *(["round"] if several else []))
    columns = [phrase(f"page.column.{column}") for column in names]
    rows = [
        f"| {one.waiting_name} | [{markdown(one.name)}]({matter_link('', one.tag)}) | {one.due_on or ''} "
        f"| {markdown(phrase('page.separator').join(one.asked))} | {markdown(one.unit)} |"
        + (f" {markdown(one.round_title)} |" if several else "")
        for one in found[:MOST_LINES]
    ]
    more = [f"[{phrase('page.more', n=len(found))}]({runs_link('', [section.tag])})"] if len(found) > MOST_LINES else []
    return [
        *heading,
        f"| {' | '.join(columns)} |",
        f"|{' --- |' * len(names)}",
        *rows,
        *(["", *more] if more else []),
    ]


def _punctuality(units: Sequence[UnitTimeliness]) -> list[str]:
    """A table of facts in the order of the units' names."""
    if not units:
        return []
    names = ("unit", "ended", "in_time", "percent", "delay")
    rows = [
        f"| {markdown(one.unit)} | {one.ended} | {one.in_time} | {one.percent}% | {one.mean_delay or ''} |"
        for one in units[:MOST_LINES]
    ]
    more = [phrase("page.more_units", n=len(units) - MOST_LINES)] if len(units) > MOST_LINES else []
    return [
        *["", f"### {phrase('page.units')}", ""],
        f"| {' | '.join(phrase(f'page.column.{name}') for name in names)} |",
        f"|{' --- |' * len(names)}",
        *rows,
        *(["", *more] if more else []),
    ]


def round_tags(keys: Iterable[str]) -> list[str]:
    """The tags that runs of each of several inspections bear; ``keys`` are theirs."""
    return [phrase("tag.inspection", inspection=key) for key in keys]


async def sync_searches(client: PrefectClient) -> None:
    """Make the saved searches of the Runs page, one for each inspection where there are several; twice changes nothing.

    The client has no verb for them, so the server's route is called by its name.

    Args:
        client: a client of the Prefect server.
    """
    present = (await client._client.post("/saved_searches/filter", json={})).json()
    kept = {one["name"]: one["filters"] for one in present}
    keys = [one.key for one in await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.inspections(ctx.session))]
    for tag in (*SEARCHES, *(round_tags(keys) if len(keys) > 1 else ())):
        filters = [_filter("tag", [tag]), _filter("range", {"type": "span", "seconds": -TEN_YEARS})]
        if kept.get(tag) != filters:
            (await client._client.put("/saved_searches/", json={"name": tag, "filters": filters})).raise_for_status()


def _filter(what: str, value: Any) -> dict[str, Any]:
    return {"object": "flowRun", "property": what, "type": "", "operation": "", "value": value}
