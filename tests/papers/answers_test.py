"""What is answered in the sheet 待确认问题 is carried out when the workbook is read, and noted in the plan."""

from collections.abc import Callable
from pathlib import Path

import pytest

from papers.workbook import WorkbookError
from papers.workbook.plan_sheets import read_plan, write_plan
from plan.model import MeasureSpec, Plan
from plan.questions import asked_questions
from tests.papers.editing import editing, same
from tests.plans import duty, measure, plan_of

NO_DATE = {"phrase": "没有写明日期", "ask": "何时完成、多久报一次进展？", "suggest": "每季度报一次进展"}
MONTHLY = {"phrase": "每月报送", "ask": "“每月报送”读作每月一次，是否正确？", "suggest": "每月"}
BY_DAY = {"phrase": "5月完工", "ask": "“5月完工”读作2025-05-31到期，是否正确？", "suggest": "没有写年份"}
ASSUMED = duty(assumed=True, source="第3行：“每月报送”：每月")
ASSUMED_DAY = duty(
    "finish", kind="finish", title="限期完成", cadence="once", due_on="2025-05-31", assumed=True, source="“5月完工”"
)
SUPERVISED = {name: [name] for name in ("deputy", "head", "discipline", "office")}


def asked(*questions: dict[str, str], **changes: object) -> MeasureSpec:
    return plan_of(measure(questions=list(questions), **({"duties": []} | changes))).findings[0].measures[0]


Answered = Callable[..., MeasureSpec]


@pytest.fixture
def answered(tmp_path: Path) -> Answered:
    """The measure after its first question was answered so in the workbook."""

    def do(spec: MeasureSpec, answer: object) -> MeasureSpec:
        file = tmp_path / "a.xlsx"
        write_plan(plan_of(spec.model_dump(mode="json")), file)
        with editing(file, "待确认问题") as sheet:
            sheet.put(2, "答复", answer)
        return read_plan(file).plan.findings[0].measures[0]

    return do


CARRIED_OUT = {
    # answer: (kind, cadence, due_on, ends_on) of every duty, the state of the work
    "每季度": ([("report", "quarterly", None, None)], "in_progress"),
    "2025-06-30": ([("finish", "once", "2025-06-30", None)], "in_progress"),
    "2025年6月底前": ([("finish", "once", "2025-06-30", None)], "in_progress"),
    "每月；2025年12月31日": (
        [("report", "monthly", None, "2025-12-31"), ("finish", "once", "2025-12-31", None)],
        "in_progress",
    ),
    "照此办理": ([("report", "quarterly", None, None)], "in_progress"),
    "不需要": ([], "in_progress"),
    "已完成": ([], "done_claimed"),
}


@pytest.mark.parametrize("answer", CARRIED_OUT)
def test_an_answer_becomes_what_it_says_and_the_question_is_gone(answered: Answered, answer: str) -> None:
    found = answered(asked(NO_DATE), answer)
    duties, state = CARRIED_OUT[answer]
    assert [
        (one.kind, one.cadence, one.due_on and str(one.due_on), one.ends_on and str(one.ends_on))
        for one in found.duties
    ] == duties
    assert (found.state, found.questions) == (state, [])
    noted = " ".join([found.state_note, *(one.source for one in found.duties)])
    assert "没有写明日期" in noted
    assert answer.replace("；", "、") in noted
    assert not any(one.assumed for one in found.duties)


ASSUMPTIONS = {
    # answer: what becomes of an assumed monthly report
    "照此办理": [("monthly", False)],
    "正确": [("monthly", False)],
    "每季度": [("quarterly", False)],
    "不需要": [],
    "2025-6-30": [("once", False)],
}


@pytest.mark.parametrize("answer", ASSUMPTIONS)
def test_what_was_assumed_stands_changes_or_goes(answered: Answered, answer: str) -> None:
    found = answered(asked(MONTHLY, duties=[ASSUMED, duty("check", kind="check", title="另一项")]), answer)
    kept = [one for one in found.duties if one.key != "check"]
    assert [(one.cadence, one.assumed) for one in kept] == ASSUMPTIONS[answer]
    assert len(found.duties) == len(kept) + 1


def test_an_assumed_limit_is_confirmed_moved_or_over(answered: Answered) -> None:
    spec = asked(BY_DAY, duties=[ASSUMED_DAY])
    assert [(str(one.due_on), one.assumed) for one in answered(spec, "照此办理").duties] == [("2025-05-31", False)]
    assert [(str(one.due_on), one.assumed) for one in answered(spec, "2025-8-31").duties] == [("2025-08-31", False)]
    assert answered(spec, "已完成").duties == []


def test_a_question_about_several_measures_is_one_row_and_is_answered_for_all(tmp_path: Path) -> None:
    file, plan = tmp_path / "a.xlsx", _several()
    write_plan(plan, file)
    assert same(read_plan(file).plan, plan)
    with editing(file, "待确认问题") as sheet:
        row = sheet.row_of("原文表述", "没有写明日期")
        assert sheet.get(row, "措施编号") == "01-1、01-2、02-1"
        assert "01-2 每月调度工程进度" in sheet.get(row, "整改措施")
        sheet.put(row, "答复", "每季度")
    measures = [one for finding in read_plan(file).plan.findings for one in finding.measures]
    assert [[one.cadence for one in each.duties] for each in measures] == [["quarterly"]] * 3


def test_a_row_is_split_where_answers_differ_and_a_finding_stands_for_its_measures(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    write_plan(_several(), file)
    with editing(file, "待确认问题") as sheet:
        row = sheet.row_of("原文表述", "没有写明日期")
        sheet.put(row, "答复", "已完成")  # what further rows say of fewer measures counts before it
        sheet.add(措施编号="01-1", 原文表述="没有写明日期", 需要确认="何时完成？", 答复="每月", 答复前暂按="无")
        sheet.add(措施编号="01-2", 原文表述="没有写明日期", 需要确认="何时完成？", 答复前暂按="无")
    first, second, third = (one for finding in read_plan(file).plan.findings for one in finding.measures)
    assert ([one.cadence for one in first.duties], second.duties, third.state) == (["monthly"], [], "done_claimed")
    assert [len(one.questions) for one in (first, second, third)] == [0, 1, 0]


def test_questions_in_the_same_words_are_one_and_each_measure_keeps_the_order_of_its_own() -> None:
    plan = plan_of(
        measure("01-1", questions=[NO_DATE, MONTHLY, NO_DATE]), measure("01-2", questions=[MONTHLY, NO_DATE])
    )
    assert [(one.question.phrase, [m.code for m in one.measures]) for one in asked_questions(plan)] == [
        ("没有写明日期", ["01-1"]),
        ("每月报送", ["01-1", "01-2"]),
        ("没有写明日期", ["01-1", "01-2"]),
    ]


def _several() -> Plan:
    some = [measure(code, questions=[NO_DATE], duties=[]) for code in ("01-1", "01-2", "02-1")]
    return plan_of(*some, audiences=SUPERVISED)


BARE_UNITS = {"unassigned": {"name": "待明确", "handler": ["office"]}}


def test_who_supervises_and_who_leads_is_asked_and_answered_by_names(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    two = [measure(code, lead="unassigned") for code in ("01-1", "01-2")]
    plan = plan_of(
        *two,
        audiences={"office": ["office"]},
        units=BARE_UNITS,
        roles={"office": {"name": "整改办"}, "deputy": {"name": "王副局长"}},
    )
    write_plan(plan, file)
    assert same(read_plan(file).plan, plan)
    with editing(file, "待确认问题") as sheet:
        answers = {"分管领导": "王副局长\n赵副局长", "主要领导": "李局长", "整改办": "机关党委", "牵头单位": "办公室"}
        for phrase, answer in answers.items():
            sheet.put(sheet.row_of("原文表述", phrase), "答复", answer)
    book = read_plan(file)
    found = book.plan
    named = {
        audience: [found.roles[key].name for key in getattr(found.audiences, audience)]
        for audience in ("deputy", "head", "discipline", "office")
    }
    assert named == {"deputy": ["王副局长", "赵副局长"], "head": ["李局长"], "discipline": [], "office": ["机关党委"]}
    (unit,) = found.units.values()
    assert (unit.name, [found.roles[key].name for key in (*unit.handler, *unit.leader)]) == (
        "办公室",
        ["办公室经办人", "办公室负责人"],
    )
    assert {one.lead for one in found.findings[0].measures} == set(found.units)
    assert book.answers == 4


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("经常", "读不懂；可选照此办理、不需要、已完成、每日"),
        ("不需要、每月", "几样答复不能并用"),
        ("每月、每季度", "几样答复不能并用"),
        ("2025-2-30", "读不懂"),
        ("上半年", "读不懂"),
    ],
)
def test_an_answer_nobody_can_read_is_told_with_its_cell(answered: Answered, answer: str, said: str) -> None:
    with pytest.raises(WorkbookError) as refused:
        answered(asked(NO_DATE), answer)
    assert f"“待确认问题”第2行“答复”栏填的是“{answer}”，{said}" in str(refused.value)


def test_a_suggestion_that_asks_for_a_day_cannot_be_taken_as_it_stands(answered: Answered) -> None:
    with pytest.raises(WorkbookError, match="请填频次或期限"):
        answered(asked(NO_DATE | {"suggest": "请填写具体日期"}), "照此办理")


def test_a_question_about_a_measure_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    write_plan(_several(), file)
    with editing(file, "待确认问题") as sheet:
        sheet.put(sheet.row_of("原文表述", "没有写明日期"), "措施编号", "01-1、09-9")
    with pytest.raises(WorkbookError, match="填的是“09-9”，“整改台账”里没有这项措施"):
        read_plan(file)


def test_a_long_note_never_pushes_the_answer_out(answered: Answered) -> None:
    found = answered(asked(NO_DATE, state_note="长" * 200), "不需要")
    assert len(found.state_note) <= 200
    assert found.state_note.endswith("；答复“没有写明日期”：不需要")
