"""The templates of all papers as they are shipped, and the list of their fields in docs/papers.md.

``python -m papers.shipped`` writes both anew.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

from papers.kinds import PAPERS, SHIPPED, PaperKind
from papers.official import OfficialDocument
from text.files import replace_file

DOCUMENTED = Path(__file__).parents[1] / "docs" / "papers.md"
BEGIN = "<!-- fields: written by papers/shipped.py -->"


def laid_out(kind: PaperKind) -> bytes:
    """The template of a paper as it is shipped; ``kind`` says how it looks."""
    document = OfficialDocument()
    kind.lay_out(document)
    return document.content()


def field_tables() -> str:
    """The fields of every paper, as docs/papers.md lists them."""
    parts = []
    for kind in PAPERS.values():
        rows = "\n".join(f"| `{path}` | {label} |" for path, label in _fields(kind.facts, ""))
        parts.append(f"### {kind.key}: {kind.title}\n\n| field | what it is |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def _fields(facts: type, above: str) -> Iterator[tuple[str, str]]:
    kinds = get_type_hints(facts)
    for one in fields(facts):
        row = next((inner for inner in get_args(kinds[one.name]) if is_dataclass(inner)), None)
        path = f"{above}{one.name}" + ("[]" if row else "")
        yield path, one.metadata["label"]
        if isinstance(row, type):
            yield from _fields(row, f"{path}.")


if __name__ == "__main__":
    for kind in PAPERS.values():
        replace_file(SHIPPED / f"{kind.key}.docx", laid_out(kind))
    before = DOCUMENTED.read_text(encoding="utf-8").partition(BEGIN)[0]
    replace_file(DOCUMENTED, f"{before}{BEGIN}\n\n{field_tables()}".encode())
