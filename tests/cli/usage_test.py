"""What typer itself says is Chinese too: every help page, and every way to use a command wrongly."""

import re
from collections.abc import Iterator

import pytest
import typer

from cli.main import application
from cli.usage import usage_fault

WRONG = {
    ("nosuch",): "没有命令 nosuch；用 duban --help 查看全部命令",
    ("plan", "nosuch"): "没有命令 nosuch；用 duban --help 查看全部命令",
    ("submit",): "缺少 MEASURE；请补上",
    ("submit", "01-1", "--percent", "3", "--by", "王工"): "缺少 --text；请补上",
    ("submit", "01-1", "--text"): "--text 后面没有写值；请补上",
    ("submit", "01-1", "--text", "a", "--by", "b", "--percent", "c"): "--percent：“c”不是整数",
    ("submit", "01-1", "--persent", "3"): "没有选项 --persent；是否应为 --percent？",
    ("submit", "01-1", "--xyzzy"): "没有选项 --xyzzy；用 --help 查看全部选项",
    ("ledger", "--json=3"): "--json 后面不写值",
    ("ledger", "extra"): "多了 extra；含空格的文字请加引号",
    ("intake", "a.txt", "--rows", "some"): "--rows：“some”不在可选之列：all、good",
    ("intake", "a.txt", "--kind", "tax"): "--kind：“tax”不在可选之列：party、environment、audit、government",
    ("up", "--port", "0"): "--port：“0”小于1",
    ("intake", "a.txt"): "找不到文件 a.txt",
    ("forecast", "--from", "tomorrow"): "--from：“tomorrow”不是日期，请写成 2025-05-31",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_wrong_command_line_is_told_in_chinese(words: tuple[str, ...]) -> None:
    with pytest.raises(typer.TyperException) as told:
        application(words[0])(list(words), standalone_mode=False)
    assert usage_fault(told.value) == WRONG[words]


def _pages(command: typer.core.TyperCommand, context: typer.Context) -> Iterator[str]:
    yield command.get_help(context)
    for name, part in getattr(command, "commands", {}).items():
        yield from _pages(part, typer.Context(part, info_name=name, parent=context))


def test_every_page_of_help_is_chinese() -> None:
    whole = typer.main.get_command(application(None))
    pages = list(_pages(whole, typer.Context(whole, info_name="duban")))
    assert len(pages) > 20
    for page in pages:
        assert page.startswith("用法：duban")
        told = re.sub(r"duban [a-z]+ [a-z]+", "", page)
        assert not re.search(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}|OPTIONS|ARGS|Options|Commands|required|default", told)
