"""What a stranger meets when he reads: one name for two things, parameters nobody explains, long functions, comments.

``python -m bench.names [--root CHECKOUT]`` reads the syntax trees of the product's rooms and runs nothing.
"""

import argparse
import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from bench.measuring import percentile, show
from bench.rooms import ROOT, Module, modules

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def classes_twice(read: Sequence[Module]) -> dict[str, list[Module]]:
    """Public classes whose name more than one module defines, with their modules."""
    return {name: places for name, places in _defined(read, ast.ClassDef).items() if len(places) > 1}


def functions_twice(read: Sequence[Module]) -> dict[str, list[str]]:
    """Public functions at module level whose name more than one module defines, with their modules."""
    found = _defined(read, FunctionNode)
    return {name: [one.name for one in places] for name, places in found.items() if len(places) > 1}


def basenames(read: Sequence[Module], times: int) -> dict[str, list[str]]:
    """Names of files that occur ``times`` or more, ``__init__`` apart."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in read:
        if module.basename != "__init__":
            found[module.basename].append(module.name)
    return {name: places for name, places in sorted(found.items()) if len(places) >= times}


def explained(read: Iterable[Module]) -> tuple[int, int, int]:
    """The parameters of public functions and methods; how many their docstring names as such, and how many at all."""
    there = named = mentioned = 0
    for module in read:
        for function in _public_functions(module.tree):
            parameters = _parameters(function)
            docstring = ast.get_docstring(function) or ""
            there += len(parameters)
            named += sum(_names(docstring, parameter) for parameter in parameters)
            mentioned += sum(bool(re.search(rf"\b{re.escape(one)}\b", docstring)) for one in parameters)
    return there, named, mentioned


def lengths(read: Iterable[Module]) -> list[int]:
    """Lines of every function, its signature and docstring counted, its decorators not."""
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for module in read
        for node in ast.walk(module.tree)
        if isinstance(node, FunctionNode)
    ]


def bodies(read: Iterable[Module]) -> list[int]:
    """Lines of what every function does: neither signature nor docstring."""
    found = []
    for module in read:
        for node in ast.walk(module.tree):
            if isinstance(node, FunctionNode):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                found.append((body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0)
    return found


def comments(read: Iterable[Module]) -> tuple[int, int]:
    """How many comments there are, and lines that are not blank."""
    said = lines = 0
    for module in read:
        lines += sum(bool(line.strip()) for line in module.text.splitlines())
        tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
        said += sum(token.type == tokenize.COMMENT for token in tokens)
    return said, lines


def _defined(read: Iterable[Module], kind: type) -> dict[str, list[Module]]:
    """Public names of this kind at module level, each with the modules that define it."""
    found: dict[str, list[Module]] = defaultdict(list)
    for module in read:
        for name in dict.fromkeys(node.name for node in module.tree.body if isinstance(node, kind)):
            if not name.startswith("_"):
                found[name].append(module)
    return dict(sorted(found.items()))


def _public_functions(tree: ast.Module | ast.ClassDef) -> Iterator[FunctionNode]:
    for node in tree.body:
        if getattr(node, "name", "_").startswith("_"):
            continue
        if isinstance(node, FunctionNode):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _public_functions(node)


def _parameters(function: FunctionNode) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [one.arg for one in every if one and one.arg not in ("self", "cls") and not one.arg.startswith("_")]


def _names(docstring: str, parameter: str) -> bool:
    """Whether a docstring names a parameter: between double backquotes, or at the head of a line of ``Args``."""
    quoted = rf"``[^`\n]*\b{re.escape(parameter)}\b[^`\n]*``"
    section = re.search(r"^\s*Args:\n(.*)", docstring, re.MULTILINE | re.DOTALL)
    listed = rf"^\s*\*{{0,2}}{re.escape(parameter)}(, ?\w+)*( \([^)]*\))?:"
    return bool(re.search(quoted, docstring) or (section and re.search(listed, section[1], re.MULTILINE)))


def _within(read: Iterable[Module], prefix: str) -> list[Module]:
    return [module for module in read if not prefix or module.name == prefix or module.name.startswith(f"{prefix}.")]


def _listed(found: dict[str, list[str]]) -> list[tuple[str, int, str]]:
    return [(f"`{name}`", len(places), ", ".join(places)) for name, places in found.items()]


def _spread(name: str, lines: Sequence[int]) -> tuple[object, ...]:
    return name, f"{len(lines):,}", f"{median(lines):g}", percentile(lines, 0.9), max(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.names", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout to read")
    read = modules(parser.parse_args().root)
    classes, functions = classes_twice(read), functions_twice(read)
    thrice, twice = basenames(read, 3), basenames(read, 2)
    said, lines = comments(read)
    tops = dict.fromkeys(module.name.partition(".")[0] for module in read)
    shares = [(prefix or "all", *explained(_within(read, prefix))) for prefix in ("db.ledger", *tops, "")]

    apart = {name: len({module.room for module in places}) for name, places in classes.items()}
    rows = [(f"`{name}`", apart[name], ", ".join(one.name for one in places)) for name, places in classes.items()]
    title = f"{len(rows)} public class names in more than one module, {sum(n > 1 for n in apart.values())} of them"
    show(f"{title} in more than one room", ("name", "rooms", "modules"), rows)
    heads: tuple[str, ...] = ("name", "times", "modules")
    show(f"{len(functions)} public function names in more than one module", heads, _listed(functions))
    show(f"{len(thrice)} module names three times or more", heads, _listed(thrice))
    pairs = {name: places for name, places in twice.items() if name not in thrice}
    show(f"{len(pairs)} module names twice", heads, _listed(pairs))
    rows = [
        (name, there, named, f"{100 * named / max(1, there):.0f} %", f"{100 * mentioned / max(1, there):.0f} %")
        for name, there, named, mentioned in shares
    ]
    heads = ("where", "parameters", "``named`` or in Args", "share", "mentioned by any wording")
    show("Parameters of public functions that their docstring names", heads, rows)
    spreads = [_spread("whole", lengths(read)), _spread("body", bodies(read))]
    show("Lines of a function", ("counted", "functions", "median", "90 %", "longest"), spreads)
    rows = [(len(read), f"{lines:,}", said, f"{100 * said / lines:.2f}")]
    show("Comments", ("modules", "lines not blank", "comments", "per 100 lines"), rows)


if __name__ == "__main__":
    main()
