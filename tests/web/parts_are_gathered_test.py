"""A unit hands its part in on its own page, with its files; the lead unit's page starts from it and says who lacks."""

from collections.abc import Callable
from typing import Any

import pytest

from db import ledger
from db.ledger.replay import verify
from tests.conftest import ContextAt
from tests.plans import gathering
from tests.web.conftest import NOW, Browser, LinkOf
from tests.web.evidence_test import PHOTO

New = Callable[[], Browser]
EAST, LAW, REPORT = "part-1", "part-2", "period-1"


@pytest.fixture(autouse=True)
def asked(activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """March's report of 01-1 waits for the parts of two units."""
    activated("2025-03-03T09:00", gathering())
    patrol_at(NOW)


def _draft(reader: Browser) -> str:
    return reader.page.select_one("textarea[name=body]").text.strip()  # type: ignore[union-attr]


def test_a_part_comes_in_by_its_own_page_and_the_report_gathers_it(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    east, lead, office = browser(), browser(), browser()
    assert east.open(link_of("east", EAST)) == 200
    assert "东站分报 · 01-1 每月报送 · 2025年3月，分报期限 2025-03-26" in east.said
    assert east.buttons == ["提交", "暂存"]
    assert east.press("submit", percent="六成", body="已清理河道三公里") == 422
    assert _draft(east) == "已清理河道三公里"
    assert east.press("submit", percent="60", body="") == 422
    assert "分报内容不能为空" in east.said
    assert east.press("submit", percent="60", body="已清理河道三公里") == 200
    assert ("已登记。" in east.said, "此事项已了结" in east.said, east.buttons) == (True, True, [])
    lead.open(link_of("handler", REPORT))
    assert _draft(lead) == "东站：已清理河道三公里"
    assert "东站（east，2025-03-12，进度60%）：已清理河道三公里" in lead.said
    assert "尚缺分报：法规科（2025-03-03 起请报，分报期限 2025-03-26）" in lead.said
    assert lead.press("submit", percent="40") == 200
    office.open(link_of("office", REPORT))
    assert "未收到分报：法规科" in office.said
    law = browser()
    assert law.open(link_of("law", LAW)) == 200
    assert ("未分报" in law.said, law.buttons) == (True, [])
    with ledger_at(NOW) as ctx:
        assert verify(ctx.session).whole


def test_a_part_is_kept_as_a_draft_and_goes_on_tomorrow(
    browser: New, link_of: LinkOf, set_clock: Callable[[str], None]
) -> None:
    east = browser()
    east.open(link_of("east", EAST))
    assert east.press("keep", body="写到一半") == 200
    set_clock("2025-03-13T09:00")
    other = browser()
    other.open(link_of("east", EAST))
    assert ("暂存的内容" in other.said, _draft(other)) == (True, "写到一半")


def test_the_files_of_a_part_go_along_with_the_report(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    east, lead, link = browser(), browser(), link_of("east", EAST)
    east.open(link)
    filled = {"question": "part", "body": "已清理河道三公里", "percent": "", "button": "keep"}
    east._show(east.client.post(link, data=filled, files={"files": ("现场.jpg", PHOTO, "image/jpeg")}))
    assert "现场.jpg" in east.said
    assert east.client.get(f"{link}/file/1").content == PHOTO
    # Who leads sees it and cannot take it back; the other unit does not see it.
    lead.open(link_of("handler", REPORT))
    assert ("现场.jpg" in lead.said, "撤回“现场.jpg”" in lead.said) == (True, False)
    law = browser()
    law.open(link_of("law", LAW))
    assert "现场.jpg" not in law.said
    assert law.client.get(f"{link_of('law', LAW)}/file/1").status_code == 404
    assert east.press("submit") == 200
    assert lead.press("submit", percent="40", body="汇总") == 200
    with ledger_at(NOW) as ctx:
        report = ledger.measure_view(ctx, "01-1")["periods"][0]["submissions"][0]
        assert report["evidence"] == ["现场.jpg（东站，材料1）"]
        assert verify(ctx.session).whole


def test_the_lead_units_link_does_not_open_the_part_nor_another_units(browser: New, link_of: LinkOf) -> None:
    stranger = browser()
    link = link_of("law", LAW)
    stranger.open(link)
    answer = stranger.client.post(link_of("law", EAST), data={"question": "part", "body": "冒报", "button": "submit"})
    assert answer.status_code == 409
    assert "未请law办理" in answer.text


def test_one_who_signs_in_finds_the_part_on_his_desk(signed_in: Callable[[str], Browser]) -> None:
    law = signed_in("law")
    law.open("/me")
    assert "法规科分报 · 01-1 每月报送 · 2025年3月" in law.said
    law.open("/me/part-2")
    assert law.press("submit", body="已审核合同两份") == 200
    law.open("/me?tab=done")
    assert "分报" in law.said
