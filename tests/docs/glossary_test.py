"""The words of ``docs/glossary.md`` are those of the code: each name a class of the product, each table a table."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    *("cli", "config", "db", "flows", "foresight", "intake", "letters", "papers", "plan", "rules", "tasks", "text"),
    "web",
)
_ROW = re.compile(r"^\| (?P<names>[^|]+) \| [^|]+ \| (?P<tables>[^|]*) ?\|", re.MULTILINE)
_QUOTED = re.compile(r"`(\w+)`")


def _rows() -> list[re.Match[str]]:
    return list(_ROW.finditer((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")))


def test_every_name_of_the_glossary_is_a_class_of_the_product():
    classes = {
        node.name
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    names = [name for row in _rows() for name in _QUOTED.findall(row["names"])]

    assert len(names) >= 20
    assert [name for name in names if name not in classes] == []


def test_every_table_of_the_ledger_is_in_the_glossary_and_no_other():
    models = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "db").rglob("*.py"))
    tables = re.findall(r"__tablename__ = \"(\w+)\"", models)

    assert sorted(table for row in _rows() for table in _QUOTED.findall(row["tables"])) == sorted(tables)
