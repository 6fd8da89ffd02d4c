"""The layouts of published notices: whichever way problems and measures are numbered, they are found."""

import pytest

from tests.intake.notices.reading import measures, notice, outline

LAYOUTS = {
    "numbered problems, a label, one is two is": """
        二、具体问题整改情况
        1.坚持学习在先不到位。
        整改情况:一是组织学习;二是建立机制。
        2.谋划发展存在不足。
        整改情况:一是每月调度;二是带队检查。
        """,
    "the same in full width": """
        二、具体问题整改情况
        １．坚持学习在先不到位。
        整改情况：一是组织学习；二是建立机制。
        ２．谋划发展存在不足。
        整改情况：一是每月调度；二是带队检查。
        """,
    "a field of problems above": """
        二、整改落实情况
        (一)在“党的领导”方面
        1.坚持学习在先不到位
        整改情况：
        一是组织学习。
        二是建立机制。
        （二）在“党的建设”方面
        2.谋划发展存在不足
        整改情况：
        一是每月调度。
        二是带队检查。
        """,
    "measures numbered in brackets": """
        一、坚持学习在先不到位的问题
        整改落实情况：
        （1）组织学习。
        （2）建立机制。
        二、谋划发展存在不足的问题
        整改落实情况：
        （1）每月调度。
        （2）带队检查。
        """,
    "measures numbered like the problems": """
        二、反馈问题整改情况
        1.坚持学习在先不到位
        整改情况：
        1.组织学习。
        2.建立机制。
        2.谋划发展存在不足
        整改情况：
        1.每月调度。
        2.带队检查。
        """,
    "the label on the line of the problem": """
        二、整改进展情况
        （一）坚持学习在先不到位。整改情况：一是组织学习；二是建立机制。
        （二）谋划发展存在不足。整改情况：一是每月调度；二是带队检查。
        """,
    "no label at all": """
        二、具体整改情况
        （一）坚持学习在先不到位。一是组织学习。二是建立机制。
        （二）谋划发展存在不足。一是每月调度。二是带队检查。
        """,
    "everything on one line": """
        二、具体整改情况。（一）坚持学习在先不到位。一是组织学习。二是建立机制。（二）谋划发展存在不足。一是每月调度。二是带队检查。
        """,
    "problems without a number": """
        二、问题整改情况
        坚持学习在先不到位
        整改情况：一是组织学习；二是建立机制。
        谋划发展存在不足
        整改情况：一是每月调度；二是带队检查。
        """,
    "problems named by a label": """
        反馈问题：坚持学习在先不到位
        整改措施：1.组织学习。2.建立机制。
        反馈问题：谋划发展存在不足
        整改措施：1.每月调度。2.带队检查。
        """,
    "a label in heavy brackets": """
        一、关于坚持学习在先不到位的问题
        【整改情况】①组织学习；②建立机制。
        二、关于谋划发展存在不足的问题
        【整改情况】①每月调度；②带队检查。
        """,
    "a number before the word problem": """
        (一)上轮巡察未整改到位
        1.问题1:坚持学习在先不到位
        整改情况:
        (1)组织学习。
        (2)建立机制。
        2.问题2:谋划发展存在不足
        整改情况:
        (1)每月调度。
        (2)带队检查。
        """,
    "ordinals": """
        二、问题整改情况
        1.坚持学习在先不到位。
        整改情况：第一，组织学习。第二，建立机制。
        2.谋划发展存在不足。
        整改情况：第一，每月调度。第二，带队检查。
        """,
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_two_problems_with_two_measures_each(text: str) -> None:
    draft = notice(text)
    assert [
        (title.removeprefix("关于").removesuffix("的问题"), [one.rstrip("。") for one in texts])
        for title, texts in outline(draft)
    ] == [
        ("坚持学习在先不到位", ["组织学习", "建立机制"]),
        ("谋划发展存在不足", ["每月调度", "带队检查"]),
    ]
    assert [one.code for one in measures(draft)] == ["01-1", "01-2", "02-1", "02-2"]


def test_a_group_of_feedback_is_no_problem_of_its_own() -> None:
    draft = notice("""
        二、集中整改期内整改进展情况
        (一)反馈问题:落实审计整改不够有力，成效不佳
        1.主体责任扛得不牢，本轮仍然存在。
        整改状态:完成
        整改情况:综合用交流、核增编制等办法有序消化。
        2.监督责任有差距。
        整改状态:阶段性完成
        整改情况:建立长效机制。
        """)
    assert outline(draft) == [
        ("主体责任扛得不牢，本轮仍然存在", ["综合用交流、核增编制等办法有序消化。"]),
        ("监督责任有差距", ["建立长效机制。"]),
    ]


def test_a_group_whose_problems_run_on_keeps_their_numbers() -> None:
    draft = notice("""
        二、整改情况
        （一）在党的领导方面
        5.关于学习不够的问题
        整改情况：已组织学习。
        （二）在党的建设方面
        7.关于制度不全的问题
        整改情况：修订制度。
        """)
    assert [finding.code for finding in draft.findings] == ["05", "07"]


def test_numbers_that_begin_anew_are_replaced_by_running_ones() -> None:
    draft = notice("""
        二、整改情况
        （一）在党的领导方面
        1.关于学习不够的问题
        整改情况：已组织学习。
        （二）在党的建设方面
        1.关于制度不全的问题
        整改情况：修订制度。
        """)
    assert [finding.code for finding in draft.findings] == ["01", "02"]


def test_a_second_list_stays_inside_its_measure() -> None:
    draft = notice("""
        1.关于牵头抓总不到位的问题
        整改情况:一是系统谋划。首先补短板；其次控失分；第三争加分。(1)列清单;(2)抓落实。二是成立专班。
        """)
    [(_, texts)] = outline(draft)
    assert texts == ["系统谋划。首先补短板；其次控失分；第三争加分。(1)列清单;(2)抓落实。", "成立专班。"]


def test_what_stands_before_the_first_item_stays_with_it() -> None:
    draft = notice("""
        1.关于学习不够的问题
        整改情况:召开专题会研究。一是组织学习;二是建立机制。
        """)
    assert outline(draft) == [("关于学习不够的问题", ["召开专题会研究。组织学习", "建立机制。"])]


def test_text_without_a_list_is_one_measure() -> None:
    draft = notice("""
        1.关于财务不规范的问题
        整改情况:制度已修订。
        相关款项已退回。
        """)
    assert outline(draft) == [("关于财务不规范的问题", ["制度已修订。\n相关款项已退回。"])]


def test_what_will_be_done_is_a_measure_too() -> None:
    draft = notice("""
        1.关于管网老旧的问题
        整改情况:一是已完成普查。
        下一步措施：每季度抽查一次。
        """)
    assert outline(draft) == [("关于管网老旧的问题", ["已完成普查。", "每季度抽查一次。"])]
    assert [hint.phrase for hint in measures(draft)[1].hints] == ["每季度抽查一次"]


def test_how_the_work_was_organised_is_context() -> None:
    draft = notice("""
        一、整改工作组织情况
        一是提高认识，每月专题研究。二是加强领导。
        二、整改落实情况
        1.关于学习不够的问题
        整改情况:组织学习。
        三、下一步工作打算
        （一）坚持不懈。
        欢迎广大干部群众监督。联系电话：000。
        """)
    assert [finding.title for finding in draft.findings] == ["关于学习不够的问题"]
    assert [one.where for one in draft.unplaced] == [
        "第2行 整改工作组织",
        "第3行 整改工作组织",
        "第4行 小标题",
        "第7行 下一步工作",
        "第8行 下一步工作",
        "第9行 落款和联系方式",
    ]


def test_a_problem_whose_measures_are_not_printed_is_asked_about() -> None:
    draft = notice("""
        (一)在“核心作用发挥不足”方面
        1.关于“学习不够”问题的整改
        """)
    assert outline(draft) == [("关于“学习不够”问题的整改", [])]
    assert [ask.ask for ask in draft.asks if ask.where == "01"] == [
        "通报没有写这个问题的整改措施，措施是什么，由谁负责，何时完成？"
    ]


def test_who_and_when_of_one_measure_and_of_a_whole_problem() -> None:
    draft = notice("""
        1.关于管网老旧的问题
        整改措施：
        (1)完成普查。责任单位：水科；整改时限：2025年6月底前。
        (2)改造管网。
        责任领导：张某
        责任单位：工程科、财务科
        完成时限：2025年12月31日
        """)
    first, second = measures(draft)
    assert (first.text, first.lead, str(first.due), first.leader) == ("完成普查。", "水科", "2025-06-30", "张某")
    assert (second.text, second.lead, second.assisting, str(second.due)) == (
        "改造管网。",
        "工程科",
        ("财务科",),
        "2025-12-31",
    )


CLOSURES = {
    "headings as labels": """
        突出生态环境问题整改验收销号公示
        清单问题已整改完成，并通过核查验收。现公示如下:
        一、整改问题
        (一)河道有浮萍。
        二、整改实施主体
        园区管委会
        三、重点措施
        (一)打捞清理。
        四、目标任务
        (一)完成清理。
        五、完成时限
        2024年12月底
        六、整改完成情况
        (一)经核查，无浮萍。
        如有异议，请反映。
        """,
    "labels with a colon": """
        督察整改任务验收公示
        该任务已完成整改并通过验收。
        整改任务：河道有浮萍。
        整改责任单位：园区管委会
        整改时限：2024年12月底
        整改措施：打捞清理。
        整改完成情况：经核查，无浮萍。
        监督电话：000
        """,
}


@pytest.mark.parametrize("text", CLOSURES.values(), ids=CLOSURES.keys())
def test_a_closure_publicity_is_an_accepted_problem(text: str) -> None:
    draft = notice(text)
    assert outline(draft) == [("河道有浮萍", ["打捞清理。"])]
    [measure] = measures(draft)
    assert (measure.state, measure.lead, str(measure.due)) == ("accepted", "园区管委会", "2024-12-31")
    assert measure.state_note == "经核查，无浮萍。"


def test_a_closure_without_measures_reports_its_deeds() -> None:
    draft = notice("""
        省督察第10项整改任务完成情况公示
        整改任务：河道有浮萍。
        整改目标：水面清洁。
        整改完成情况：1、完成打捞。2、建立巡查制度。
        """)
    assert outline(draft) == [("河道有浮萍", ["完成打捞。", "建立巡查制度。"])]


def test_a_closure_of_two_problems_shares_their_measures_out() -> None:
    draft = notice("""
        突出问题整改验收销号公示
        一、整改问题
        (一)河道有浮萍。
        (二)垃圾入河。
        二、重点措施
        (一)打捞清理。
        (二)设置围挡。
        """)
    assert outline(draft) == [("河道有浮萍", ["打捞清理。"]), ("垃圾入河", ["设置围挡。"])]
