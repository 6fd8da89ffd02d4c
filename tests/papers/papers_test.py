"""Papers as an office hands them in, written from the ledger of four months and read back from the file."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, is_dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt
from PIL import Image
from sqlalchemy.orm import Session

from db.ledger import LedgerContext
from db.paper_facts import sheets_of
from db.session import make_engine
from papers.compiled import compiled, months_asked
from papers.kinds import PAPERS, SHIPPED, PaperAsked, PaperKind
from papers.pdf import as_pdf
from papers.shipped import DOCUMENTED, field_tables, laid_out
from papers.template import checked_template
from plan.policy import Policy
from rules.month_span import read_months
from rules.work_time import WorkTime
from tests.conftest import administer, at
from tests.papers.conftest import need_libreoffice
from tests.papers.story import SHEET_WORDS, tell
from text.refusals import Refusal

Opened = Callable[[str], AbstractContextManager[LedgerContext]]
PAGES = "https://duban.example"
SINGLE = ("brief", "circular", "dispatch", "minutes")
"""Papers that are one page."""
_TAG = re.compile(r"\{[{%#]|[%#}]\}")


@pytest.fixture(scope="module")
def ezhou_at(
    postgres: Callable[[str], str], work_time: WorkTime, policy: Policy, whole_ladders: Policy
) -> Iterator[Opened]:
    """Opens contexts on the ledger of the story; who reads it changes nothing. From April on its ladders are longer."""
    administer(postgres("postgres"), "CREATE DATABASE papers_story TEMPLATE template_ledger")
    engine = make_engine(postgres("papers_story"))

    @contextmanager
    def opened(moment: Any, actor: str = "测试") -> Iterator[LedgerContext]:
        now = at(moment) if isinstance(moment, str) else moment
        with Session(engine, expire_on_commit=False) as session, session.begin():
            rules = policy if now < at("2025-04-01T00:00") else whole_ladders
            yield LedgerContext(session, work_time, rules, now, actor)

    tell(opened)
    yield opened
    engine.dispose()


@pytest.fixture(scope="module")
def written(ezhou_at: Opened) -> Callable[..., bytes]:
    """A paper as of 6 May 2025, of months as a person writes them."""

    def write(key: str, months: str | None = None, person: str = "", sheet: str = "") -> bytes:
        with ezhou_at("2025-05-06T10:00") as ctx:
            kind = PAPERS[key]
            asked = PaperAsked(None, months_asked(ctx, kind, None, months), person, sheet, pages=PAGES)
            return compiled(ctx, kind, asked, SHIPPED)

    return cache(write)


def _texts(content: bytes) -> list[str]:
    body = Document(BytesIO(content)).element.body
    return ["".join(one.text or "" for one in paragraph.iter(qn("w:t"))) for paragraph in body.iter(qn("w:p"))]


def _codes(content: bytes) -> set[str]:
    """Where the square codes lead."""
    parts = Document(BytesIO(content)).part.package.iter_parts()
    pictures = [Image.open(BytesIO(part.blob)) for part in parts if part.content_type == "image/png"]
    return {code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)}


def _said(content: bytes) -> str:
    return "\n".join(_texts(content))


@pytest.mark.parametrize("kind", PAPERS.values(), ids=PAPERS)
class TestEveryPaper:
    def test_its_template_is_what_the_script_lays_out_and_passes_the_check(self, kind: PaperKind) -> None:
        shipped = checked_template(SHIPPED / f"{kind.key}.docx", kind.facts)
        assert _texts(shipped) == _texts(laid_out(kind))

    def test_stands_on_the_page_as_gb_t_9704_has_it(self, kind: PaperKind, written: Callable[..., bytes]) -> None:
        document = Document(BytesIO(written(kind.key)))
        page = document.sections[0]
        lengths = (page.page_width, page.page_height, page.top_margin, page.left_margin)
        lengths += (page.bottom_margin, page.right_margin)
        assert [round(one.mm) for one in lengths] == [210, 297, 37, 28, 35, 26]
        normal, title = document.styles["Normal"], document.styles["Title"]
        assert (normal.font.size, title.font.size) == (Pt(16), Pt(22))
        named = {name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) for name in ("Normal", "Title")}
        assert named == {"Normal": "仿宋_GB2312", "Title": "方正小标宋简体"}

    def test_numbers_its_pages_between_dashes_odd_ones_right_and_even_ones_left(
        self, kind: PaperKind, written: Callable[..., bytes]
    ) -> None:
        document = Document(BytesIO(written(kind.key)))
        assert document.settings.odd_and_even_pages_header_footer
        for footer, side in ((document.sections[0].footer, "RIGHT"), (document.sections[0].even_page_footer, "LEFT")):
            paragraph = footer.paragraphs[0]
            assert paragraph.text == "—  —"
            assert [code.text for code in paragraph._p.iter(qn("w:instrText"))] == ["PAGE"]
            assert paragraph.alignment is not None
            assert paragraph.alignment.name == side
            assert paragraph.runs[0].font.size == Pt(14)

    def test_names_fonts_with_what_stands_in_for_them_and_embeds_none(
        self, kind: PaperKind, written: Callable[..., bytes]
    ) -> None:
        parts = list(Document(BytesIO(written(kind.key))).part.package.iter_parts())
        table = next(part.blob.decode() for part in parts if part.partname.endswith("fontTable.xml"))
        assert 'w:name="仿宋_GB2312"><w:altName w:val="FangSong' in table
        assert not [part.partname for part in parts if "font" in part.content_type and "Table" not in part.partname]

    def test_leaves_no_field_empty_and_no_tag_in_the_text(
        self, kind: PaperKind, written: Callable[..., bytes], ezhou_at: Opened
    ) -> None:
        said = _said(written(kind.key))
        assert not _TAG.search(said)
        with ezhou_at("2025-05-06T10:00") as ctx:
            facts = kind.compose(ctx, PaperAsked(None, months_asked(ctx, kind, None, None), pages=PAGES))
        lacking = {label for value, label in _values(facts) if value == ""}
        assert {label for label in lacking if f"〔待补：{label}〕" not in said} <= _unused(kind, lacking)

    def test_opens_in_libreoffice_as_pages_with_its_text(
        self, kind: PaperKind, written: Callable[..., bytes], tmp_path: Path
    ) -> None:
        need_libreoffice()
        pages = pypdfium2.PdfDocument(as_pdf(written(kind.key)))
        whole = "".join(page.get_textpage().get_text_range() for page in pages)
        assert len(whole) > 100
        assert (len(pages) == 1) == (kind.key in SINGLE)


def _values(facts: Any) -> Iterator[tuple[Any, str]]:
    for one in fields(facts):
        value = getattr(facts, one.name)
        if isinstance(value, tuple):
            for row in value:
                yield from _values(row) if is_dataclass(row) else ()
        else:
            yield value, one.metadata["label"]


def _unused(kind: PaperKind, labels: set[str]) -> set[str]:
    """Of some fields those that the shipped template does not print."""
    template = _said(laid_out(kind))
    found: dict[str, str] = {}

    def walk(rows: type) -> None:
        for one in fields(rows):
            found.setdefault(one.metadata["label"], one.name)
            for inner in getattr(one.type, "__args__", ()):
                if isinstance(inner, type) and is_dataclass(inner):
                    walk(inner)

    walk(kind.facts)
    return {label for label in labels if not re.search(rf"\b{found.get(label, '-')}\b", template)}


def test_the_documentation_lists_every_field_of_every_paper() -> None:
    assert field_tables() in DOCUMENTED.read_text(encoding="utf-8")


class TestProvince:
    """整改进展报告."""

    def test_speaks_by_itself_of_the_last_finished_period_of_the_report_duty(self, ezhou_at: Opened) -> None:
        with ezhou_at("2025-05-06T10:00") as ctx:
            assert months_asked(ctx, PAPERS["province"], None, None).label == "2025年3—4月"
        with ezhou_at("2025-04-30T10:00") as ctx:
            assert months_asked(ctx, PAPERS["province"], None, None).label == "2025年1—2月"

    def test_has_the_parts_that_practice_asks_for(self, written: Callable[..., bytes]) -> None:
        document = Document(BytesIO(written("province")))
        heads = [one.text for one in document.paragraphs if one.style is not None and one.style.name == "Heading 1"]
        assert heads == ["一、总体进展", "二、逐项进展", "三、未达序时事项", "四、下一步"]
        seconds = [one.text for one in document.paragraphs if one.style is not None and one.style.name == "Heading 2"]
        assert (len(seconds), seconds[0], seconds[22][:6]) == (23, "（一）理论学习先行不够", "（二十三）空")
        thirds = [one.text for one in document.paragraphs if one.style is not None and one.style.name == "Heading 3"]
        assert thirds[:2] == ["1.重要论述先学先议（01-1）", "1.督察整改任务纳入攻坚战考核（02-1）"]
        assert len(document.tables[-1].rows) == 56
        assert "省生态环境厅：" in [one.text for one in document.paragraphs]

    def test_tells_accepted_reports_alone_and_each_in_one_paper(self, written: Callable[..., bytes]) -> None:
        march, january = _said(written("province")), _said(written("province", "2025-01..02"))
        assert "中央督察反馈的15项任务均按序时推进" in march
        assert "中央督察反馈的12项任务均按序时推进" in january
        assert "12项任务" not in march
        assert "15项任务" not in january
        assert "管网完成71%" not in march  # waits for review
        assert "开展专题学习3次" not in march  # was returned
        assert "进度40→65%" in march

    def test_a_text_from_outside_stands_there_as_it_was_said(self, written: Callable[..., bytes]) -> None:
        assert "抽查 31 座设施，<停运> 2 座 & 已恢复。" in _said(written("province"))

    def test_lists_on_its_first_page_of_what_nothing_was_accepted_and_why(self, written: Callable[..., bytes]) -> None:
        texts = _texts(written("province"))
        before = "\n".join(texts[: texts.index("省生态环境厅：")])
        assert "以下39项措施本期没有已审核的进展" in before
        assert re.search(r"应报未报34项：局办公室01-1、02-4", before)
        assert "退回后未重报1项：局办公室22-2" in before

    def test_names_to_the_editor_what_was_copied_from_the_report_before(self, written: Callable[..., bytes]) -> None:
        assert "07-1 专人盯进度、每月调度：与2025年2月所报逐字相同" in _said(written("province"))

    def test_a_number_carries_its_day_and_what_is_assumed_says_so(self, written: Callable[..., bytes]) -> None:
        said = _said(written("province"))
        assert "截至2025年5月6日，整改中43项，已销号12项；逾期37项。" in said
        assert "整改中由44项变为43项，已销号由11项变为12项" in said
        assert "季度学习，2025年3月31日前（推定）" in said
        assert "2025年5月31日前；" in said  # the source gives this day

    def test_says_why_a_matter_is_late_and_what_help_its_unit_asked_for(self, written: Callable[..., bytes]) -> None:
        said = _said(written("province"))
        assert "原因：征地两户未谈妥。需协调：请区政府出面协调。" in said
        assert "原因：填报被退回：请写明每次学习的日期" in said
        assert "原因：未填报，原因待说明" in said


def test_the_bulletin_lists_units_in_the_order_of_the_plan_and_ranks_none(written: Callable[..., bytes]) -> None:
    document = Document(BytesIO(written("bulletin")))
    units = [one.text for one in document.paragraphs if one.style is not None and one.style.name == "Heading 2"]
    assert [unit[3:7] for unit in units[:3]] == ["局办公室", "督察科（", "综合执法"]
    assert not re.search(r"排名第|倒数|最差|第一名", _said(written("bulletin")))


def test_the_dispatch_brings_three_things_to_decide_what_needs_help_first(written: Callable[..., bytes]) -> None:
    texts = _texts(written("dispatch"))
    decide = texts[texts.index("三、须研究决定的事项") + 1 :]
    assert decide[0].startswith("1.专人盯进度、每月调度（07-1）：水生态环境科请求协调“请区政府出面协调”")
    assert [one[:2] for one in decide[:3]] == ["1.", "2.", "3."]
    assert decide[3:] == []


def test_the_brief_says_to_one_leader_what_needs_him_by_when_and_what_happens_otherwise(
    written: Callable[..., bytes],
) -> None:
    said = _said(written("brief"))
    assert "局党组书记：" in said
    assert re.search(r"1\.督办〔2025〕\d+号.*，应于2025年\d+月\d+日前办理，已过时限。到期未批示的，再次提请", said)
    other = _said(written("brief", person="财务审计科负责人"))
    assert "财务审计科负责人：" in other


class TestSheet:
    """督办单."""

    def test_is_found_by_its_number_and_has_all_that_a_sheet_says(self, written: Callable[..., bytes]) -> None:
        document = Document(BytesIO(written("sheet", sheet="4")))
        cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
        said = dict(zip(cells[::4], cells[1::4], strict=True)) | dict(zip(cells[2::4], cells[3::4], strict=True))
        assert document.paragraphs[1].text == "督办〔2025〕4号"
        assert said["督办事项"] == "08-2 每月调度 · 2025年1月"
        assert said["责任单位"] == "华容分局"
        assert said["督办依据"].startswith("反馈问题08 项目资金执行不力；整改措施08-2：")
        assert said["原 时 限"] == "2025年1月31日"
        assert said["逾期天数"] == "63个工作日"
        assert said["领导批示"] == f"局党组书记于2025年4月8日批示：{SHEET_WORDS}"
        assert said["新 时 限"] == "2025年4月30日"
        assert said["签　　收"] == "〔待补：签收人和时间〕"

    def test_its_code_leads_to_its_matter(self, written: Callable[..., bytes]) -> None:
        assert _codes(written("sheet", sheet="4")) == {f"{PAGES}/matter/escalation-4"}

    def test_all_of_some_months_stand_on_a_page_each(self, written: Callable[..., bytes], ezhou_at: Opened) -> None:
        with ezhou_at("2025-05-06T10:00") as ctx:
            opened = sheets_of(ctx, None, read_months("2025-04", ctx.today))
            april = [one for one in opened if one.kind == "escalation"]
        titles = [one for one in Document(BytesIO(written("sheet"))).paragraphs if one.text == "督　办　单"]
        assert len(titles) == len(april) > 30
        assert all(one.paragraph_format.page_break_before for one in titles)

    def test_a_number_that_there_is_not_is_refused(self, written: Callable[..., bytes]) -> None:
        with pytest.raises(Refusal, match="没有督办单“999”；现有：督办〔2025〕1号、"):
            written("sheet", sheet="999")


def test_an_interview_has_its_notice_and_behind_it_its_record(written: Callable[..., bytes]) -> None:
    document = Document(BytesIO(written("interview")))
    titles = [one.text for one in document.paragraphs if one.style is not None and one.style.name == "Title"]
    assert titles == ["约谈通知书", "约谈纪要"]
    said = _said(written("interview"))
    assert "提级理由：连续两个月没有进展。" in said
    assert "约谈人：局党组书记" in said
    (record,) = document.tables
    assert [record.cell(row, 1).text for row in (3, 4)] == ["水生态环境科科长、分管副科长", "五一假期不停工。"]


def test_a_circular_names_the_unit_the_matter_and_what_is_demanded(written: Callable[..., bytes]) -> None:
    said = _said(written("circular"))
    assert "关于局办公室一项整改事项的通报\n通报〔2025〕1号\n各责任单位：" in said
    assert "提级理由：连续两个月没有进展。\n局办公室须补学补记，五月上旬报送。" in said
    assert "请局办公室于2025年5月9日前办结并填报" in said


def test_the_minutes_tell_each_instruction_and_what_became_of_it(written: Callable[..., bytes]) -> None:
    rows = Document(BytesIO(written("minutes"))).tables[0].rows
    said = [cell.text for cell in rows[1].cells]
    assert [row.cells[1].text for row in list(rows)[1:]] == [
        "督办〔2025〕4号",
        "约谈〔2025〕1号",
        "通报〔2025〕1号",
    ]
    assert said[1:5] == ["督办〔2025〕4号", "局党组书记\n2025年4月8日", SHEET_WORDS, "华容分局\n2025年4月30日"]
    assert said[5] == "已批示。〔待补：落实情况〕"


def test_a_warning_is_for_one_unit_and_as_grave_as_its_worst_matter(written: Callable[..., bytes]) -> None:
    texts = _texts(written("warning"))
    pages = {texts[place + 2]: text for place, text in enumerate(texts) if re.fullmatch("提醒函|预警函（.色）", text)}
    assert pages["局办公室："] == "预警函（红色）"
    assert len(pages) == 12
    assert _codes(written("warning")) == {f"{PAGES}/me"}
