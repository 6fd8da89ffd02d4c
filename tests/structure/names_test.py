"""One word, one thing: no public name of the product means two things."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bench.rooms import rooms
from config.settings import HERE

ROOT = HERE.parent
ROOMS = (
    *("cli", "config", "db", "flows", "foresight", "intake", "letters", "papers", "plan", "rules", "tasks", "text"),
    "web",
)
PROTOCOLS = {"register": "cli.", "send": "letters.channels."}
"""Functions that every module of a room has by agreement: it adds its commands; it sends by its channel."""
FOUND = ("intake.documents.formats", "intake.interpreters", "letters.channels", "papers.kinds")
"""Packages whose modules are found by being there."""


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the product by its dotted name; migrations are numbered and name themselves."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def _defined(*kinds: type[ast.AST]) -> dict[str, list[str]]:
    """Where each public class or function at the top of a module is defined."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, kinds) and not str(getattr(node, "name", "_")).startswith("_"):
                found[node.name].append(name)  # type: ignore[attr-defined]
    return found


def test_no_class_name_stands_for_two_classes() -> None:
    assert {name: where for name, where in _defined(ast.ClassDef).items() if len(where) > 1} == {}


def test_no_function_name_has_two_meanings() -> None:
    functions = _defined(ast.FunctionDef, ast.AsyncFunctionDef)
    twice = {name: where for name, where in functions.items() if len(where) > 1}
    agreed = {name for name in twice if all(one.startswith(PROTOCOLS.get(name, " ")) for one in twice[name])}
    assert {name: twice[name] for name in twice.keys() - agreed} == {}


def test_no_module_name_is_used_three_times() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for name, path in modules():
        if path.name != "__init__.py":
            found[path.name].append(name)
    assert {name: where for name, where in found.items() if len(where) > 2} == {}


def test_every_package_is_installed() -> None:
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("__init__.py")}
    packages = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert packages - set(rooms()) == set()


def test_every_module_is_imported_by_a_test_that_needs_no_office() -> None:
    paths = dict(modules())
    tests = [path for path in (ROOT / "tests").rglob("*.py") if "stack" not in path.parts]
    waiting, reached = [name for path in tests for name in _named(path, paths)], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _named(paths[name], paths)
    assert sorted(set(paths) - reached) == []


def _named(path: Path, known: dict[str, Path]) -> list[str]:
    """The modules that a file imports, or names as text: some are found by name or run in a process of their own."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [node.value, f"cli.{node.value}"]  # the command line loads the module of the command asked for
    packages = [name.rpartition(".")[0] for name in found]
    by_themselves = [name for name in known for home in FOUND if home in found and name.startswith(f"{home}.")]
    return [name for name in (*found, *packages, *by_themselves) if name in known]
