"""Every line of a paper is in the draft exactly once: read as something, or told as left aside."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake.documents import Document, DocumentLine, Grid
from intake.draft import DocumentDates, Draft
from intake.read_draft import draft_of

_SIGNS = "寅卯辰巳酉戌亥"
_WORD = re.compile(f"[{_SIGNS}]{{4}}")
"""A word that stands only once in a paper: by it each piece of text is known again."""

_STARTS = (
    *("一、", "二、", "（一）", "1.", "2．", "3、", "（1）", "①", "②", "一是", "二是", "第一，", "——", "问题1："),
    *("问题2：", "首先，", "", "", "", ""),
)
_INSIDE = ("", "", "", "1.", "2.", "一是", "二是", "①")
_LABELS = (
    *("整改情况：", "整改措施：", "整改任务：", "整改状态：", "整改成效：", "整改目标：", "反馈问题：", "责任单位："),
    *("牵头单位：", "整改时限：", "责任人：", "进展情况：", "下一步：", "关于", "", "", "", "", "", ""),
)
_SAID = (
    *(
        "水质监测",
        "每月调度",
        "工程进度",
        "定期检查",
        "台账管理",
        "不到位",
        "2024年6月底前完成",
        "按季度报送",
        "的问题",
    ),
    *("关于“学习”不系统", "某局", "已完成", "整改", "长期坚持", "市水利局"),
)
_PAGE = (
    *(
        "关于某局党组{}巡察整改进展情况的通报",
        "索引号：{}",
        "发布日期：2024-03-05 {}",
        "中共某局党组{}",
        "2024年3月5日",
    ),
    *("联系电话：{}", "目 录", "针对{}问题，开展整治{}。", "反馈问题第7项关于“{}”整改任务落实情况公示", "附件：{}"),
    *("2024年1月3日至3月5日，市委第二巡察组对某局{}进行了巡察。", "公示时间：2024年3月5日至3月9日{}", "【问题】{}"),
    *("序号\t反馈问题\t整改措施{}", "1\t{}\t{}", "第 3 页", "（{}）", "二、下一步工作{}", "一、基本情况{}"),
    *("三、存在问题{}", "整改措施：", "责任单位：", "反馈问题：", "整改情况"),
)
_PIECE = st.builds("{}{}{}{{}}{}".format, *map(st.sampled_from, (_INSIDE, _LABELS, _SAID, "。；，：、 ")))
_LINE = st.one_of(
    st.builds("{}{}".format, st.sampled_from(_STARTS), st.lists(_PIECE, min_size=1, max_size=3).map("".join)),
    st.sampled_from(_PAGE),
)
_LINES = st.lists(_LINE, min_size=1, max_size=12)


def _words() -> Iterator[str]:
    """寅寅寅寅, 寅寅寅卯 …"""
    size = len(_SIGNS)
    for number in range(size**4):
        yield "".join(_SIGNS[number // size**place % size] for place in (3, 2, 1, 0))


def _numbered(texts: list[str]) -> list[str]:
    """The texts with a word of its own in each gap."""
    words = _words()
    return [re.sub(r"\{\}", lambda _: next(words), text) for text in texts]


def _read(document: Document, kind: str | None = None) -> Draft:
    return draft_of(document, DocumentDates(), lambda _: lambda done, total: None, kind)


def _of_lines(texts: list[str]) -> Document:
    lines = (DocumentLine(number, text.strip()) for number, text in enumerate(texts, 1))
    return Document("a.txt", "txt", tuple(lines))


def _homes(draft: Draft) -> Iterator[tuple[tuple[str, str], str, tuple[str, ...]]]:
    """Each text of the draft with what it is, and the places it was read from; what a finding says of all its
    measures is one thing."""
    for one in draft.unplaced:
        place, _, why = one.where.partition(" ")
        yield (f"unplaced {place}", why), one.text, (place,)
    for finding in draft.findings:
        places = (*finding.places, *(place for one in finding.measures for place in one.places))
        yield (finding.code, "title"), finding.title, places
        yield (finding.code, "goal"), finding.goal, places
        for one in finding.measures:
            yield (finding.code, one.code), one.text, one.places
            people = (one.lead or "", *one.assisting, one.leader or "", one.handler or "")
            for text in (one.state_note, *people, one.limit):
                yield (finding.code, "all measures"), text, places


def _faults(document: Document, draft: Draft) -> list[str]:
    """What stands nowhere in the draft, in two places of it, or in a place that was read from other lines."""
    homes = defaultdict(dict[tuple[str, str], set[str]])
    for home, text, places in _homes(draft):
        for word in _WORD.findall(text):
            homes[word].setdefault(home, set()).update(places)
    places = draft.places()
    faults = []
    for line in document.lines:
        place = f"第{line.number}行"
        faults += [] if place in places else [f"{place} is nowhere: {line.text}"]
        for word in _WORD.findall(line.text):
            found = homes[word]
            # Several problems may stand below one heading, and share it or its goal.
            shared = {what for _, what in found} <= {"title", "goal"}
            if not found and word in draft.facts.title:
                continue
            if not found or (len(found) > 1 and not shared):
                faults.append(f"{word} of {place} stands in {sorted(found)}: {line.text}")
            elif not any(place in read for read in found.values()):
                faults.append(f"{word} of {place} is said to come from elsewhere: {found}")
    return faults


@settings(max_examples=40, deadline=None)
@given(_LINES)
@example(["整改措施：", "2．整改状态：已完成{}", "3．整改目标：长效{}"])
@example(["一、关于水质{}整改情况：已完成{}。", "中共某局党组{}", "2024年3月5日", "台账{}", "整改措施：管网{}"])
@example(["附件：甲{}", "台账{}", "整改措施：管网{}"])
@example(["整改任务：水质{}", "3、整改措施：检查{}。"])
@example(["二是下一步：水质{}、", "整改情况：干部{}："])
@example(["问题1：整改目标：资金{}。二是整改状态：已启动{}", "整改措施：水质{}"])
@example(["一、按季度报送{}，整改时限：长期坚持，直到{}", "整改措施：水质{}"])
@example(["①整改状态：水质{}：", "（一）整改成效：某局{}。", "下一步：干部{}、"])
@example(["三、市水利局{}", "责任单位：不到位{}", "反馈问题：经费{}", "整改措施：水质{}"])
@example(["【问题】某局{}", "①关于水质{}，①关于学习{}；"])
@example(["反馈问题：", "整改目标：台账{}、", "问题2：整改任务：工程{}"])
@example(["整改措施：", "（一）一是整改状态：水质监测{}。"])
@example(["一、一是牵头单位：已完成{}：整改措施：水质监测{}。"])
@example(["关于某局党组{}巡察整改进展情况的通报", "反馈问题第7项关于“{}”整改任务落实情况公示"])
def test_every_line_of_a_text_is_in_the_draft_exactly_once(texts: list[str]) -> None:
    document = _of_lines(_numbered(texts))
    for kind in ("notice", "tasks"):
        assert _faults(document, _read(document, kind)) == []


_COLUMNS = (
    *("序号", "反馈问题", "整改措施", "整改时限", "责任单位", "责任人", "进展情况", "整改目标", "备注", "联系电话"),
    *("整改状态", "牵头单位", "怪栏"),
)
_CELLS = {
    "序号": ("1", "2", "", "甲{}"),
    "整改时限": ("2024年6月底", "长期坚持", "", "2024年6月底 {}"),
    "整改状态": ("已完成", "整改中", "", "乙{}"),
    "整改措施": ("水质{}", "每月调度{}", "1.检查{}；2.报送{}", ""),
}
_OTHER = ("水质{}", "市水利局{}", "", "/", "无", "同上")


@st.composite
def _ledgers(draw: st.DrawFn) -> Grid:
    """A sheet as offices keep them: titles, a header that may come again, merged cells, headings, totals, doubles."""
    heads = draw(st.lists(st.sampled_from(_COLUMNS), min_size=3, max_size=8, unique=True))
    heads = heads if {"反馈问题", "整改措施"} & {*heads} else ["整改措施", *heads[1:]]
    blank = ("",) * (len(heads) - 1)
    rows = [(text, *blank) for text in ("某局整改台账{}", "填报单位：{}") if draw(st.booleans())] + [tuple(heads)]
    merged = []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.integers(0, 14))
        row = [draw(st.sampled_from(_CELLS.get(head, _OTHER))) for head in heads]
        if kind == 0:
            row = [*heads]
        elif kind == 1:
            row = ["一、河道{}", *blank]
        elif kind == 2:
            row = ["" for _ in heads]
        elif kind == 3:
            row = ["合计", *("{}" for _ in blank)]
        elif kind == 4:
            row = ["3" if head == "序号" else "" for head in heads]
        elif kind == 5:
            row = [*rows[-1]]
        elif kind == 6 and rows[-1] != tuple(heads):
            column = draw(st.integers(0, len(heads) - 1))
            row[column] = rows[-1][column]
            merged.append((len(rows) - 1, column, len(rows), column))
        rows.append(tuple(row))
    return Grid("表1", tuple(tuple(_numbered([*row])) for row in rows), tuple(merged))


def _row_faults(grid: Grid, draft: Draft) -> list[str]:
    """The rows that stand nowhere in the draft, or as several things in it."""
    places, faults = draft.places(), []
    for number, row in enumerate(grid.rows, 1):
        became = {what.partition("-")[0] for what in places.get(f"{grid.name}!{number}", ())}
        if any(row) and len(became) != 1 and grid.name not in places:
            faults.append(f"{grid.name}!{number} became {sorted(became)}: {row}")
    return faults


@settings(max_examples=40, deadline=None)
@given(_ledgers())
def test_every_row_of_a_ledger_is_in_the_draft_exactly_once(grid: Grid) -> None:
    assert _row_faults(grid, _read(Document("a.xlsx", "xlsx", sheets=(grid,)))) == []


@settings(max_examples=25, deadline=None)
@given(_ledgers(), st.lists(st.sampled_from(_PAGE), min_size=1, max_size=4))
def test_every_line_of_a_document_with_a_table_is_in_the_draft_exactly_once(grid: Grid, texts: list[str]) -> None:
    said = [text.replace("\t", " ") for text in _numbered(texts)]
    rows = ["\t".join(map(str, row)) for row in grid.rows if any(row)]
    document = Document("a.docx", "docx", _of_lines([*said, *rows]).lines, (grid,))
    draft = _read(document)
    places = draft.places()
    if any("!" in place for place in places):
        assert _row_faults(grid, draft) == []
        assert [text for number, text in enumerate(said, 1) if f"第{number}行" not in places] == []
    else:
        assert [line.text for line in document.lines if f"第{line.number}行" not in places] == []


@pytest.mark.parametrize(
    ("texts", "owner"),
    [
        (["三、河道保洁不到位", "责任单位：市水利局", "反馈问题：河面有漂浮物", "整改措施：每月清理"], "市水利局"),
        (["三、河道保洁不到位", "反馈问题：河面有漂浮物", "整改措施：每月清理", "责任单位：市水利局"], "市水利局"),
    ],
)
def test_who_and_when_before_the_label_of_a_problem_makes_no_problem_of_its_own(texts: list[str], owner: str) -> None:
    draft = _read(_of_lines(texts))
    assert [[one.lead for one in finding.measures] for finding in draft.findings] == [[owner]]
    assert [place for finding in draft.findings for place in finding.places if place not in draft.places()] == []


def test_a_limit_keeps_the_words_beside_its_date() -> None:
    (finding,) = _read(_of_lines(["一、河道保洁不到位", "整改措施：每月清理", "整改时限：长期坚持，汛期除外"])).findings
    assert [one.limit for one in finding.measures] == ["长期坚持，汛期除外"]
