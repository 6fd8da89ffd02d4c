"""Words that only look like time, and words that leave it open: no schedule from either."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import read_wording

PAGE = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))

LOOK_LIKE_TIME = [
    "每个单位、每名干部、每项任务、每条措施、每一位党员、每次会议",
    "加强日常监管，做好每一日常工作，改善周边环境",
    "周密部署，按周期管理，季节性检查，日前召开会议",
    "在规定期限、固定期限内办理，以及时间安排",
    "按年度计划推进，纳入年度考核，做好年终总结",
    "上月通报了问题，本季度检查两次，5月检查1次，今年检查2次",
    "第二季度报告已经提交，12月报告已经印发",
    "鄂州日报、人民日报刊发",
    "逐年提升、逐月下降",
    "调度进展12次，召开会议10次",
    "一般情况下一次性完成",
    "可持续发展",
    "《每月调度办法》《2025年6月底前任务清单》",
    "未按季度报送，没有每月调度，未定期召开会议，去年每季度检查一次",
    "按年度学习计划组织学习，依据年度重点工作任务推进",
    "每日优鲜，《每日经济新闻》，双月刊，月湖区，旬阳市，半月湾",
    "月度考核分数不高，缺少季度例会纪要",
    "月均调度2次，日均处理3万吨",
    "逐季好转，近三年每年增长",
    "第一书记，第十次党代会，第三季度报表",
    "2024年中秋、国庆期间开展检查，上半年完成了招标，5月印发方案",
    "青年考核、学年考核、年度考核，全年召开会议12次",
]

NOT_OWED = [
    "未严格执行每月调度制度",
    "每月调度制度未落实",
    "每季度检查制度落实不到位",
    "针对每月例会流于形式的问题",
    "每季度末未完成的予以通报",
    "每月没有开展检查",
    "2024年每季度检查一次",
    "此前每季度通报一次，往年每月检查",
    "不要求按月报送，避免每月重复报送",
    "连续三年每年检查",
    "按规定每月应开展一次检查，实际仅开展2次",
    "制度要求每周巡查一次，但未严格落实",
    "支部应每月召开支委会，2024年仅召开8次",
    "每季度的学习计划未完成",
    "每年仅检查一次，频次偏低",
    "未按要求每年6月底前报送",
    "每年6月底前报送的制度未落实",
    "班子成员每年调研不足30天",
    "不得每周要求基层报送",
    "严禁每月重复索要报表",
]

OWED = [
    "每月对未完成的任务进行通报",
    "现场检查不得少于每月一次",
    "通报间隔不得超过每季度一次",
    "每月通报整改不到位的单位",
    "每季度检查制度落实情况",
    "每月例会研究未落实问题",
    "每月报告一次，但不增加基层负担",
    "每月调度，未完成的予以约谈",
    "每月例会不少于一次",
    "没有完成整改的，每月报告一次原因",
]

QUANTITIES = ["每天处理污水2万吨", "每月补贴200元", "每年投入约500万元", "每月用水量超标", "每季度环比下降2%"]

SOFT = {
    "定期报送进展": "定期报送",
    "不定期抽查": "不定期抽查",
    "常态化开展巡查": "常态化开展",
    "第一时间拨付": "第一时间拨付",
    "持续推进整改": "持续推进",
    "适时督办": "适时督办",
    "及时报告": "及时报告",
    "尽快完成": "尽快完成",
    "近期启动": "近期",
    "定时调度": "定时调度",
    "经常开展检查": "经常开展",
    "责令限期整改": "限期整改",
    "月底前报送": "月底前报送",
    "汛期前完成": "汛期前完成",
    "出现异常立即报告": "立即报告",
    "阶段性开展评估": "阶段性开展评估",
    "次月5个工作日内报送": "次月5个工作日内报送",
    "元旦、春节、中秋、国庆前开展廉政提醒": "元旦、春节、中秋、国庆前开展",
    "在“五一”、“十一”等重要节点发送提醒": "“五一”、“十一”等重要节点",
    "逢年过节开展提醒": "逢年过节开展",
    "重大节日前检查": "重大节日前检查",
    "两节期间明察暗访": "两节期间",
    "雨季来临前完成": "雨季来临前完成",
    "每届任期内实现全覆盖": "每届任期内",
    "全年至少开展2次督查": "全年至少开展2次督查",
    "三季度完工": "三季度",
    "学期初、学期末检查": "学期初、学期末检查",
    "每学期期末由家委会审计一次": "每学期期末",
    "节前完成清退": "节前完成",
    "月初部署、月中调度、月底总结": "月初部署、月中调度、月底",
    "按月度、季度、年度开展考核": "按月度、季度、年度",
    "暑假期间完成改造": "暑假期间完成",
    "上半年完成招标": "上半年",
}


@pytest.mark.parametrize("sentence", LOOK_LIKE_TIME)
def test_words_that_only_look_like_time_say_nothing(sentence):
    reading = read_wording(sentence, PAGE)
    assert (reading.hints, reading.asks) == ((), ())


@pytest.mark.parametrize("sentence", NOT_OWED)
def test_a_rhythm_that_is_over_or_was_not_kept_is_not_owed(sentence):
    reading = read_wording(sentence, PAGE)
    assert (reading.hints, reading.asks) == ((), ())


@pytest.mark.parametrize("sentence", OWED)
def test_a_failing_that_the_duty_is_about_does_not_hide_it(sentence):
    assert len(read_wording(sentence, PAGE).hints) == 1


@pytest.mark.parametrize("sentence", QUANTITIES)
def test_a_quantity_in_a_time_is_a_question_and_no_schedule(sentence):
    reading = read_wording(sentence, PAGE)
    assert reading.hints == ()
    assert [ask.suggest for ask in reading.asks] == ["不排日程"]


def test_a_duty_about_an_amount_is_still_a_duty():
    (hint,) = read_wording("每月对100万元以上项目调度", PAGE).hints
    assert (hint.cadence, hint.kind) == ("monthly", "dispatch")


@pytest.mark.parametrize("sentence", SOFT)
def test_soft_wording_is_one_question_with_an_answer_offered(sentence):
    reading = read_wording(sentence, PAGE)
    assert reading.hints == ()
    assert [ask.phrase for ask in reading.asks] == [SOFT[sentence]]
    assert reading.asks[0].suggest


@pytest.mark.parametrize(
    "style", ["按期", "按时限", "按序时进度", "倒排工期", "挂图作战", "倒计时", "滚动", "动态管理", "随时"]
)
def test_words_of_style_are_left_alone(style):
    reading = read_wording(f"{style}推进各项工作", PAGE)
    assert (reading.hints, reading.asks) == ((), ())


def test_the_same_wording_is_asked_about_once():
    asks = read_wording("定期报送；定期报送。定期检查", PAGE).asks
    assert [ask.phrase for ask in asks] == ["定期报送", "定期检查"]


def test_a_date_in_the_same_clause_answers_the_question():
    assert read_wording("定期于每月25日前报送", PAGE).asks == ()
    assert read_wording("每月25日前报送，定期检查", PAGE).asks != ()


def test_a_text_that_says_nothing_of_time_gives_an_empty_reading():
    reading = read_wording("完善制度，压实责任。", PAGE)
    assert (reading.hints, reading.asks, reading.duration) == ((), (), None)
