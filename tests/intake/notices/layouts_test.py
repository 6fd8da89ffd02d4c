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
    "problems in turn, each with its own work": """
        二、落实决策部署有差距。一是坚持学习在先不到位。整改情况：一是组织学习。二是建立机制。二是谋划发展存在不足。整改情况：一是每月调度。二是带队检查。
        """,
    "the same between dashes": """
        二、问题整改情况
        ——关于坚持学习在先不到位。整改情况：1.组织学习。2.建立机制。
        ——关于谋划发展存在不足。整改情况：1.每月调度。2.带队检查。
        """,
    "measures in turn": """
        二、问题整改情况
        1.坚持学习在先不到位。
        整改情况：首先，组织学习。其次，建立机制。
        2.谋划发展存在不足。
        整改情况：首先，每月调度；最后，带队检查。
        """,
    "on the one hand, on the other": """
        二、问题整改情况
        1.坚持学习在先不到位。
        整改进展：一方面，组织学习；另一方面，建立机制。
        2.谋划发展存在不足。
        整改进展：一方面每月调度，另一方面带队检查。
        """,
    "letters": """
        问题一：坚持学习在先不到位
        整改举措：A.组织学习；B.建立机制。
        问题二：谋划发展存在不足
        整改举措：a)每月调度；b)带队检查。
        """,
    "numbers with a point inside": """
        一、问题整改情况
        1.1 坚持学习在先不到位
        整改具体措施：1）组织学习；2）建立机制。
        1.2 谋划发展存在不足
        整改具体措施：1）每月调度；2）带队检查。
        """,
    "lists of problems": """
        问题清单一：党建工作
        1-1 坚持学习在先不到位
        措施：①组织学习；②建立机制
        问题清单二：业务工作
        2-1 谋划发展存在不足
        措施：①每月调度；②带队检查
        """,
    "problems of feedback with a number, in fields": """
        一、党的领导方面
        反馈问题1：坚持学习在先不到位
        整改措施落实情况：（1）组织学习。（2）建立机制。
        二、党的建设方面
        反馈问题2：谋划发展存在不足
        整改措施落实情况：（1）每月调度。（2）带队检查。
        """,
    "problem and measures under numbers of their own": """
        一、党建工作方面
        （一）存在问题：坚持学习在先不到位。
        （二）整改措施：1.组织学习；2.建立机制。
        二、业务工作方面
        （一）存在问题：谋划发展存在不足。
        （二）整改措施：1.每月调度；2.带队检查。
        """,
    "labelled problems of one field": """
        （一）党的领导方面
        问题：坚持学习在先不到位
        整改情况：①组织学习；②建立机制
        问题：谋划发展存在不足
        整改情况：①每月调度；②带队检查
        """,
    "labels and numbers with spaces behind them": """
        1 坚持学习在先不到位
        整改措施 1.组织学习 2.建立机制
        2 谋划发展存在不足
        整改措施 1.每月调度 2.带队检查
        """,
    "a space before the sign of a number": """
        一 、关于坚持学习在先不到位的问题
        整改情况：
        1 .组织学习
        2 .建立机制
        二 、关于谋划发展存在不足的问题
        整改情况：
        1 .每月调度
        2 .带队检查
        """,
    "problems in the heading's text": """
        一、存在问题一：坚持学习在先不到位。
        整改完成情况：第一，组织学习。第二，建立机制。
        二、存在问题二：谋划发展存在不足。
        整改完成情况：第一，每月调度。第二，带队检查。
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


def test_problems_listed_under_one_label_have_the_measures_of_their_numbers() -> None:
    draft = notice("""
        反馈问题：1.支部作用不强；2.学习形式单一。
        整改措施：1.分类定级；2.每月开展活动。
        整改情况：1.完成定级；2.已开展6次。
        反馈问题：3.公车管理不规范。
        整改措施：3.安装定位系统。
        """)
    assert outline(draft) == [
        ("支部作用不强", ["分类定级"]),
        ("学习形式单一", ["每月开展活动。"]),
        ("公车管理不规范", ["安装定位系统。"]),
    ]
    assert [one.state_note for one in measures(draft)] == ["完成定级", "已开展6次。", ""]


def test_several_problems_in_turn_with_one_work_are_one_finding() -> None:
    draft = notice("""
        一、落实部署不到位。一是机制不健全。二是演练不够。整改情况：修订办法，组织演练。
        """)
    assert outline(draft) == [("落实部署不到位", ["修订办法，组织演练。"])]
    assert [one.text for one in draft.unplaced] == ["一是机制不健全。", "二是演练不够。"]


def test_an_audit_that_goes_through_its_problems_sentence_by_sentence() -> None:
    draft = notice("""
        二、审计查出问题整改情况
        1.关于预算管理不严的问题。对支出未细化问题，财政局完善办法。对规模偏大问题，财政局压减两成；每月通报。
        """)
    assert outline(draft) == [
        ("关于预算管理不严的问题", ["对支出未细化问题，财政局完善办法。", "对规模偏大问题，财政局压减两成；每月通报。"])
    ]


def test_an_audit_that_takes_its_problems_up_by_number() -> None:
    draft = notice("""
        一、整改工作总体部署和推进情况
        （一）高度重视。召开专题会议。
        二、审计查出问题的整改情况
        1.针对预算不细的问题，财政局完善办法。
        2.3个项目超概算问题。部分整改。已补办手续2个。
        """)
    assert outline(draft) == [
        ("针对预算不细的问题", ["财政局完善办法。"]),
        ("3个项目超概算问题", ["已补办手续2个。"]),
    ]
    assert [(one.state, one.duration) for one in measures(draft)] == [("in_progress", None)] * 2


def test_problems_listed_first_and_taken_up_again_are_found_once() -> None:
    draft = notice("""
        一、巡察反馈问题
        1.理论学习不扎实
        2.科研诚信教育不足
        二、整改措施及落实情况
        （一）针对“理论学习不扎实”问题
        1.每月研讨；
        2.开展宣讲。
        （二）针对“科研诚信教育不足”问题
        1.修订规范。
        """)
    assert outline(draft) == [
        ("针对“理论学习不扎实”问题", ["每月研讨", "开展宣讲。"]),
        ("针对“科研诚信教育不足”问题", ["修订规范。"]),
    ]


def test_measures_and_what_came_of_them_under_bare_numbered_labels() -> None:
    draft = notice("""
        二、整改情况
        （一）关于监管不力的问题
        1.整改措施
        （1）清理项目。
        （2）建立机制。
        2.整改成效
        已退出2个项目，另1个2025年3月底前退出。
        """)
    assert outline(draft) == [("关于监管不力的问题", ["清理项目。", "建立机制。"])]
    assert [(ask.where, ask.phrase) for ask in draft.asks if ask.ask.startswith("进展中")] == [
        ("01-1", "2025年3月底前")
    ]


def test_what_came_of_it_is_told_with_the_measure() -> None:
    draft = notice("""
        1.关于学习不够的问题
        整改情况：一是组织学习；二是建立机制。
        整改成效：差错减少。
        """)
    assert outline(draft) == [("关于学习不够的问题", ["组织学习", "建立机制。"])]
    assert {one.state_note for one in measures(draft)} == {"差错减少。"}


def test_what_only_the_progress_promises_is_asked_about() -> None:
    draft = notice("""
        1.关于服务能力不足的问题
        整改措施：建设2家医院；每季度通报。
        整改情况：已建成1家，另1家2025年6月底前建成，每季度通报一次。
        """)
    assert [(ask.where, ask.phrase) for ask in draft.asks if ask.ask.startswith("进展中")] == [
        ("01-1", "2025年6月底前建成")
    ]


def test_each_measure_may_begin_with_its_own_state() -> None:
    draft = notice("""
        1.关于进度缓慢的问题
        整改情况：1.已完成整改。制定清单。2.正在整改。改造小区。
        """)
    assert [(one.text, one.state, one.state_note) for one in measures(draft)] == [
        ("制定清单。", "done_claimed", "已完成整改"),
        ("改造小区。", "in_progress", "正在整改"),
    ]


def test_a_problem_between_measures_and_their_label_ends_the_list() -> None:
    draft = notice("""
        一、关于学习不够的问题
        整改情况：
        1、组织学习。
        2、领导带头讲课。
        监督检查不到位
        整改情况：
        1、每月检查。
        """)
    assert outline(draft) == [
        ("关于学习不够的问题", ["组织学习。", "领导带头讲课。"]),
        ("监督检查不到位", ["每月检查。"]),
    ]


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


def test_the_heading_of_an_audit_holds_problems_that_are_only_named() -> None:
    draft = notice("""
        二、审计查出主要问题的整改情况
        （一）重大政策落实审计查出问题的整改情况
        1.惠企资金兑现不及时。县科经局已兑现资金560万元。
        2.部分项目建设进度缓慢。1个项目计划2026年3月竣工验收。
        """)
    assert outline(draft) == [
        ("惠企资金兑现不及时", ["县科经局已兑现资金560万元。"]),
        ("部分项目建设进度缓慢", ["1个项目计划2026年3月竣工验收。"]),
    ]


def test_problems_taken_up_below_a_heading_that_names_one_are_its_measures() -> None:
    draft = notice("""
        （二）管党治校存在宽松软
        1.科研经费管理不严
        针对报销不规范问题，开展核查；针对结题不结账问题，清理项目；针对制度不健全问题，修订办法。
        2.校办企业监管缺失
        已关停5家。
        """)
    assert [finding.title for finding in draft.findings] == ["科研经费管理不严", "校办企业监管缺失"]
    assert "针对报销不规范问题，开展核查" in measures(draft)[0].text


def test_what_is_numbered_anew_below_a_numbered_problem_stands_below_it() -> None:
    draft = notice("""
        二、整改任务、措施和时限
        问题一：思想政治工作抓得不实
        （一）学习不规范
        整改措施：1.制定计划；2.建立台账。
        （二）师德建设抓得不紧
        整改措施：开展专题教育。
        问题二：财务管理不严格
        （一）账务公开不及时
        整改措施：每月5日前公开上月收支情况。
        """)
    assert outline(draft) == [
        ("学习不规范", ["制定计划", "建立台账。"]),
        ("师德建设抓得不紧", ["开展专题教育。"]),
        ("账务公开不及时", ["每月5日前公开上月收支情况。"]),
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


def test_a_limit_that_is_kept_up_is_asked_about_as_such() -> None:
    draft = notice("""
        1.关于学习不够的问题
        整改措施：制定学习计划。
        责任部门：党政办公室  整改时限：2025年10月底前，并长期坚持
        """)
    assert str(measures(draft)[0].due) == "2025-10-31"
    assert "多久确认一次" in next(ask.ask for ask in draft.asks if ask.phrase == "长期坚持")


def test_who_and_when_is_said_on_one_line_and_may_stand_in_brackets() -> None:
    draft = notice("""
        1.关于培养不够的问题
        整改措施：
        (1)制定规划（牵头处室：人事处，配合处室：各处室，2024年5月30日前完成）
        (2)选派干部（责任处室：人事处；完成时限：2024年6月底前）
        责任领导：张某
        以上措施按月调度。
        """)
    first, second = measures(draft)
    assert (first.text, first.lead, first.assisting, str(first.due)) == (
        "制定规划", "人事处", ("各处室",), "2024-05-30",
    )  # fmt: skip
    assert (second.text, second.lead, second.leader) == ("选派干部", "人事处", "张某")
    assert ("第7行 正文", "以上措施按月调度。") in [(one.where, one.text) for one in draft.unplaced]
    assert ("第7行", "按月调度") in [(ask.where, ask.phrase) for ask in draft.asks]


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
    assert draft.findings[0].goal == "水面清洁。"


GOALS = {
    "on its own line": ("1.河道有浮萍。\n整改目标：水面清洁。\n整改措施：打捞清理。", ["水面清洁。"]),
    "of two tasks": (
        "1.河道有浮萍。\n整改目标：水面清洁。\n整改措施：打捞清理。\n2.垃圾入河。\n整改目标：全部清运。\n整改措施：设置围挡。",
        ["水面清洁。", "全部清运。"],
    ),
    "a list of goals": (
        "1.河道有浮萍。\n整改目标：\n（1）水面清洁。\n（2）岸坡整洁。\n整改措施：打捞清理。",
        ["（1）水面清洁。\n（2）岸坡整洁。"],
    ),
    "none": ("1.河道有浮萍。\n整改措施：打捞清理。", [""]),
}


@pytest.mark.parametrize(("text", "goals"), GOALS.values(), ids=GOALS.keys())
def test_a_goal_stays_with_its_problem(text: str, goals: list[str]) -> None:
    draft = notice(f"关于督察反馈问题整改方案\n{text}")
    assert [finding.goal.strip() for finding in draft.findings] == goals
    assert not any("目标" in one.where for one in draft.unplaced)


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


def test_a_day_behind_a_number_is_no_list_of_months() -> None:
    draft = notice("""
        问题一：财务管理不规范
        整改措施：
        1、5月20日前完成自查。
        2、6月底前修订办法。
        3.12月上旬通报结果。
        """)
    assert outline(draft) == [
        ("财务管理不规范", ["5月20日前完成自查。", "6月底前修订办法。", "12月上旬通报结果。"]),
    ]


def test_what_comes_next_is_no_problem_without_a_name_and_its_promises_are_asked_about() -> None:
    draft = notice("""
        某局党组巡察整改进展情况公示
        一、反馈问题整改落实情况
        1.关于“工程缓慢”的问题
        整改情况：倒排工期。
        二、下一步工作打算
        每季度向县委报告一次。
        """)
    assert [(finding.code, finding.title) for finding in draft.findings] == [("01", "关于“工程缓慢”的问题")]
    assert [ask.phrase for ask in draft.asks if "下一步" in ask.ask] == ["每季度向县委报告一次"]


def test_problems_that_are_not_done_yet_are_problems_though_their_section_speaks_of_what_comes_next() -> None:
    draft = notice("""
        2024年度审计查出问题整改情况汇报
        一、具体问题整改情况
        1.关于预算不细的问题。已细化预算。
        二、尚未整改到位的问题及下一步安排
        (一)关于项目推进缓慢的问题。每月调度项目进展。
        三、下一步工作打算
        (一)关于共性问题，加强监督。
        """)
    assert [finding.title for finding in draft.findings] == ["关于预算不细的问题", "关于项目推进缓慢的问题"]
    assert draft.facts.title == "2024年度审计查出问题整改情况汇报"
    assert any("关于共性问题" in one.text for one in draft.unplaced)
