"""What is wrong with a command line, in Chinese: typer has its complaints in English only."""

import re

from pydantic import BaseModel, ValidationError
from typer import BadParameter, TyperException

from plan.faults import model_faults

_COMPLAINTS = (
    (r"No such command '(.+?)'\. Did you mean '(.+?)'\?", "没有命令 {0}；是否应为 {1}？"),
    (r"No such command '(.+?)'\.", "没有命令 {0}；用 duban --help 查看全部命令"),
    (r"Missing command\.", "没有写命令；用 duban --help 查看全部命令"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", "没有选项 {0}；是否应为 {1}？"),
    (r"No such option: (\S+)(?: Did you mean (.+)\?)?", "没有选项 {0}；用 --help 查看全部选项"),
    (r"Missing (?:argument|option|parameter) '(.+?)'\..*", "缺少 {0}；请补上"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)", "多了 {0}；含空格的文字请加引号"),
    (r"Option '(.+?)' requires (?:an argument|\d+ arguments)\.", "{0} 后面没有写值；请补上"),
    (r"Option '(.+?)' does not take a value\.", "{0} 后面不写值"),
)


def usage_fault(wrong: TyperException) -> str:
    """What is wrong with a command line.

    Args:
        wrong: what typer raised.

    Returns:
        One line; the complaint as it is where it is of a kind not met so far.
    """
    told = wrong.format_message()
    for pattern, sentence in _COMPLAINTS:
        if found := re.fullmatch(pattern, told, re.DOTALL):
            return sentence.format(*(found.groups()))
    if not isinstance(wrong, BadParameter):
        return told
    about = re.match(r"Invalid value for '(.+?)': ", told)
    what = wrong.message
    if isinstance(wrong.__cause__, ValidationError):
        what = next(fault for _, fault in model_faults(wrong.__cause__, BaseModel))
    return f"{about[1]}：{what}" if about else what
