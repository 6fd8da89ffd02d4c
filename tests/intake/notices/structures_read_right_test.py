"""Structures of notices that are easily misread: measures that speak of problems, lists of records, tasks."""

import pytest

from tests.intake.notices.reading import notice, outline

HEAD = "关于巡察反馈问题整改情况的通报\n二、整改落实情况\n"

SPEAKS_OF_A_PROBLEM = {
    "by the way": "（1）每月学习；针对群众反映的灌溉“最后一公里”问题，争取资金680万元。\n（2）形成调研报告4篇。",
    "to solve it": "（1）解决“有人建、无人管”的问题。每月调度一次。\n（2）建立台账。",
    "to break it": "（1）破解“重建轻管”问题，建立台账。\n（2）着力化解“办事难”问题。",
    "to push it": "（1）推动“最后一公里”问题整改。\n（2）聚焦“看病贵”问题，每季度检查一次。",
    "at its end": "（1）每月学习；着力解决群众反映的“办事难”问题。\n（2）修订台账。",
}


@pytest.mark.parametrize("text", SPEAKS_OF_A_PROBLEM.values(), ids=SPEAKS_OF_A_PROBLEM.keys())
def test_a_measure_that_speaks_of_a_problem_stays_a_measure(text: str) -> None:
    draft = notice(f"{HEAD}（一）在落实部署方面\n1.关于“学习不系统”问题的整改\n{text}")
    assert [(title, len(its)) for title, its in outline(draft)] == [("关于“学习不系统”问题的整改", 2)]


RECORD = """一、{task}：市生环委全年只开会1次。
整改目标：压实责任。
{measures}：
1.调整组成人员，每季度召开1次全体会议。
2.加强调度，每月8日前汇总履职情况。
整改时限：2025年底前
责任单位：市生态环境局
进展情况：达到序时进度。
二、{task}：河道黑臭。
整改目标：消除黑臭。
{measures}：1.清淤疏浚。2.每月监测。
整改时限：2025年6月底前
责任单位：市住建局
进展情况：已完成。
"""


@pytest.mark.parametrize("task", ["整改任务", "反馈问题", "问题"])
@pytest.mark.parametrize("measures", ["整改措施", "具体整改措施"])
def test_a_list_of_records_is_read_record_by_record(task: str, measures: str) -> None:
    draft = notice("某市督察反馈问题整改进展清单\n" + RECORD.format(task=task, measures=measures))
    assert outline(draft) == [
        ("市生环委全年只开会1次", ["调整组成人员，每季度召开1次全体会议。", "加强调度，每月8日前汇总履职情况。"]),
        ("河道黑臭", ["清淤疏浚。", "每月监测。"]),
    ]
    first, second = draft.findings
    assert (first.goal, second.goal) == ("压实责任。", "消除黑臭。")
    assert [(str(one.due), one.lead) for one in first.measures] == [("2025-12-31", "市生态环境局")] * 2
    assert [(str(one.due), one.lead, one.state) for one in second.measures] == [
        ("2025-06-30", "市住建局", "done_claimed")
    ] * 2


SWALLOWED = {
    "signs": "2.窗口服务不规范。\n①办件超期。\n整改完成情况：优化流程。\n②态度生硬。\n整改完成情况：开展培训。",
    "brackets": "2.窗口服务不好。\n（1）办件超期。\n整改完成情况：优化。\n（2）态度生硬。\n整改完成情况：开展培训。",
}


@pytest.mark.parametrize("text", SWALLOWED.values(), ids=SWALLOWED.keys())
def test_a_problem_that_only_heads_others_is_not_swallowed_by_the_list_before_it(text: str) -> None:
    draft = notice(f"{HEAD}1.招标防控不严。\n整改完成情况：1.制定制度；2.开展培训；3.按季报送。\n{text}")
    assert [(title, len(its)) for title, its in outline(draft)] == [
        ("招标防控不严", 3),
        ("办件超期", 1),
        ("态度生硬", 1),
    ]


TASKS = {
    "in brackets": "1.取消审批事项。（牵头单位：市政务办；时限：6月底）\n2.每季度通报。（牵头单位：市政务办）",
    "behind the sentence": "（一）取消审批事项。责任单位：市政务办\n（二）每季度通报。责任单位：市政务办",
}


@pytest.mark.parametrize("text", TASKS.values(), ids=TASKS.keys())
def test_items_that_say_who_does_them_are_tasks_whatever_their_heading_is_called(text: str) -> None:
    draft = notice(f"2024年重点工作分工方案\n一、推进简政放权\n{text}")
    assert [(title, len(its)) for title, its in outline(draft)] == [("推进简政放权", 2)]
    assert {one.lead for one in draft.findings[0].measures} == {"市政务办"}
