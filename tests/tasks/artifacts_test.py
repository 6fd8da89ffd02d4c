"""The pages operators read: written when they read differently, and harmless whatever a title holds."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from prefect.artifacts import Artifact

import tasks.artifacts
from db import ledger
from db.ledger import Report
from db.models import Measure
from tasks.artifacts import publish_ledger, publish_patrol
from tasks.cards import measure_card
from tasks.context import Examined
from tasks.deployments import measure_specs
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.tasks.conftest import Installed
from text.catalogue import phrase

NOW = "2025-02-10T09:00"
TOTALS = {
    "at": "2025-02-10T01:00:00+00:00",
    "doubt": None,
    "truncated": False,
    "overlooked": 0,
    "unarmed": 0,
    "alerts": 3,
    "trail_length": 12,
    "trail_head": "ab" * 32,
}


@pytest.fixture
def supervised(installed: Installed, activated: Callable[..., Any]) -> None:
    installed.set_clock(NOW)
    question = {"phrase": "定期", "ask": "多久一次？", "suggest": "每月"}
    reporting = duty(assumed=True, source="措施二 *每月*")
    activated(
        "2025-02-03T09:00",
        plan_of(measure("01-1", text="改 <b>好</b>\n# 标题", duties=[reporting], questions=[question])),
    )


def _artifact(key: str) -> Artifact:
    found = asyncio.run(Artifact.aget(key))
    assert found is not None
    return found


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect", "supervised")
class TestPages:
    """Against a real server."""

    def test_the_ledger_is_a_table_that_is_written_again_only_when_it_reads_differently(
        self, ledger_at: ContextAt
    ) -> None:
        asyncio.run(publish_ledger.fn())
        first, of_finding = _artifact("ledger"), _artifact("finding-01")
        (row,) = json.loads(str(first.data))
        assert (row["编号"], row["工作状态"], row["最近期限"]) == ("01-1", "整改中", "2025-02-28")
        assert str(of_finding.description).startswith("[反馈问题01：")
        assert f"](/artifacts/artifact/{of_finding.id})" in str(of_finding.description)
        asyncio.run(publish_ledger.fn())
        assert _artifact("ledger").id == first.id
        with ledger_at(NOW, "经办人") as ctx:
            ledger.submit(ctx, 1, Report(body="已调度", percent=100))
        with ledger_at(NOW, "整改办") as ctx:
            ledger.review(ctx, 1, accept=True)
        asyncio.run(publish_ledger.fn())
        assert _artifact("ledger").id != first.id

    def test_when_the_time_is_up_the_pages_are_left_as_they_are_and_the_next_patrol_writes_them(
        self, ledger_at: ContextAt
    ) -> None:
        assert asyncio.run(publish_ledger.fn())
        first, of_finding = _artifact("ledger"), _artifact("finding-01")
        with ledger_at(NOW, "经办人") as ctx:
            ledger.submit(ctx, 1, Report(body="已调度", percent=100))
        with ledger_at(NOW, "整改办") as ctx:
            ledger.review(ctx, 1, accept=True)
        assert not asyncio.run(publish_ledger.fn(lambda: False))
        assert _artifact("ledger").id == first.id
        once = iter([True, False])
        assert not asyncio.run(publish_ledger.fn(lambda: next(once)))
        assert (_artifact("ledger").id == first.id, _artifact("finding-01").id) == (False, of_finding.id)
        assert asyncio.run(publish_ledger.fn())
        assert _artifact("finding-01").id != of_finding.id

    def test_progress_is_a_bar_of_the_round_and_of_each_measure_that_moves_when_it_does(
        self, ledger_at: ContextAt, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ledger_at(NOW) as ctx:
            # Nobody has reported: a bar would say that nothing was done.
            assert tasks.artifacts._known_progress("", ledger.ledger_view(ctx, key="test-round")) == {}

        def reported(percent: int, period: int) -> None:
            with ledger_at(NOW, "经办人") as ctx:
                ledger.submit(ctx, period, Report(body="已调度", percent=percent))
            with ledger_at(NOW, "整改办") as ctx:
                ledger.review(ctx, period, accept=True)

        reported(40, 1)
        asyncio.run(publish_ledger.fn())
        bar, of_round = _artifact("progress-01-1"), _artifact("progress")
        assert (bar.type, float(str(bar.data)), float(str(of_round.data))) == ("progress", 40.0, 40.0)
        assert str(of_round.description) == "第一轮巡察：平均进度（1项中1项已报，未报的按0计）"

        async def written(*_: Any) -> None:
            raise AssertionError("nothing has moved")

        with monkeypatch.context() as still:
            still.setattr(tasks.artifacts, "aupdate_progress_artifact", written)
            still.setattr(tasks.artifacts, "acreate_progress_artifact", written)
            asyncio.run(publish_ledger.fn())

    def test_the_last_patrol_says_whether_the_engine_is_well(self) -> None:
        well, stopped = Examined("送达", True, "刚刚"), Examined("送达", False, "停了")
        asyncio.run(publish_patrol.fn(TOTALS, [well]))
        assert "| 新增提醒 | 3 |" in str(_artifact("patrol").description)
        assert "运行正常" in str(_artifact("patrol").description)
        assert phrase("audit.anchor", length=12, head="ab" * 32) in str(_artifact("patrol").description)
        asyncio.run(publish_patrol.fn(TOTALS | {"truncated": True}, [well, stopped]))
        page = str(_artifact("patrol").description)
        assert "🔴 运行异常" in page
        assert "✗ 送达：停了" in page
        assert "时刻 2025-02-10 09:00" in page  # the office's zone
        assert "未处理完" in page


@pytest.mark.usefixtures("supervised")
def test_the_card_of_a_measure_says_what_it_owes_and_marks_nothing_up(ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        card = measure_card(ctx.session.get_one(Measure, 1), {})
    assert r"**改 \<b\>好\</b\> \# 标题**" in card
    assert "每月报送" in card
    assert "推定，待确认" in card
    assert r"措施二 \*每月\*" in card
    assert "「定期」多久一次？（暂按：每月）" in card
    assert "逾期未报" not in card


@pytest.mark.usefixtures("supervised")
def test_the_card_of_a_measure_names_its_missed_periods_and_leads_to_its_runs(
    ledger_at: ContextAt, patrol_at: Callable[..., Any]
) -> None:
    for moment in ("2025-03-01T09:00", "2025-04-01T09:00"):
        patrol_at(moment)
    with ledger_at("2025-04-02T09:00") as ctx:
        (spec,) = measure_specs(ctx)
    assert "（逾期未报2期：2025年2月、2025年3月）" in spec.description
    assert "](/runs?flow-run-search=01-1+&type=span&seconds=-315360000)" in spec.description
