"""The 97 phrases of the field's phrasebook (domain.md 8), each in a sentence as notices write it."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import read_limit, read_wording
from plan.types import DurationClass, Precision

JANUARY_2025 = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))
QUESTION = "a question, no hint"
PAST = "a fact of the past, nothing to do"
NONE = "style, or another date: nothing"

RECURRING = [
    (1, "安排专人跟进、每月调度", [("monthly", None, "dispatch")]),
    (2, "项目每月一调度，掌握工程进展", [("monthly", None, "dispatch")]),
    (3, "对整改进展每月调度一次", [("monthly", None, "dispatch")]),
    (4, "双月向省厅报送中央督察整改进展", [("bimonthly", None, "report")]),
    (5, "按季度报送省督察任务整改情况", [("quarterly", None, "report")]),
    (6, "每季度对全市农村生活污水处理设施进行抽查", [("quarterly", None, "check")]),
    (7, "每月至少开展一次专题学习", [("monthly", None, "study")]),
    (8, "建立销号月调度机制", [("monthly", None, "dispatch")]),
    (9, "每月专题研究进展，部署推进措施", [("monthly", None, "dispatch")]),
    (10, "书记每月主持召开党委会议研究整改", [("monthly", None, "dispatch")]),
    (11, "挂图作战，每月定好工作计划", [("monthly", None, "dispatch")]),
    (12, "发出督办函，要求每月上报整改情况", [("monthly", None, "report")]),
    (13, "实行按月“交账制”", [("monthly", None, "report")]),
    (14, "每月报告1次办理情况", [("monthly", None, "report")]),
    (15, "每月5日前上报落实情况", [("monthly", "after day 5", "report")]),
    (16, "每月10日、25日前报送销号材料", [("monthly", "day 10", "report"), ("monthly", "day 25", "report")]),
    (17, "边督边改期间实行日调度", [("daily", None, "dispatch")]),
    (18, "实行周通报，晾晒排名", [("weekly", None, "report")]),
    (19, "落实旬销号要求", [("ten-day", None, "report")]),
    (20, "坚持月抽查", [("monthly", None, "check")]),
    (21, "专班周调度推进", [("weekly", None, "dispatch")]),
    (22, "形成整改进展周报", [("weekly", None, "report")]),
    (23, "对整改任务一周一调度", [("weekly", None, "dispatch")]),
    (24, "进展情况一周一报", [("weekly", None, "report")]),
    (25, "每周二中午12时前报送数据", [("weekly", "start+1d", "report")]),
    (26, "每周二前报送进展", [("weekly", "start+1d", "report")]),
    (27, "每周五下午报送进展", [("weekly", "start+4d", "report")]),
    (28, "联席会议每周召开调度会", [("weekly", None, "dispatch")]),
    (29, "专栏每周五、卫视每周四刊播", [("weekly", "start+4d", "report"), ("weekly", "start+3d", "report")]),
    (
        30,
        "落实周调度、月通报、季推进、年考评",
        [
            ("weekly", None, "dispatch"),
            ("monthly", None, "report"),
            ("quarterly", None, "dispatch"),
            ("yearly", None, "check"),
        ],
    ),
    (31, "对交办件实行季调度和季通报", [("quarterly", None, "dispatch"), ("quarterly", None, "report")]),
    (32, "承办单位每季反馈一次", [("quarterly", None, "report")]),
    (33, "长期事项每半年报告1次", [("half-yearly", None, "report")]),
    (34, "其余事项半年反馈一次", [("half-yearly", None, "report")]),
    (35, "每年制定印发整改工作要点", [("yearly", None, "report")]),
    (36, "每年开展专项检查2次以上", [("half-yearly", None, "check")]),
    (38, "简报每编发二期(每周)", [("weekly", None, "report")]),
    (39, "每日由专人报送办理数据", [("daily", None, "report")]),
    (40, "清单按月动态更新", [("monthly", None, "report")]),
]
UNCERTAIN = {4, 15, 36, 38}
"""Recurrences a person must confirm: which months 双月 means, last month or this, and numbers of times in a period."""

RELATIVE = [
    (41, "方案应在30个工作日内报送", "feedback+30wd"),
    (42, "清单印发后6个月内报送整改报告", "issue+6m"),
    (43, "督察反馈后第一个月制定方案", "2025-01-20"),
    (44, "收到通知后2个月内报送整改情况", "receipt+2m"),
    (45, "反馈后1个月内报送整改方案", "2025-01-20"),
    (46, "自审计报告送达之日起60日内（含60日）整改到位", "receipt+60d"),
    (47, "分阶段整改的期限为60日至1年内", "feedback+12m"),
    (47, "持续整改的期限为1年至5年内", "feedback+60m"),
    (48, "收到整改通知后30日内报送方案", "receipt+30d"),
    (49, "审计机关在10日内审核、确认", "feedback+10d"),
    (50, "会后7日内上报落实情况", "meeting+7d"),
    (51, "办理期限一般为5日内", "feedback+5d"),
    (52, "应在15天内报告办理情况", "feedback+15d"),
    (53, "急件1—5日内办结", "receipt+5d"),
    (54, "在90天内完成整改", "feedback+90d"),
    (55, "各单位一周内上报方案", "feedback+7d"),
    (56, "会议要求用一个月的时间集中攻坚", "meeting+1m"),
    (57, "自信息形成或者变更之日起20个工作日内公开", "event+20wd"),
]

ABSOLUTE = [
    (65, "完成时限：2024年12月底", ["2024-12-31"]),
    (66, "2023年9月30日前完成清理", ["2023-09-30"]),
    (67, "甲项2025年底前完成，乙项2026年底前完成", ["2025-12-31", "2026-12-31"]),
    (68, "2024年底前完成，并长期坚持", ["2024-12-31"]),
    (69, "6月30日前完成整改，7月4日提交整改报告", ["2025-06-30", "2025-07-04"]),
    (70, "12月20日之前报送", ["2025-12-20"]),
    (71, "12月10日前报送整改情况", ["2025-12-10"]),
    (72, "今年6月底前完成", ["2025-06-30"]),
    (73, "自查自纠阶段为9月1日至9月30日", ["2025-09-30"]),
    (74, "在“十一”之前完成销号", ["2025-09-30"]),
    (75, "本项工程预计5月完工", ["2025-05-31"]),
    (76, "2025年8月前完成，2027年前建成", ["2025-07-31", "2026-12-31"]),
    (77, "今年年末召开专题组织生活会", ["2025-12-31"]),
]

NOTHING_TO_SCHEDULE = [
    (37, "全年调度进展12次", PAST),
    (58, "延期应在事项到期前申请", NONE),
    (59, "到期前10个工作日发出预警函", NONE),
    (60, "办理期限剩余20天发绿色提醒，剩余10天发黄色提醒", NONE),
    (61, "距办结时限3天以内亮灯", NONE),
    (62, "对已超规定期限的亮红灯", PAST),
    (63, "逢节假日的，于节假日结束后的第二个工作日报送", QUESTION),
    (64, "公示期共10个工作日", NONE),
    (64, "公示共7天", NONE),
    (78, "两项制度已于7月正式印发", PAST),
    (79, "自2024年6月份以来，已学习8次", PAST),
    (80, "要求巡察期间整改完毕", QUESTION),
    (81, "在集中整改期内完成", QUESTION),
    (81, "目前集中整改期已届满", PAST),
    (82, "我局立行立改", QUESTION),
    (83, "做到即知即改、即查即改、立整立改", QUESTION),
    (84, "第一时间传达学习", QUESTION),
    (85, "已经完成，长期坚持", QUESTION),
    (86, "持续推进整改", QUESTION),
    (87, "常态化开展巡查", QUESTION),
    (88, "定期调度、定期通报", QUESTION),
    (89, "不定期在工作群进行提醒", QUESTION),
    (90, "形成台账，定时调度", QUESTION),
    (91, "掌握进展并适时督办", QUESTION),
    (92, "及时督促落实", QUESTION),
    (93, "尽快完成，近期启动", QUESTION),
    (94, "按期完成，按时限、按序时推进", NONE),
    (95, "倒排工期、倒计时推进、挂图作战", NONE),
    (96, "滚动式销号、动态跟踪", NONE),
    (97, "该任务阶段性完成", QUESTION),
]


def test_no_phrase_of_the_97_is_missing():
    tables = (RECURRING, RELATIVE, ABSOLUTE, NOTHING_TO_SCHEDULE)
    assert {case[0] for table in tables for case in table} == set(range(1, 98))


@pytest.mark.parametrize(("number", "sentence", "expected"), RECURRING)
def test_wording_that_repeats_gives_its_cadence(number, sentence, expected):
    reading = read_wording(sentence, JANUARY_2025)

    assert [(hint.cadence, hint.due, hint.kind) for hint in reading.hints] == expected
    assert {hint.certain for hint in reading.hints} == {number not in UNCERTAIN}
    assert all(hint.note for hint in reading.hints)


@pytest.mark.parametrize(("number", "sentence", "expected"), RELATIVE)
def test_a_limit_that_runs_from_an_event_is_a_date_only_where_the_event_is_known(number, sentence, expected):
    reading = read_wording(sentence, JANUARY_2025)

    (hint,) = reading.hints
    known = expected.startswith("2025")
    assert (hint.cadence, hint.due, hint.certain) == (None, expected, known)
    assert [ask.phrase == hint.phrase for ask in reading.asks if "起算" in ask.ask] == [True] * (not known)


@pytest.mark.parametrize(("number", "sentence", "expected"), ABSOLUTE)
def test_a_dated_wording_gives_its_last_day(number, sentence, expected):
    hints = read_wording(sentence, JANUARY_2025).hints

    assert [hint.due for hint in hints] == expected
    assert all(hint.cadence is None for hint in hints)


@pytest.mark.parametrize(("number", "sentence", "expected"), NOTHING_TO_SCHEDULE)
def test_wording_without_a_date_never_becomes_a_schedule(number, sentence, expected):
    reading = read_wording(sentence, JANUARY_2025)

    assert reading.hints == ()
    assert bool(reading.asks) == (expected is QUESTION)
    assert all(ask.phrase in sentence and ask.phrase in ask.ask and ask.suggest for ask in reading.asks)


def test_a_forecast_is_no_promise_and_a_month_no_day():
    (hint,) = read_wording("本项工程预计5月完工", JANUARY_2025).hints

    assert (hint.phrase, hint.precision, hint.certain) == ("预计5月完工", Precision.MONTH, False)
    assert "预测" in hint.note


@pytest.mark.parametrize(
    ("wording", "duration"),
    [
        ("我局立行立改", DurationClass.IMMEDIATE),
        ("即知即改", DurationClass.IMMEDIATE),
        ("立行立改，长期坚持", DurationClass.IMMEDIATE),
        ("已经完成，长期坚持", DurationClass.STANDING),
        ("分阶段整改", DurationClass.STAGED),
        ("2025年底前完成", None),
        ("持续推进整改", None),
    ],
)
def test_the_duration_class_is_read_only_where_the_wording_names_it(wording, duration):
    assert read_wording(wording, JANUARY_2025).duration is duration


def test_a_date_that_is_kept_up_is_one_limit_of_a_ledger():
    limit = read_limit("2024年底前，并长期坚持", JANUARY_2025)

    assert (limit.due, limit.duration, limit.keep_up) == (date(2024, 12, 31), DurationClass.DATED, True)
