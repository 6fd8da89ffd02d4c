"""The Ezhou notice of 2025-01-17: hints stand exactly where its wording gives a time, and nowhere else."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import read_wording

PAGE = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))

GIVEN = {
    "02-3": (
        "三是双月向省厅报送中央督察整改进展,按季度报送省督察任务整改情况;",
        [
            ("双月向省厅报送", "report", "bimonthly", None, "day", False),
            ("按季度报送", "report", "quarterly", None, "day", True),
        ],
    ),
    "07-1": (
        "一是加强项目建设调度。安排专人跟进、每月调度,及时掌握工程进展情况。",
        [("每月调度", "dispatch", "monthly", None, "day", True)],
    ),
    "07-3": (
        "严格规范资金使用,做到专款专用,资金到达后第一时间拨付至施工单位,确保项目早日建成发挥生态效益。本项工程预计5月完工。",
        [("预计5月完工", "finish", None, "2025-05-31", "month", False)],
    ),
    "08-2": (
        "二是华容区政府已专题召开常务会商讨项目调整事宜。为保障工程按时推进,项目每月一调度,及时掌握工程进展并适时督办。"
        "截至目前,南迹湖水生态项目主体已完工。",
        [("每月一调度", "dispatch", "monthly", None, "day", True)],
    ),
    "11-1": (
        "一是完成未正常运行设施整改、验收、销号。每季度对全市农村生活污水处理设施进行抽查。",
        [("每季度", "check", "quarterly", None, "day", True)],
    ),
    "20-2": (
        "2024年1月,局属三个党支部召开学习贯彻习近平新时代中国特色社会主义思想主题教育专题组织生活会时,均做到了党员自评互评全覆盖;"
        "今年年末召开2024年度专题组织生活会时,局机关党委将继续督促局属三个党支部完成好对照检查、征求意见、谈心谈话等流程。"
        "结合组织生活,定期督促局属党支部对照党建责任目标考核,坚决落实各项指标和任务。",
        [("今年年末召开", "finish", None, "2025-12-31", "day", False)],
    ),
    "22-2": (
        "二是根据《中共鄂州市生态环境局党组党组理论学习中心组2024年度学习计划》,每月至少开展一次党组理论学习中心组专题学习,"
        "制定学习方案,已组织学习15次。",
        [("每月至少开展一次", "study", "monthly", None, "day", True)],
    ),
}

NEAR_MISSES = [
    "2024年3月18日至4月30日,市委第三巡察组对市生态环境局党组开展了关于加快建设全国构建新发展格局先行区巡察。",
    "2024年12月20日,市委第三巡察组向市生态环境局党组反馈了巡察意见。",
    "2024年6月19日,市生态环境局召开巡察整改专题民主生活会,全体班子成员针对问题逐条进行深刻剖析。",
    "先后召开4次专题会、动员部署和督促推进会",
    "自2024年6月份以来,已学习研讨重要讲话和重要精神8次,将最新讲话精神第一时间传达学习领会",
    "根据《2024年鄂州市生态环境监测方案》,进行农业面源污染监测",
    "修编《鄂州市创建生态文明建设示范市规划(2023-2030年》,组织鄂城区申报第八批国家生态文明建设示范区",
    "督促餐饮经营户规范使用油烟净化设施,定期清洗维护。",
    "组织完成本年度生态环境损害赔偿线索筛查,提交生态环境损害赔偿线索",
    "编制《鄂州市深入打好污染防治攻坚战2024年度重点工作任务清单》,有序推进各项工作落实",
    "参照环评审批服务“三本台账”形成环评清单台帐,定时调度并做好跟踪服务",
    "2024年累计发布三批典型案例共20个,形成有效震慑",
    "常态化开展巡查,开展主城区加油站专项执法检查",
    "从强化严家湖周边环境监测、加强日常风险管控、开展排污口整治销号四个方面明确相关工作",
    "督促施工单位制定时间表、路线图,合理有效缩短工期",
    "将2023年申报成功的项目形成成效评估,向各区推广得到省级奖补资金村湾的经验",
    "局机关党委不定期在工作群和各科室进行纪律提醒",
    "两项制度已于7月正式印发。",
    "我局立行立改,此后将认真落实并执行《鄂州市市级党政机关会议费管理办法》规定。",
    "2024年6月28日召开局党员干部警示教育大会",
    "制定实施方案,举办为期2天的读书班,全体党员参观鄂州廉政文化展",
    "定期报送重要文件方案、重大事项进展;认真核实处理群众举报的信访件,及时形成情况报告并处理",
    "鼓励考取国家法律职业资格A类证书,将其作为年度考核优秀重要参考因素",
    "5月印发《鄂州市生态环境局2024年度党建工作计划》,加强日常管理,对本年度日常“三会一课”统一部署",
    "组织局系统参加庆祝中华人民共和国成立75周年挑战答题",
    "今年6月份以来,召开10次党组会,均第一时间传达学习",
    "7月组织一期专题学习培训,认真学习相关采购政策和文件精神",
    "对视同整改需长期坚持的事项,按照既定方案,做到不松劲、不撒手",
]


@pytest.mark.parametrize("code", GIVEN)
def test_the_measures_that_name_a_time_give_exactly_that(code):
    text, expected = GIVEN[code]

    hints = read_wording(text, PAGE).hints

    assert [(h.phrase, h.kind, h.cadence, h.due, h.precision, h.certain) for h in hints] == expected
    assert all(text[hint.start : hint.end] == hint.phrase for hint in hints)


@pytest.mark.parametrize("sentence", NEAR_MISSES)
def test_the_near_misses_of_the_notice_give_no_hint(sentence):
    assert read_wording(sentence, PAGE).hints == ()


def test_the_notice_as_one_text_gives_the_same_eight_hints():
    text = "\n".join([*NEAR_MISSES[:14], *(text for text, _ in GIVEN.values()), *NEAR_MISSES[14:]])

    phrases = [hint.phrase for hint in read_wording(text, PAGE).hints]

    assert phrases == [expected[0] for _, hints in GIVEN.values() for expected in hints]


def test_the_year_of_the_year_end_meeting_is_asked_for():
    (hint,) = read_wording(GIVEN["20-2"][0], PAGE).hints

    assert "2024年" in hint.note


def test_what_the_notice_leaves_open_is_asked():
    asked = [ask.phrase for text in [*NEAR_MISSES, GIVEN["08-2"][0]] for ask in read_wording(text, PAGE).asks]

    assert asked == [
        "第一时间传达学习",
        "定期清洗维护",
        "定时调度",
        "常态化开展",
        "不定期",
        "立行立改",
        "定期报送",
        "及时形成情况报告",
        "第一时间传达学习",
        "长期坚持",
        "适时督办",
    ]
