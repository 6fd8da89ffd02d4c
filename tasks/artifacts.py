"""The pages operators read in the Prefect UI: ledger, findings, the last patrol; written when they change.

Prefect keeps every version of an artifact under an id of its own; the address of its key alone stays. That address
opens the list of the versions under the *description* of the newest: so what people read stands there.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from prefect import get_client, task
from prefect.artifacts import (
    Artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey
from prefect.client.schemas.objects import ArtifactCollection

from config.settings import settings
from db import ledger, matters
from db.ledger import LedgerContext
from db.ledger.context import SYSTEM_ACTOR
from db.matters import Matter
from plan.types import WorkState
from tasks.context import Examined
from tasks.matters import in_ledger
from tasks.projection import PAGE, always
from text.catalogue import missed_text, phrase, term
from text.clean import markdown
from text.links import version_link

_LAMP_SIGNS = {"none": "", "blue": "🔵", "green": "🟢", "yellow": "🟡", "orange": "🟠", "red": "🔴"}
FINISHED = (WorkState.ACCEPTED, WorkState.CLOSED)
MEASURES_WITH_BARS = 500
_TOTALS = (
    ("opened", "新开期次"),
    ("rungs", "到点节点"),
    ("alerts", "新增提醒"),
    ("escalations", "新增督办单"),
    ("messages", "新建消息"),
    ("parked", "搁置期次"),
    ("restored", "复原的改动"),
    ("created", "新建运行"),
    ("replaced", "另建运行"),
    ("renamed", "改名运行"),
    ("woken", "唤醒运行"),
    ("left", "留待下次的运行"),
    ("undeployed", "未能更新的部署（应为0）"),
    ("failed", "本次未能更新的运行（应为0）"),
    ("parked_runs", "搁置的运行（应为0）"),
    ("open_escalations", "待处理督办单"),
    ("unsent", "待发消息"),
    ("dead_letters", "无法送达的消息"),
    ("channels_down", "中断的通道"),
    ("oldest_undelivered_minutes", "最久未能发出（分钟）"),
    ("due_in_seven_days", "七天内到期"),
    ("overlooked", "遗漏节点（应为0）"),
    ("unarmed", "无人照看期次（应为0）"),
)


async def write_page(key: str, text: str) -> None:
    """Make the address of ``key`` open this text; nothing is written where it does.

    It is one artifact, changed in place: a page that follows the ledger would leave a copy of itself with each patrol.

    Args:
        key: of the artifact.
        text: the page as Markdown.
    """
    async with get_client() as client:
        present = await Artifact.aget(key, client)
        if present is None:
            await acreate_markdown_artifact("", key=key, description=text)
        elif (present.description, present.data) != (text, ""):
            await client.update_artifact(present.id, ArtifactUpdate(description=text, data=""))


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="巡检小结")
async def publish_patrol(totals: dict[str, Any], examined: Sequence[Examined]) -> None:
    """Whether the engine is well and the last patrol's numbers, as markdown.

    Args:
        totals: what the patrol found and what was shown of it.
        examined: the checks of the engine.
    """
    at = datetime.fromisoformat(totals["at"]).astimezone(settings().zone)
    state = "🟢 运行正常" if all(one.ok for one in examined) else "🔴 运行异常"
    rows = [f"| {label} | {totals.get(key, 0)} |" for key, label in _TOTALS]
    more = "　**未处理完，下次继续**" if totals["truncated"] else ""
    checks = [f"- {one.mark} {one.check}：{markdown(one.said)}" for one in examined]
    trail = phrase("audit.anchor", length=totals["trail_length"], head=totals["trail_head"])
    head = [f"## {state}", "", f"时刻 {at:%Y-%m-%d %H:%M}{more}", "", *checks, "", trail]
    table = ["", "| 项目 | 数量 |", "| --- | ---: |", *rows]
    await write_page("patrol", "\n".join(head + table))


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="台账页")
async def publish_ledger(go_on: Callable[[], bool] = always) -> bool:
    """The whole ledger and a page per finding, each written again only when it reads differently.

    Args:
        go_on: asked before each page; once it says no, the others are left as they are.

    Returns:
        Whether all of them say what the ledger says now.
    """
    for before, key in (await in_ledger(SYSTEM_ACTOR, _pages)).items():
        if not go_on():
            return False
        view = await in_ledger(SYSTEM_ACTOR, partial(ledger.ledger_view, key=key))
        title, of_round = view["inspection"]["title"], f"（{view['inspection']['title']}）" if before else ""
        await _table(f"{before}ledger", [_row(measure) for measure in view["measures"]], f"台账：{title}")
        await _progress(before, view)
        titles = {finding["code"]: finding["title"] for finding in view["findings"]}
        for code, measures in groupby(view["measures"], key=lambda measure: measure["finding"]):
            if not go_on():
                return False
            rows = [_row(measure) for measure in measures]
            page = f"{before}finding-{code.lower()}".replace(".", "-")
            await _table(page, rows, f"反馈问题{code}：{titles[code]}{of_round}")
    return True


def _known_progress(before: str, view: dict[str, Any]) -> dict[str, tuple[float, str]]:
    """How far the round and its measures are, by the keys of their artifacts, with what is said of each."""
    measures = view["measures"]
    far = {one["code"]: 100 if one["work_state"] in FINISHED else one["percent"] for one in measures}
    reported = [percent for percent in far.values() if percent is not None]
    if not reported:
        return {}
    title = markdown(view["inspection"]["title"])
    mean = round(sum(reported) / len(measures), 1)
    said = phrase("page.progress_round", title=title, known=len(reported), n=len(measures))
    found = {f"{before}progress": (mean, said)}
    # Of a province only the round: nobody looks for one measure among thousands of bars.
    for one in measures if len(measures) <= MEASURES_WITH_BARS else ():
        if (percent := far[one["code"]]) is not None:
            # The key says the inspection already.
            own = one["code"].rpartition("/")[2].lower().replace(".", "-")
            found[f"{before}progress-{own}"] = (float(percent), markdown(f"{one['code']} {one['title']}"))
    return found


async def _progress(before: str, view: dict[str, Any]) -> None:
    """A bar for the round and for each measure that was reported on; written again only where it moved."""
    wanted = _known_progress(before, view)
    keys, present = list(wanted), dict[str, ArtifactCollection]()
    async with get_client() as client:
        for start in range(0, len(keys), PAGE):
            named = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=keys[start : start + PAGE]))
            found = await client.read_latest_artifacts(artifact_filter=named, limit=PAGE)
            present |= {one.key: one for one in found}
        for key, (percent, said) in wanted.items():
            known = present.get(key)
            if known is None:
                await acreate_progress_artifact(percent, key, said)
            elif (float(str(known.data)), known.description) != (percent, said):
                await aupdate_progress_artifact(known.latest_id, percent, said, client)


@task(cache_policy=NO_CACHE, persist_result=False, task_run_name="办理经过 {matter.name}")
async def publish_history(matter: Matter) -> None:
    """What was reported, reviewed and decided about ``matter`` until it ended, on the page of its run."""
    told = await in_ledger(SYSTEM_ACTOR, lambda ctx: matters.history(ctx, matter))
    await acreate_markdown_artifact(told, key=f"{matter.subject}-{matter.id}", description=f"办理经过：{matter.name}")


def _pages(ctx: LedgerContext) -> dict[str, str]:
    """The keys of the inspections, each by what stands before the keys of its pages; an empty ledger has none yet."""
    return {before_pages(place, one.key): one.key for place, one in enumerate(ledger.inspections(ctx.session))}


def before_pages(place: int, key: str) -> str:
    """What stands before the keys of the pages of an inspection; the first one's are plain, whatever comes beside it.

    Args:
        place: of the inspection in the ledger, from 0.
        key: of the inspection.
    """
    return f"{key}-" if place else ""


def _row(measure: dict[str, Any]) -> dict[str, str]:
    due = min((duty["next_due_at"] for duty in measure["duties"] if duty["next_due_at"]), default="")
    return {
        "编号": measure["code"],
        "整改措施": markdown(measure["title"]),
        "牵头单位": markdown(measure["lead_unit"]),
        "时限类别": term(measure["duration_class"]),
        "工作状态": term(measure["work_state"]),
        "时间状态": term(measure["time_state"]),
        "灯": f"{_LAMP_SIGNS[measure['lamp']]}{term(measure['lamp'])}" if _LAMP_SIGNS[measure["lamp"]] else "",
        "最近期限": due[:10],
        "上期": markdown(measure["last_closed"] or ""),
        "督办事项": "；".join(markdown(duty["title"] + missed_text(duty["missed"])) for duty in measure["duties"]),
    }


async def _table(key: str, rows: Sequence[dict[str, str]], title: str) -> None:
    """A table can be searched on the page of its version only, so the page of its key leads to the newest."""

    def heading(version: UUID) -> str:
        return f"[{markdown(title)}]({version_link('', version)})"

    async with get_client() as client:
        present = await Artifact.aget(key, client)
        # Prefect keeps the rows as JSON text.
        if present and present.description == heading(present.id) and json.loads(str(present.data)) == rows:
            return
        made = await acreate_table_artifact(list(rows), key=key, description=markdown(title))
        await client.update_artifact(made, ArtifactUpdate(description=heading(made)))
