"""``kill -9`` of the worker and of ``duban up``: what waits is there again, once, and nothing is told twice."""

import pytest

from tests.stack.office import Office, until

pytestmark = pytest.mark.prefect


def test_a_worker_killed_right_after_a_resume_is_replaced_and_the_report_arrives_once(small: Office) -> None:
    run = small.run_of("04-1")
    small.shows(run["id"], "待填报")
    victim = small.worker()
    small.resume(run["id"], body="恢复后填报", percent=40, by="王工")
    victim.kill()
    small.shows(run["id"], "待审核", seconds=90)
    assert small.worker().pid != victim.pid
    (period,) = small.read("show", "04-1")["periods"]
    assert [(one["body"], one["submitted_by"]) for one in period["submissions"]] == [("恢复后填报", "王工")]
    small.audit()


def test_a_killed_duban_up_goes_on_where_it_left_off(small: Office) -> None:
    small.run_once("patrol")
    small.run_once("deliver")
    waiting, counts, head = small.waiting(), small.counts(), small.audit()
    assert waiting["04-2 月报 · 2025年3月"] == "待填报"
    run = small.run_of("04-2")
    small.kill()
    small.up()
    assert "部署：新建0" in small.said
    small.quieten()
    until("the same runs wait under the same names", lambda: small.waiting() == waiting)
    small.run_once("patrol")
    assert (small.waiting(), small.counts(), small.audit()) == (waiting, counts, head)
    small.resume(run["id"], body="重启后填报", percent=70, by="王工")
    small.shows(run["id"], "待审核")
