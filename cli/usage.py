"""What typer itself says on the command line, in Chinese: its complaints, and the frame of its help pages.

typer has both in English only and no catalogue for them; they are few, so they are translated where they leave.
"""

import re
from typing import Any

from pydantic import BaseModel, ValidationError
from typer import BadParameter, Typer, TyperException
from typer.core import TyperCommand, TyperGroup

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

_HELP = (
    (r"^Usage: (.*)\[OPTIONS\]", r"用法：\1[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]"),
    (r"^Options:$", "选项："),
    (r"^Arguments:$", "参数："),
    (r"^Commands:$", "命令："),
    (r"Show this message and exit\.", "显示本说明。"),
    (r"Install completion for the current shell\.", "为当前的 shell 安装命令补全。"),
    (r"Show completion for the current shell, to copy it or\s+customize the installation\.", "输出命令补全的脚本。"),
    (r"\[required\]", "[必填]"),
    (r"\[default:\s", "[默认："),
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
    if choice := re.fullmatch(r"Value error, '(.*)' is not one of '(.+)'\.", what, re.DOTALL):
        what = f"“{choice[1]}”不在可选之列：" + choice[2].replace("', '", "、")
    elif isinstance(wrong.__cause__, ValidationError):
        what = next(fault for _, fault in model_faults(wrong.__cause__, BaseModel))
    return f"{about[1]}：{what}" if about else what


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return _help_text(super().get_help(ctx))


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return _help_text(super().get_help(ctx))


def _help_text(page: str) -> str:
    for pattern, chinese in _HELP:
        page = re.sub(pattern, chinese, page, flags=re.MULTILINE)
    return page


def translate_help(app: Typer) -> None:
    """Have the help pages of a command line, of its commands and its groups in Chinese.

    Args:
        app: the command line, or a group of it, when everything is registered.
    """
    app.info.cls = _Group
    for command in app.registered_commands:
        command.cls = _Command
    for group in app.registered_groups:
        group.cls = _Group
        if group.typer_instance:
            translate_help(group.typer_instance)
