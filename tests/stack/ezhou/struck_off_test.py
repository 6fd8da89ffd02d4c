"""销号 on the real office: from the report that claims the work done to filing, each stage by whom its letter asks."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.stack.ezhou.conftest import SECOND
from tests.stack.ezhou.on_their_phones_test import OF_RUN, PHOTO, _acts, _letters, _page
from tests.stack.links import link_in
from tests.stack.office import Office, until

pytestmark = [pytest.mark.prefect, pytest.mark.browser]
MEASURE = f"{SECOND}/01-2"
RUN = "SELECT run_id FROM runs WHERE subject = 'closure' AND run_id IS NOT NULL ORDER BY subject_id DESC LIMIT 1"


def _open_as(office: Office, phone: Page, person: str, tag: str) -> None:
    phone.goto(office.read("link", person, "--matter", tag)["url"])


def test_a_measure_is_struck_off_from_the_claim_to_filing(ezhou: Office, phone: Page, tmp_path: Path) -> None:
    photo = tmp_path / "排口现场.png"
    photo.write_bytes(PHOTO)
    finish = ezhou.rows(
        """
        SELECT periods.id FROM periods JOIN duties ON duties.id = duty_id JOIN measures ON measures.id = measure_id
        WHERE full_code = %s AND duties.key = 'finish'
        """,
        MEASURE,
    )[0][0]
    _open_as(ezhou, phone, "赵磊", f"period-{finish}")
    phone.get_by_label("上传佐证材料").set_input_files(photo)
    phone.get_by_label("完成情况").fill("12个重点排口全部整治完成")
    phone.get_by_label("进度（%）").fill("100")
    phone.get_by_role("button", name="提交").click()
    _open_as(ezhou, phone, "整改办", f"period-{finish}")
    phone.get_by_role("button", name="通过").click()

    ezhou.run_once("patrol")
    run = until("a run for the closure", lambda: next((str(row[0]) for row in ezhou.rows(RUN)), None))
    shown = ezhou.shows(run, "待自查")
    assert shown["name"] == f"销号 · {MEASURE} 完成重点排口整治"
    tag = f"closure-{ezhou.rows(OF_RUN, run)[0][0]}"
    ezhou.run_once("deliver")
    phone.goto(link_in(ezhou, _letters(ezhou, "赵磊")[0], MEASURE))
    assert "待自查" in _page(phone)
    phone.get_by_label("自查情况").fill("对照目标，12个排口均已整治并验收")
    phone.get_by_role("button", name="自查完成").click()
    assert "待验收" in _page(phone)

    ezhou.run_once("deliver")
    phone.goto(link_in(ezhou, _letters(ezhou, "整改办")[0], MEASURE))
    assert "排口现场.png" in _page(phone)
    phone.get_by_label("现场核查日期").fill("2025-05-12")
    phone.get_by_label("验收意见").fill("现场抽查4个排口，与填报一致")
    phone.get_by_role("button", name="验收通过").click()
    assert "待公示" in _page(phone)
    phone.get_by_label("公示首日").fill("2025-05-12")
    phone.get_by_label("公示载体").fill("市政府网站督察整改专栏")
    phone.get_by_label("所印截止日期").fill("2025-05-20")
    phone.get_by_role("button", name="已发布公示").click()
    # Ten working days from the 12th on, the first one counted, end on the 23rd.
    assert "至2025-05-23" in _page(phone)
    phone.get_by_label("所印截止日期").fill("2025-05-23")
    phone.get_by_role("button", name="已发布公示").click()
    ezhou.shows(run, "公示中")
    phone.get_by_label("异议人").fill("居民")
    phone.get_by_label("异议内容").fill("北侧排口仍有污水")
    phone.get_by_role("button", name="登记异议").click()
    assert "待答复异议" in _page(phone)
    phone.get_by_label("答复").fill("经核实为雨水，已告知本人")
    phone.get_by_role("button", name="异议不成立").click()
    assert "公示中" in _page(phone)
    phone.get_by_role("button", name="公示期满，办结").click()
    assert "公示至2025-05-23届满" in _page(phone)
    later = {"DUBAN_CLOCK": "2025-05-26T09:00"}
    ezhou.duban("closure", MEASURE, "end-publicity", "无其他异议", "--by", "整改办", **later)
    ezhou.shows(run, "待签字")

    asked = ezhou.read("closure", MEASURE, "--json")[0]["asked"]
    assert "周建国" in asked
    for leader in asked:
        _open_as(ezhou, phone, leader, tag)
        phone.get_by_role("button", name="签字", exact=True).click()
        assert "已登记。" in _page(phone)
    ezhou.shows(run, "待备案")
    _open_as(ezhou, phone, "整改办", tag)
    phone.get_by_label("备案编号").fill("鄂环督销〔2025〕3号")
    phone.get_by_role("button", name="备案销号").click()
    assert ezhou.shows(run, "已备案销号")["state"]["type"] == "COMPLETED"
    filed = [act[:4] for act in _acts(ezhou, 3)]
    assert filed == [(command, "整改办", "link", "true") for command in ("close", "plan-lookbacks", "closure-step")]
    state = "SELECT work_state FROM measures WHERE full_code = %s"
    assert ezhou.rows(state, MEASURE) == [("closed",)]
