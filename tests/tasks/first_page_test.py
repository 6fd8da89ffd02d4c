"""The operators' first page: what is late, waits, was escalated to whom and is due, each with a link that stays."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from prefect.artifacts import Artifact, acreate_markdown_artifact
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from db import ledger, matters
from db.ledger import Report
from tasks.context import Examined
from tasks.first_page import SEARCHES, first_page, is_current, publish_first_page, sync_searches
from tasks.titles import engine_title
from tests.conftest import ContextAt, at
from tests.plans import measure, plan_of
from tests.tasks.conftest import Installed, ask
from text.links import FIRST_PAGE

NOW = "2025-03-05T09:00"


@pytest.fixture
def supervised(
    installed: Installed, activated: Callable[..., Any], patrol_at: Callable[..., Any], ledger_at: ContextAt
) -> None:
    """February's report of 01-1 is late and escalated, that of 01-2 waits for its review; March is open."""
    installed.set_clock(NOW)
    activated("2025-02-03T09:00", plan_of(measure("01-1"), measure("01-2", title="第二项|<b>")))
    with ledger_at("2025-02-20T09:00", "经办人") as ctx:
        ledger.submit(ctx, 2, Report(body="已调度", percent=100))
    for moment in ("2025-03-01T09:00", NOW):
        patrol_at(moment)


def _read(ledger_at: ContextAt, moment: str = NOW) -> str:
    with ledger_at(moment) as ctx:
        return first_page("第一轮巡察", matters.unfinished(ctx), at(moment))


@pytest.mark.usefixtures("supervised")
def test_it_says_what_is_late_to_review_and_escalated_to_whom_with_links_that_stay(ledger_at: ContextAt) -> None:
    page = _read(ledger_at)
    assert page.startswith("## 第一轮巡察\n\n逾期1项、待审核1项、督办单1份、待批复延期0项、十四天内到期0项")
    link = "/runs?tag=period-1&type=span&seconds=-315360000"
    assert f"| 逾期·橙 | [01-1 每月报送 · 2025年2月]({link}) | 2025-02-28 | handler | 水科 |" in page
    assert "| 待审核 | [01-2 每月报送 · 2025年2月](/runs?tag=period-2&" in page
    (sheet,) = [line for line in page.splitlines() if "tag=escalation-1&" in line]
    assert "| deputy | 水科 |" in sheet
    assert "[逾期](/runs?tag=%E9%80%BE%E6%9C%9F&type=span&seconds=-315360000)" in page


@pytest.mark.usefixtures("supervised")
def test_what_is_due_within_fourteen_days_is_on_it(ledger_at: ContextAt) -> None:
    assert "十四天内到期2项" in _read(ledger_at, "2025-03-20T09:00")


def test_a_long_list_is_cut_and_its_link_shows_the_rest(
    installed: Installed, activated: Callable[..., Any], ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", plan_of(*(measure(f"01-{number}") for number in range(1, 41))))
    page = _read(ledger_at, "2025-02-20T09:00")
    assert page.count("/runs?tag=period-") == 30
    assert "[全部40项](/runs?tag=" in page


def test_what_is_unwell_stands_on_top() -> None:
    page = first_page("第一轮巡察", [], at(NOW), [Examined("送达", False, "停了")])
    assert "✗ 送达：停了" in page.split("###")[0]


def test_runs_of_the_engine_say_what_they_did() -> None:
    then = at("2025-05-12T09:05")
    assert engine_title("patrol", then, {"opened": 0, "alerts": 3, "escalations": 2}) == "巡检 05-12 09:05 · 提醒3 升2"
    assert engine_title("deliver", then, {}) == "送达 05-12 09:05 · 无事"


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect", "supervised")
class TestInPrefect:
    """Against a real server."""

    def test_the_address_of_its_key_opens_the_board_itself_however_often_it_is_written(
        self, ledger_at: ContextAt
    ) -> None:
        async def opened(client: PrefectClient) -> tuple[str, list[Any]]:
            await publish_first_page.fn([])
            versions = await client.read_artifacts(
                artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[FIRST_PAGE]))
            )
            shown = (await client._client.get("/artifacts/duban/latest")).json()
            return shown["description"], [one.id for one in versions]

        board, versions = ask(opened)
        assert "逾期1项、待审核1项、督办单1份" in board
        assert ask(opened) == (board, versions)
        with ledger_at(NOW, "李局") as ctx:
            ledger.acknowledge(ctx, 1)
        changed, same = ask(opened)
        assert changed != board
        assert (len(versions), same) == (1, versions)

    def test_a_page_of_an_earlier_version_becomes_the_board(self) -> None:
        async def story(client: PrefectClient) -> Any:
            await acreate_markdown_artifact("## 旧页", key="duban", description="督办首页")
            await publish_first_page.fn([])
            return (await client._client.get("/artifacts/duban/latest")).json()

        found = ask(story)
        assert "逾期1项" in found["description"]
        assert not found["data"]

    def test_it_is_current_until_the_ledger_the_day_or_the_health_of_the_engine_is_another(
        self, installed: Installed, ledger_at: ContextAt
    ) -> None:
        async def current(*examined: Examined) -> bool:
            return await is_current(examined)

        idle = Examined("工作进程", False, "没有在线的工作进程")
        asyncio.run(publish_first_page.fn([idle]))
        assert asyncio.run(current(idle))
        assert not asyncio.run(current())
        asyncio.run(publish_first_page.fn([]))
        assert asyncio.run(current())
        with ledger_at(NOW, "李局") as ctx:
            ledger.acknowledge(ctx, 1)
        assert not asyncio.run(current())
        asyncio.run(publish_first_page.fn([]))
        installed.set_clock("2025-03-06T00:05")
        assert not asyncio.run(current())

    def test_it_is_not_current_while_the_pages_of_the_ledger_are_behind_and_says_so(self) -> None:
        async def written(whole: bool) -> tuple[str, bool]:
            await publish_first_page.fn([], whole)
            found = await Artifact.aget("duban")
            assert found is not None
            return str(found.description).splitlines()[-1], await is_current([])

        behind, current = asyncio.run(written(False))
        assert behind.endswith("；台账各页本次未及更新，由下次巡检补上")
        assert not current
        assert asyncio.run(written(True)) == (behind.partition("；")[0], True)

    def test_the_saved_searches_are_made_and_mended(self) -> None:
        async def story(client: PrefectClient) -> Any:
            await sync_searches(client)
            wrong = {"name": SEARCHES[0], "filters": []}
            await client._client.put("/saved_searches/", json=wrong)
            await sync_searches(client)
            return (await client._client.post("/saved_searches/filter", json={})).json()

        found = {one["name"]: one["filters"] for one in ask(story)}
        assert set(SEARCHES) <= set(found)
        assert {one["property"]: one["value"] for one in found[SEARCHES[0]]} == {
            "tag": [SEARCHES[0]],
            "range": {"type": "span", "seconds": -315360000},
        }
