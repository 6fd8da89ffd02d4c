"""Everything a person reads is Chinese: what is printed, asked, logged for operators, shown on forms and pages.

Read from the syntax trees, so that a new sentence is held to it without a test of its own. Codes, options, file names
and names of products stay as they are; what only a developer meets (tracebacks, ``--json``) is not looked at.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    *("cli", "config", "db", "flows", "foresight", "intake", "letters", "papers", "plan", "rules", "tasks", "text"),
    "web",
)
SAYS = {
    "Abort",
    "Argument",
    "BadParameter",
    "ClickException",
    "ClockError",
    "DeliveryFailed",
    "Field",
    "Option",
    "Problem",
    "Refusal",
    "Typer",
    "Unreadable",
    "complain",
    "confirm",
    "critical",
    "echo",
    "error",
    "exception",
    "info",
    "print_table",
    "prompt",
    "report",
    "secho",
    "warning",
}
"""Calls that say something to a person."""
SHOWN = {"description", "flow_run_name", "help", "prompt", "task_run_name", "title"}
"""Arguments of any call that a person reads."""
CODES = {"code", "default", "default_factory", "envvar", "metavar", "pattern"}
"""Arguments of those calls that no person reads."""
NAMES = re.compile(
    r"--?[\w-]+|\bduban( [a-z]+)*|DUBAN_\w+|PREFECT_\w+|\w*\.\w+|%\S*[a-z]|https?:\S*|\b[a-z]+_[a-z_]+\b"
    r"|\b(Prefect|UI|JSON|YAML|Excel|PostgreSQL|Apprise|SMTP|URL|UTF|GBK|Python)\b"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _text(node: ast.expr) -> str:
    """What of an expression is written out, with a blank for what is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else " "
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.IfExp):
        return f"{_text(node.body)}\n{_text(node.orelse)}"
    return " "


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _said(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        speaks = _name(call) in SAYS
        for given in call.args if speaks else ():
            yield given.lineno, _text(given)
        for named in call.keywords:
            if named.arg in SHOWN or (speaks and named.arg not in CODES):
                yield named.value.lineno, _text(named.value)


def english(text: str) -> bool:
    """Whether a text is a sentence, or a word of one, without Chinese; a single word in small letters is a code."""
    for line in text.splitlines():
        left = NAMES.sub("", line)
        if not CHINESE.search(line) and re.search(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}|\b[A-Z][a-z]{2,}", left):
            return True
    return False


NOT_READ = {"config/settings.py"}
"""Its descriptions are for whoever installs and carries on the product."""
MODULES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts and str(path.relative_to(ROOT)) not in NOT_READ
)


@pytest.mark.parametrize("room", ROOMS)
def test_nobody_is_spoken_to_in_english(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for path in MODULES
        if path.relative_to(ROOT).parts[0] == room
        for line, text in _said(ast.parse(path.read_text()))
        if english(text)
    ]
    assert found == []


def test_every_command_of_the_command_line_says_in_chinese_what_it_does() -> None:
    for path in (ROOT / "cli").glob("*.py"):
        tree = ast.parse(path.read_text())
        registered = {
            node.args[0].id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name)
            if isinstance(node.func, ast.Call) and _name(node.func) == "command"
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in registered:
                assert CHINESE.search(ast.get_docstring(node) or ""), f"{path.name}: {node.name}"


def test_every_word_on_a_page_or_in_a_message_is_chinese() -> None:
    for path in (ROOT / "config" / "templates").glob("*.j2"):
        page = re.sub(r"<style>.*?</style>|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", path.read_text(), flags=re.DOTALL)
        assert not english(page), path.name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("the heartbeat did not get through: %s", True),
        ("Missing option", True),
        ("Error", True),
        ("心跳未能送达：%s", False),
        ("--json", False),
        ("Prefect UI: ", False),
        ("text_empty", False),
        ("chase", False),
    ],
)
def test_a_sentence_is_told_from_a_code(text: str, told: bool) -> None:
    assert english(text) is told
