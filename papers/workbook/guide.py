"""The sheet 说明: how to edit the workbook, what the colours mean, and what must not be edited."""

from papers.workbook import PlanStatus
from papers.workbook.paint import LAMP_FILLS, StyledWorkbook, lamp_style, lay_out
from text import clean
from text.catalogue import term

_GUIDE = (
    "深蓝表头的栏目可以修改；灰色表头的只供查看，改了也不会导入。",
    "“整改台账”一行一项措施，“督办事项”一行一项按期办理的事，“待确认问题”一行一问，都以措施编号相连。",
    "“待确认问题”的“答复”栏：选“照此办理”“不需要”“已完成”或频次，也可以直接填期限；牵头单位和督办领导填名称，表里没有的自动新增。"
    "检查、启用或导入时照答复办理，并记入依据或进展说明；几项措施答复不同的，复制本行，分别写明措施编号。",
    "新增：在表的末尾加一行，序号、代号可以不填。删除：删去整行；删措施时，把它的督办事项和待确认问题一并删去。",
    "排序、筛选、调整列宽、增加自己的栏目都不影响导入；排列先后以“序号”为准，可填 2.5 插在 2 和 3 之间。",
    "措施编号、代号是对应历史记录的依据：改了编号，就是删去原来的一项、新增另一项。",
    "单位、岗位按名称填写，名称以“责任单位”“岗位”两表为准；改名只需在那两张表里改。重名的写成 名称〔代号〕。",
    "日期直接输入，如 2025-5-31 或 2025年5月31日。编号类单元格是文本格式，01 不会变成 1。",
    "每期期限可填：期末、期末前3个工作日、期末后5天、期初后9天、第3个工作日、倒数第1个工作日、倒数第1个星期五；不超过一个月的，"
    "当月25日、次月5日；超过一个月的，期末月25日（本期最后一个月）、第2个月10日（从本期第一个月数起）、期满次月5日（本期结束后的下一个月）。",
    "“期次”“历史记录”是已经发生的事，由系统导出，不能在表里修改；填报、审核、延期请在系统里办理。",
    "不要使用公式：系统不读公式，导入时会指出所在的单元格。",
    "导入时如有问题，系统会逐条指出工作表、行和栏目，改正后重新导入；在此之前台账没有任何变化。",
)


_LIGHTS = "亮灯由轻到重为蓝、绿、黄、橙、红，是导出当时的情况；各色何时亮起，由本单位的督办规则确定。"


def add_guide(book: StyledWorkbook, title: str, status: PlanStatus | None) -> None:
    """Add the sheet 说明.

    Args:
        book: takes the sheet.
        title: of the round.
        status: the lamps are explained where it brings lamps.
    """
    sheet = book.create_sheet("说明")
    lay_out(sheet, "", wide=False)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 8, 120
    said = [*_GUIDE, _LIGHTS] if status else _GUIDE
    lines = [("督办标题", "", clean.cell(title)), *(("督办序号", str(n), line) for n, line in enumerate(said, 1))]
    if status:
        lines += [(lamp_style(level), term(level), "") for level in LAMP_FILLS]
    for row, (style, mark, text) in enumerate(lines, 1):
        sheet.row_dimensions[row].height = 36 if style == "督办标题" else 24
        for column, value in ((1, mark), (2, text)):
            cell = sheet.cell(row, column, value or None)
            cell.style = style if column == 1 or style == "督办标题" else "督办说明"
            cell.data_type = "s"
