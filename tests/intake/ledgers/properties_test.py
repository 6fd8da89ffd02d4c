"""What holds for every ledger: its columns may stand in any order and be spelt in any known way; nothing breaks."""

from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake.documents import Grid
from intake.draft import Draft
from intake.ledgers import ledger_draft
from intake.ledgers.column_vocabulary import load_columns
from intake.ledgers.transpose_forms import transposed_forms
from tests.intake.ledgers.sheets import read, sheet
from text.refusals import Refusal

RECORDS = (
    {"number": "1", "problem": "学习不深入", "measure": "每月学习一次", "limit": "2025年5月31日前", "lead": "办公室",
     "assisting": "人事科、财务科", "leader": "李局长", "handler": "张三", "state": "整改中", "progress": "学了三次"},
    {"number": "1", "problem": "学习不深入", "measure": "完善制度", "limit": "长期坚持", "lead": "办公室",
     "assisting": "", "leader": "李局长", "handler": "李四", "state": "已完成，长期坚持", "progress": ""},
    {"number": "2", "problem": "执法不规范", "measure": "专项检查", "limit": "2025-06", "lead": "法规科",
     "assisting": "办公室", "leader": "", "handler": "", "state": "", "progress": "正在开展"},
)  # fmt: skip
FIELDS = tuple(RECORDS[0])
SPELLINGS = {
    field: [spelt for spelt, sense in load_columns().meanings.items() if sense.field == field] for field in FIELDS
}
headers = st.fixed_dictionaries({field: st.sampled_from(SPELLINGS[field]) for field in FIELDS})


TURNED = [("", "1", "id", "id"), ("id", "1", "", ""), ("下一步举措", "", "", "0"), ("下一步工作安排", "", "一", "")]
"""A column for each record, and one record more than there are labels."""


def ledger(order: list[str], header: dict[str, str], records: tuple[dict[str, str], ...] = RECORDS) -> Grid:
    return sheet([header[field] for field in order], *([record[field] for field in order] for record in records))


USUAL = {field: spelt[0] for field, spelt in SPELLINGS.items()}
PLAIN = read(ledger(list(FIELDS), USUAL))


def test_the_plain_ledger_is_read_whole() -> None:
    assert [(f.code, len(f.measures)) for f in PLAIN.findings] == [("01", 2), ("02", 1)]
    assert PLAIN.errors == ()


@settings(max_examples=60)
@given(st.permutations(FIELDS), headers)
def test_order_and_spelling_of_columns_do_not_matter(order: list[str], header: dict[str, str]) -> None:
    draft = read(ledger(order, header))
    assert draft.findings == PLAIN.findings
    assert [column.certain for column in draft.mapping] == [True] * len(FIELDS)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["序号", "problem", "leader", "lead"]), unique=True), st.booleans(), st.integers(0, 3))
def test_merged_repeated_and_blank_cells_say_the_same(shared: list[str], blank: bool, titles: int) -> None:
    """A value that two rows share stands in both, or is merged over both; number and problem may also be left out."""
    shared = ["number" if field == "序号" else field for field in shared]
    second = {field: "" if blank and field in ("number", "problem") else text for field, text in RECORDS[1].items()}
    first = titles + 1
    merged = [(first, FIELDS.index(field), first + 1, FIELDS.index(field)) for field in shared]
    rows = [
        [USUAL[field] for field in FIELDS],
        *([one[field] for field in FIELDS] for one in (RECORDS[0], second, RECORDS[2])),
    ]
    draft = read(sheet(*[("某局整改台账",)] * titles, *rows, merged=merged))
    assert [strip(draft, titles)] == [strip(PLAIN, 0)]


def strip(draft: Draft, above: int) -> list[tuple[object, ...]]:
    """The findings with the rows counted from the header."""
    return [
        (finding.code, finding.title, measure.text, measure.due, measure.lead, measure.leader, measure.assisting,
         int(measure.source.rpartition("!")[2]) - above)
        for finding in draft.findings for measure in finding.measures
    ]  # fmt: skip


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(["good", "bad limit", "bad state", "no measure", "blank", "total", "header"]), max_size=12)
)
def test_errors_name_the_row_as_people_count_it_and_good_rows_load(kinds: list[str]) -> None:
    rows = [row_of(kind, place) for place, kind in enumerate(kinds, 1)]
    draft = read(sheet(("台账",), ("序号", "反馈问题", "整改措施", "整改时限", "整改状态"), *rows))
    at = {kind: [place + 2 for place, one in enumerate(kinds, 1) if one == kind] for kind in kinds}
    bad = sorted(at.get("bad limit", []) + at.get("bad state", []) + at.get("no measure", []))
    assert [error.row for error in draft.errors] == bad
    loaded = [measure.source for finding in draft.findings for measure in finding.measures]
    assert loaded == [f"台账!{row}" for row in at.get("good", [])]


def row_of(kind: str, place: int) -> tuple[str, ...]:
    good = (str(place), f"问题第{place}", "措施", "2025-05-31", "整改中")
    return {
        "good": good,
        "bad limit": (*good[:3], "2025年13月1日", good[4]),
        "bad state": (*good[:4], "很好"),
        "no measure": (*good[:2], "", *good[3:]),
        "blank": ("",) * 5,
        "total": ("合计", "", "3条", "", ""),
        "header": ("序号", "反馈问题", "整改措施", "整改时限", "整改状态"),
    }[kind]


words = st.one_of(
    st.sampled_from(sorted(load_columns().meanings)),
    st.sampled_from(
        ["", "", "1", "一", "合计", "填报人：", "1.甲\n2.乙", "2025年5月底前", "2025-02-30", "已完成", "60%", "（1）"]
    ),
    st.text(max_size=12),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
)
grids = st.integers(1, 6).flatmap(lambda width: st.lists(st.tuples(*[words] * width), max_size=8))
corners = st.tuples(st.integers(0, 7), st.integers(0, 5), st.integers(0, 3), st.integers(0, 3))


@example([(TURNED, [])])
@settings(max_examples=200)
@given(st.lists(st.tuples(grids, st.lists(corners, max_size=3)), max_size=3))
def test_any_grid_is_read_or_refused(grids_: list) -> None:
    """Whatever stands in the cells, the draft is whole: codes unique, every measure and error at a row there is."""
    sheets = tuple(
        Grid(
            f"表{place}", tuple(rows), tuple((top, left, top + down, left + right) for top, left, down, right in merged)
        )
        for place, (rows, merged) in enumerate(grids_)
    )
    try:
        draft = ledger_draft(sheets, "随机.xlsx")
    except Refusal as refused:
        draft, said = None, refused.code
    if draft is None:
        assert said == "ledger_no_header"
        return
    # Of a sheet that is turned its rows are told as they are after that, which the draft says.
    heights = {one.name: len(transposed_forms(one, load_columns())[0].rows) for one in sheets}
    codes = [measure.code for finding in draft.findings for measure in finding.measures]
    assert len(set(codes)) == len(codes)
    assert all(1 <= error.row <= heights[error.sheet] for error in draft.errors)
    assert all(finding.measures and finding.title for finding in draft.findings)
    draft.as_dict()
