"""How an official document looks (GB/T 9704): shipped templates are laid out here, and edited in Word afterwards.

A4, 22 lines of 28 characters, 3号 仿宋; the title 2号 小标宋; levels 一、黑体, （一）楷体, 1. and （1）仿宋; pages are
numbered in 4号 between dashes, odd ones at the right and even ones at the left. Fonts are named as offices have them,
each with what may stand in for it (``w:altName``), and never embedded. ``python -m papers.shipped`` writes the
templates anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

BODY, TITLE, HEAVY, KAI, LATIN = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "Times New Roman"
STAND_INS = {
    BODY: "FangSong,仿宋,FandolFang,Noto Serif CJK SC",
    TITLE: "FZXiaoBiaoSong-B05S,STZhongsong,SimSun,Noto Serif CJK SC",
    HEAVY: "SimHei,Noto Sans CJK SC",
    KAI: "KaiTi,楷体,FandolKai,Noto Serif CJK SC",
    LATIN: "Liberation Serif",
}
"""What may stand in for a font that a machine does not have, the nearest first."""
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)
"""2号, 3号, 4号, 五号."""
_LINE = Pt(28.95)
"""225 mm by 22 lines."""
_STYLES = (
    # Name, font, size, first line indented by so many characters, outline level.
    ("Normal", BODY, SIZE_3, 2),
    ("Title", TITLE, SIZE_2, 0),
    ("Heading 1", HEAVY, SIZE_3, 2),
    ("Heading 2", KAI, SIZE_3, 2),
    ("Heading 3", BODY, SIZE_3, 2),
)

_AFTER_BORDERS = (
    *("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:topLinePunct"),
    *("w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc"),
    *("w:outlineLvl", "w:rPr", "w:sectPr"),
)
_AFTER_SPACING = ("w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr")
_AFTER_COLOUR = ("w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u", "w:effect", "w:lang")
"""What stands behind a property in the order of the schema."""


class OfficialDocument:
    """A document of an office while it is laid out, from its first line to its last."""

    def __init__(self) -> None:
        self._document = Document()
        _dress(self._document)
        _number_pages(self._document)

    def title(self, text: str, *, new_page: bool = False) -> None:
        """The title, and the empty line under it; on a ``new_page``, as each of several papers in one file has it."""
        self._document.add_paragraph(text, "Title").paragraph_format.page_break_before = new_page

    def centred(self, text: str, font: str = KAI, size: Any = SIZE_3) -> None:
        """A line in the middle, such as the number of the document."""
        _write(self._document.add_paragraph(), text, font, size, WD_ALIGN_PARAGRAPH.CENTER)

    def empty(self) -> None:
        """A line on which nothing stands."""
        self._document.add_paragraph()

    def flush(self, text: str, font: str = BODY) -> None:
        """A paragraph that begins at the margin, such as whom it is addressed to."""
        _write(self._document.add_paragraph(), text, font, SIZE_3, WD_ALIGN_PARAGRAPH.LEFT)

    def body(self, *texts: str) -> None:
        """Paragraphs of running text; what stands before ``‖`` in one is bold."""
        for text in texts:
            lead, _, rest = text.rpartition("‖")
            paragraph = self._document.add_paragraph()
            if lead:
                paragraph.add_run(lead).bold = True
            paragraph.add_run(rest)

    def small(self, text: str) -> None:
        """A paragraph for the editor, in 4号 楷体; what stands before ``‖`` is bold."""
        lead, _, rest = text.rpartition("‖")
        paragraph = self._document.add_paragraph()
        for part, bold in ((lead, True), (rest, False)):
            if part:
                _write(paragraph, part, KAI, SIZE_4, WD_ALIGN_PARAGRAPH.LEFT)
                paragraph.runs[-1].bold = bold

    def level(self, depth: int, text: str) -> None:
        """A heading: 一、 at ``depth`` 1, （一） at 2, 1. at 3."""
        self._document.add_paragraph(text, f"Heading {depth}")

    @contextmanager
    def each(self, names: str) -> Iterator[None]:
        """What is laid out within stands once for each of ``names`` (``finding in findings``)."""
        self._tag(f"for {names}")
        yield
        self._tag("endfor")

    @contextmanager
    def where(self, condition: str) -> Iterator[None]:
        """What is laid out within stands only where there is what ``condition`` names (``gaps``, ``not gaps``)."""
        self._tag(f"if {condition}")
        yield
        self._tag("endif")

    def _tag(self, text: str) -> None:
        self._document.add_paragraph(f"{{%p {text} %}}")

    def table(
        self, names: str, columns: Sequence[tuple[str, str, float]], *, left: Iterable[int] = (), size: Any = SIZE_5
    ) -> None:
        """A table with a head that repeats on every page and a row for each of ``names`` (``task in ledger``).

        Args:
            names: what it has a row for.
            columns: of each its title, what stands in it, and its width in mm.
            left: the numbers of the columns whose text stands at the left; the others are centred.
            size: of its letters.
        """
        table = self._document.add_table(4, len(columns))
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        begin, end = table.rows[1], table.rows[3]
        for place, (title, field, width) in enumerate(columns):
            table.columns[place].width = Mm(width)
            for row in table.rows:
                row.cells[place].width = Mm(width)
            _cell(table.rows[0].cells[place], title, HEAVY, size, centred=True)
            _cell(table.rows[2].cells[place], field, BODY, size, centred=place not in left)
        _cell(begin.cells[0], f"{{%tr for {names} %}}", BODY, size, centred=True)
        _cell(end.cells[0], "{%tr endfor %}", BODY, size, centred=True)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row in table.rows:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))

    def form(self, rows: Sequence[tuple[float, Sequence[tuple[str, str]]]], widths: Sequence[float]) -> None:
        """A form: in each row pairs of a title and what stands beside it, the last cell reaching to the edge.

        Args:
            rows: from above, each with its least height in mm.
            widths: of its columns, in mm.
        """
        table = self._document.add_table(len(rows), len(widths))
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for row, (height, pairs) in zip(table.rows, rows, strict=True):
            row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Mm(height)
            for place, width in enumerate(widths):
                row.cells[place].width = Mm(width)
            cells = [text for pair in pairs for text in pair]
            if len(cells) < len(widths):
                row.cells[len(cells) - 1].merge(row.cells[len(widths) - 1])
            for place, text in enumerate(cells):
                _cell(row.cells[place], text, BODY if place % 2 else HEAVY, SIZE_4, centred=not place % 2)

    @contextmanager
    def for_the_editor(self) -> Iterator[None]:
        """What is laid out within is for the editor, who takes it out: it stands in a frame."""
        before = len(self._document.paragraphs)
        yield
        for paragraph in self._document.paragraphs[before:]:
            _frame(paragraph)

    def signature(self, office: str, day: str) -> None:
        """Office and date, at the right, four characters in."""
        self.empty()
        for text in (office, day):
            paragraph = self._document.add_paragraph()
            _write(paragraph, text, BODY, SIZE_3, WD_ALIGN_PARAGRAPH.RIGHT)
            _indent(paragraph, right=4)

    def landscape(self) -> None:
        """What follows stands on pages across, as wide tables do."""
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
        section.top_margin, section.bottom_margin = Mm(28), Mm(26)
        section.left_margin, section.right_margin = Mm(35), Mm(37)

    def content(self) -> bytes:
        """The document as a file."""
        made = BytesIO()
        self._document.save(made)
        return made.getvalue()


def _dress(document: Any) -> None:
    """The page and the styles; whoever edits the template changes them in Word."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(24)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    language = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    # Without it signs would be drawn as another country of Chinese characters writes them.
    language.set(qn("w:eastAsia"), "zh-CN")
    for name, font, size, indent in _STYLES:
        style = document.styles[name]
        _font(style.element.get_or_add_rPr(), font)
        style.font.size, style.font.bold, style.font.italic = size, False, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        # 28 characters of 16 points in 156 mm, each narrower by a quarter of a point.
        _closer(style.element.get_or_add_rPr())
        layout = style.paragraph_format
        layout.space_before = layout.space_after = Pt(0)
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
        layout.widow_control = False
        _indent(style, first=indent, size=size)
        for between in ("w:autoSpaceDE", "w:autoSpaceDN"):
            _put(style.element.get_or_add_pPr(), between, "0", _AFTER_SPACING)
    title = document.styles["Title"]
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after, title.paragraph_format.line_spacing = _LINE, Pt(36)
    for border in title.element.pPr.findall(qn("w:pBdr")):
        title.element.pPr.remove(border)
    for name in ("Heading 1", "Heading 2", "Heading 3"):
        document.styles[name].paragraph_format.keep_with_next = True
    # What Word checks of Chinese text is not what an office wants marked in its documents.
    fonts = next(part for part in document.part.package.iter_parts() if str(part.partname).endswith("fontTable.xml"))
    fonts._blob = _font_table()


def _font_table() -> bytes:
    named = (f'<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>' for name, other in STAND_INS.items())
    rows = "".join(named)
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{head}<w:fonts {nsdecls('w')}>{rows}</w:fonts>".encode()


def _font(properties: Any, font: str) -> None:
    """Chinese in ``font``, digits and Latin letters in what goes with it."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), font)
    for script in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(script), LATIN)


def _indent(target: Any, first: int = 0, right: int = 0, size: Any = SIZE_3) -> None:
    """Indent by characters, as Word reckons them, and by the same length for programs that do not."""
    found = target.element.get_or_add_pPr() if hasattr(target, "element") else target._p.get_or_add_pPr()
    indent = found.get_or_add_ind()
    for side, count in (("firstLine", first), ("right", right)):
        indent.set(qn(f"w:{side}Chars"), str(count * 100))
        indent.set(qn(f"w:{side}"), str(int(count * size.pt * 20)))


def _write(paragraph: Any, text: str, font: str, size: Any, alignment: Any) -> None:
    paragraph.alignment = alignment
    _indent(paragraph)
    run = paragraph.add_run(text)
    run.font.size = size
    _font(run._r.get_or_add_rPr(), font)


def _cell(cell: Any, text: str, font: str, size: Any, *, centred: bool) -> None:
    paragraph = cell.paragraphs[0]
    _write(paragraph, text, font, size, WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT)
    # At least, and not exactly: a code that stands in a cell is higher than a line.
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    paragraph.paragraph_format.line_spacing = Pt(size.pt * 1.35)
    cell.vertical_alignment = 1


def _frame(paragraph: Any) -> None:
    """Around a paragraph; neighbours share one."""
    line = 'w:val="single" w:sz="6" w:space="4" w:color="7F7F7F"'
    sides = "".join(f"<w:{side} {line}/>" for side in ("top", "left", "bottom", "right"))
    paragraph._p.get_or_add_pPr().insert_element_before(
        parse_xml(f"<w:pBdr {nsdecls('w')}>{sides}</w:pBdr>"), *_AFTER_BORDERS
    )


def _closer(properties: Any) -> None:
    _put(properties, "w:spacing", "-5", _AFTER_COLOUR)


def _put(properties: Any, name: str, value: str, before: Sequence[str]) -> None:
    """A property in its place: the schema has an order, and Word refuses a file that has another."""
    made = OxmlElement(name)
    made.set(qn("w:val"), value)
    properties.insert_element_before(made, *before)


def _number_pages(document: Any) -> None:
    """— 1 — in 4号 below the text: at the right of odd pages, at the left of even ones, one character in."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, alignment in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["Normal"]
        paragraph.alignment = alignment
        _indent(paragraph)
        indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
        side = "right" if alignment is WD_ALIGN_PARAGRAPH.RIGHT else "left"
        indent.set(qn(f"w:{side}Chars"), "100")
        indent.set(qn(f"w:{side}"), "280")
        for kind in ("— ", "begin", "PAGE", "end", " —"):
            run = paragraph.add_run()
            run.font.size = SIZE_4
            _font(run._r.get_or_add_rPr(), "宋体")
            if kind in ("begin", "end"):
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
                run._r.append(mark)
            elif kind == "PAGE":
                code = OxmlElement("w:instrText")
                code.text = kind
                run._r.append(code)
            else:
                run.text = kind
