"""Limits of notices: to whom they apply, which year they are of, and what they say of the state of the work."""

import pytest

from intake.draft import Ask, Draft
from tests.intake.notices.reading import notice

HEAD = "关于督察反馈问题整改方案\n2024年3月5日\n"


def rows(text: str) -> list[tuple[str, str, str]]:
    """Title, limit and unit of every measure."""
    draft = notice(HEAD + text)
    return [(one.title, str(one.due), str(one.lead)) for finding in draft.findings for one in finding.measures]


ONE_PARAGRAPH = {
    "numbered": (
        "一、雨污混流问题\n整改措施：1.完成排查；2.每月调度。整改时限：2024年12月底前。责任单位：市住建局。责任人：王某某。",
        [("完成排查", "2024-12-31", "市住建局"), ("每月调度", "2024-12-31", "市住建局")],
    ),
    "in words": (
        "一、雨污混流问题\n整改措施：一是完成排查；二是每月调度；三是建章立制。完成时限：2024年10月底。牵头单位：甲局。",
        [(title, "2024-10-31", "甲局") for title in ("完成排查", "每月调度", "建章立制")],
    ),
    "each its own in brackets": (
        "一、排水不畅问题\n整改措施：1.清淤（责任单位：甲局）；2.疏浚（责任单位：乙局，整改时限：2024年5月底前）。",
        [("清淤", "None", "甲局"), ("疏浚", "2024-05-31", "乙局")],
    ),
    "on lines of their own": (
        "一、排水不畅问题\n整改措施：\n1.清淤。\n2.疏浚。\n整改时限：2024年5月底前\n责任单位：乙局",
        [("清淤", "2024-05-31", "乙局"), ("疏浚", "2024-05-31", "乙局")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), ONE_PARAGRAPH.values(), ids=ONE_PARAGRAPH.keys())
def test_who_and_when_behind_a_list_is_said_of_all_its_measures(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("limit", "due", "state"),
    [
        ("已完成", None, "done_claimed"),
        ("2024年1月30日（已完成）", "2024-01-30", "done_claimed"),
        ("已于2024年1月30日完成", "2024-01-30", "done_claimed"),
        ("2024年12月底", "2024-12-31", "in_progress"),
    ],
)
def test_a_limit_that_is_kept_up_to_date_gives_day_and_state(limit: str, due: str | None, state: str) -> None:
    draft = notice(f"{HEAD}一、雨污混流问题\n整改措施：清淤疏浚。\n完成时限：{limit}")
    (measure,) = draft.findings[0].measures
    assert (measure.due and str(measure.due), measure.state) == (due, state)
    assert not any("整改时限" in ask.ask for ask in draft.asks)


YEARS = {
    "a heading alone names it": "关于开展自查的通知\n一、2024年工作安排\n9月1日至9月30日，各单位开展自查。",
    "in brackets": "关于开展自查的通知\n一、工作安排（2024年）\n9月1日至9月30日，各单位开展自查。",
    "some lines above": "关于开展自查的通知\n一、2024年工作\n各单位要重视。\n9月1日至30日开展自查。",
    "one after another": "关于开展自查的通知\n一、2023年工作\n已完成。\n二、2024年工作\n9月1日至9月30日，开展自查。",
}


@pytest.mark.parametrize("text", YEARS.values(), ids=YEARS.keys())
def test_a_day_without_a_year_is_of_the_year_that_a_heading_names(text: str) -> None:
    asked = [ask.phrase for ask in _promised(notice(text))]
    assert len(asked) == 1
    assert asked[0].startswith("9月1日至")


def test_what_an_opening_tells_of_the_past_is_no_promise() -> None:
    told = notice(
        """
        http://jw.example.cn/c/2023-01-29/4656419.shtml
        2022年1月27日反馈。2023年1月17日，区委常委会听取整改进展报告。
        """
    )
    assert (str(told.facts.published_on), _promised(told)) == ("2023-01-29", [])


def _promised(draft: Draft) -> list[Ask]:
    return [ask for ask in draft.asks if "是否列为督办事项" in ask.ask]
