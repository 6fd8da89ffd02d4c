"""Writes the list of the ledger's door into its reference page: every name of ``db.ledger``, below its module.

Named one by one, for a command hides behind a module of the same name where a package is documented as a whole.
"""

import ast
from pathlib import Path
from typing import Any

DOOR = Path(__file__).parents[1] / "db" / "ledger" / "__init__.py"
MARK = "<!-- every name of db.ledger -->"


def on_page_markdown(markdown: str, **_context: Any) -> str:
    """Called by mkdocs with the text of each page, before it is rendered.

    Args:
        markdown: the page as written.

    Returns:
        The page with the directives of the door in the place of ``MARK``, if it has one.
    """
    return markdown.replace(MARK, _directives()) if MARK in markdown else markdown


def _directives() -> str:
    imports = [node for node in ast.parse(DOOR.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    sections = (
        f"## {str(node.module).rsplit('.', 1)[-1].replace('_', ' ').capitalize()}\n\n"
        + "\n".join(f"::: {node.module}.{alias.name}" for alias in node.names)
        for node in imports
    )
    return "\n\n".join(sections)
