"""How the workbook looks: fonts, fills and formats as named styles, so that a cell only names its style."""

from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from plan.types import Level
from text.files import replace_file
from text.refusals import Refusal

CellLook = Literal["文字", "居中", "日期", "数字"]
FORMATS: dict[CellLook, str] = {"文字": "@", "居中": "@", "日期": 'yyyy"年"m"月"d"日"', "数字": "General"}
"""The number format of each look; text, so that Excel does not take 02-3 for the third of February."""
LAMP_FILLS = {
    Level.BLUE: "9DC3E6",
    Level.GREEN: "A9D18E",
    Level.YELLOW: "FFE066",
    Level.ORANGE: "F4A460",
    Level.RED: "F08080",
}
"""The fill of each lamp, light enough for black text on paper."""

_FONT = "微软雅黑"
_LINE = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_A3, _A4 = 8, 9


class StyledWorkbook(Workbook):
    """A new workbook without sheets, with the styles that its sheets name."""

    def __init__(self) -> None:
        super().__init__()
        self.remove(self.worksheets[0])
        _add_styles(self)
        self._looks: dict[tuple[str, bool], Any] = {}

    def save(self, filename: Any) -> None:
        """Write the workbook whole or not at all.

        Args:
            filename: a path in a folder that exists; what is there is replaced, and a link is not followed.

        Raises:
            Refusal: ``file_not_written``.
        """
        content = BytesIO()
        super().save(content)
        try:
            replace_file(Path(filename), content.getvalue())
        except OSError as error:
            raise Refusal("file_not_written", file=filename, why=error.strerror) from error

    def dress(self, cell: Any, style: str, *, quoted: bool = False) -> None:
        """Give a cell a named style.

        Looked up once for each style: for each of a hundred thousand cells it would take half the time.

        Args:
            cell: of this workbook.
            style: by its name.
            quoted: keeps Excel from taking the cell's text for a formula when it is edited.
        """
        if (style, quoted) not in self._looks:
            cell.style = style
            cell.quotePrefix = quoted
            self._looks[style, quoted] = cell._style
        cell._style = self._looks[style, quoted]


def _add_styles(book: Workbook) -> None:
    for name, fill, font in (
        ("督办表头", "1F4E79", Font(name=_FONT, size=10, bold=True, color="FFFFFF")),
        ("督办参考表头", "7F7F7F", Font(name=_FONT, size=10, bold=True, color="FFFFFF")),
        ("督办提示", None, Font(name=_FONT, size=10, color="C00000")),
        ("督办标题", None, Font(name=_FONT, size=16, bold=True, color="1F4E79")),
        ("督办说明", None, Font(name=_FONT, size=10)),
        ("督办序号", None, Font(name=_FONT, size=10, bold=True, color="1F4E79")),
    ):
        head = name.endswith("表头")
        alignment = Alignment(
            "center" if head or name == "督办序号" else "left", "center", wrap_text=name != "督办提示"
        )
        _add(book, name, font, fill, alignment, framed=head)
    body, faint = Font(name=_FONT, size=10), Font(name=_FONT, size=10, color="595959")
    left, centre = Alignment("left", "center", wrap_text=True), Alignment("center", "center", wrap_text=True)
    for look, number_format in FORMATS.items():
        alignment = left if look == "文字" else centre
        _add(book, style_of(look), body, None, alignment, number_format)
        _add(book, style_of(look, edited=False), faint, "F2F2F2", alignment, number_format)
    for level, colour in LAMP_FILLS.items():
        _add(book, lamp_style(level), body, colour, centre, FORMATS["居中"])


def style_of(look: CellLook, *, edited: bool = True) -> str:
    """The style of a cell with this ``look``, and whether it is to be ``edited`` by people."""
    return f"督办{look}" if edited else f"督办参考{look}"


def lamp_style(level: Level) -> str:
    """The style of a cell that shows the lamp of ``level``; without a colour it looks like any other cell."""
    return f"督办灯-{level.value}" if level in LAMP_FILLS else "督办参考居中"


def _add(
    book: Workbook,
    name: str,
    font: Font,
    fill: str | None,
    alignment: Alignment,
    number_format: str = "General",
    *,
    framed: bool = True,
) -> None:
    style = NamedStyle(name, font, alignment=alignment, number_format=number_format)
    if framed:
        style.border = _BORDER
    if fill:
        style.fill = PatternFill("solid", fgColor=fill)
    book.add_named_style(style)


def lay_out(sheet: Worksheet, title: str, *, wide: bool) -> None:
    """Screen and print: the header stays in sight and repeats on every page, one page wide, landscape.

    Args:
        sheet: to be laid out.
        title: stands above every printed page.
        wide: prints on A3.
    """
    sheet.sheet_view.zoomScale = 90
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A3 if wide else _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    head, foot = sheet.oddHeader.center, sheet.oddFooter.center  # type: ignore[union-attr]
    # In a header & begins a code; a doubled one is the sign itself.
    head.text, head.size = title[:80].replace("&", "&&"), 14
    foot.text = "第 &P 页，共 &N 页"
