"""A template that an office edits in Word: looked at before anything is written, then filled.

Its language is closed: ``{{ field }}``, ``{% for name in rows %}``, ``{% if field %}``, ``{% else %}`` and their ends,
with ``p`` or ``tr`` behind the sign for a whole paragraph or row. Fields are those of the paper (docs/papers.md), so
that what is wrong is told with its place, and nothing of a template is ever carried out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, get_args, get_type_hints

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from intake.documents.guard import admit
from papers.paper_code import paper_code_picture
from text.catalogue import phrase
from text.clean import block, line
from text.refusals import Refusal

SUFFIX = ".docx"
PATH = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_TAG = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}")
_PARTS = r"^(?:p|tr|tc|r)?\s+"
_VALUE = re.compile(rf"^\s*({PATH})\s*$")
_FOR = re.compile(rf"{_PARTS}for\s+([A-Za-z_]\w*)\s+in\s+({PATH})\s*$")
_IF = re.compile(rf"{_PARTS}if\s+(?:not\s+)?({PATH})\s*$")
_END = re.compile(rf"{_PARTS}(else|endif|endfor)\s*$")
_ENDS = {"else": "if", "endif": "if", "endfor": "for"}
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_SHOWN = 30
_CODE = Mm(24)


def paper_template(folder: Path, shipped: Path, key: str) -> Path:
    """The template of a paper: the office's own where there is one, else the shipped one.

    Args:
        folder: of the office.
        shipped: as it came.
        key: of the paper.
    """
    # Whatever ending it has: one with a macro is refused and not passed over.
    own = sorted(folder.glob(f"{key}.*")) if folder != shipped else []
    return own[0] if own else shipped / f"{key}{SUFFIX}"


def checked_template(path: Path, facts: type) -> bytes:
    """A template that may be filled.

    Args:
        path: of the file.
        facts: the dataclass whose fields it may name.

    Returns:
        The file.

    Raises:
        Refusal: ``template_field``, ``template_tag``, ``template_unclosed``, and those of ``admit``.
    """
    source = admit(path)
    if source.kind != "docx":
        raise Refusal("document_mismatch", name=source.name, suffix=SUFFIX, found=source.kind)
    for paragraphs in _parts(source.content):
        _Reader(source.name, facts).read(paragraphs)
    return source.content


def fill_template(content: bytes, facts: Any) -> bytes:
    """A template with its fields filled. What is not known is said in its place, and no field is left empty.

    Args:
        content: a template that was looked at.
        facts: what its fields hold; texts from anywhere are made harmless here.

    Returns:
        The document.
    """
    template = DocxTemplate(BytesIO(content))
    template.init_docx()
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    template.render(_values(facts, template), environment)
    made = BytesIO()
    template.save(made)
    return made.getvalue()


def _values(facts: Any, template: DocxTemplate) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields(facts):
        value = getattr(facts, one.name)
        if isinstance(value, tuple):
            found[one.name] = [_values(row, template) for row in value]
        elif isinstance(value, bool):
            found[one.name] = value
        elif value and one.metadata.get("code"):
            found[one.name] = InlineImage(template, BytesIO(paper_code_picture(value)), width=_CODE)
        else:
            # Another line of a text is another paragraph of the document.
            said = block(value).replace("\n", "\a")
            found[one.name] = said or phrase("paper.lacking", what=one.metadata["label"])
    return found


def _parts(content: bytes) -> Iterator[list[str]]:
    """The paragraphs of every part that is filled: the body, headers and footers, footnotes, the properties."""
    document = Document(BytesIO(content))
    yield [_text(one) for one in document.element.body.iter(qn("w:p"))]
    for part in document.part.package.iter_parts():
        kind = part.content_type
        if kind.endswith(("header+xml", "footer+xml", "footnotes+xml")):
            yield [_text(one) for one in parse_xml(part.blob).iter(qn("w:p"))]
    told = document.core_properties
    yield [told.author, told.comments, told.identifier, told.language, told.subject, told.title]


def _text(paragraph: Any) -> str:
    """What of a paragraph stands in itself, and not in a box inside it."""
    own = (one for one in paragraph.iter(qn("w:t")) if next(one.iterancestors(qn("w:p"))) is paragraph)
    return "".join(one.text or "" for one in own)


@dataclass(frozen=True, slots=True)
class _Row:
    """What has fields by their names: a value is None."""

    fields: "Mapping[str, _Row | _Rows | None]"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Of which a loop names each."""

    each: _Row


class _Reader:
    """Goes through the tags of one part with the fields that each may name."""

    def __init__(self, name: str, facts: type) -> None:
        self._name, self._place = name, ""
        self._open: list[tuple[str, str, _Row]] = [("", "", _schema(facts))]
        """Loops and conditions that have not ended: which, where each began, and what may be named in it."""

    def read(self, paragraphs: list[str]) -> None:
        for number, text in enumerate(paragraphs, 1):
            self._place = phrase("paper.place", n=number, text=line(text, _SHOWN))
            if stray := _STRAY.search(_TAG.sub("", text)):
                raise self._wrong("template_tag", tag=stray[0])
            for tag in _TAG.finditer(text):
                self._take(tag)
        if len(self._open) > 1:
            kind, self._place, _ = self._open[-1]
            raise self._wrong("template_unclosed", tag=kind)

    def _wrong(self, code: str, **facts: object) -> Refusal:
        return Refusal(code, name=self._name, place=self._place, **facts)

    def _take(self, tag: re.Match[str]) -> None:
        named, statement = tag[1] or "", tag[2] or ""
        within = self._open[-1][2]
        if found := _VALUE.match(named):
            if self._field(found[1]) is not None:
                raise self._wrong("template_rows", field=found[1])
        elif found := _FOR.match(statement):
            rows = self._field(found[2])
            if not isinstance(rows, _Rows):
                raise self._wrong("template_not_rows", field=found[2])
            self._open.append(("for", self._place, _Row({**within.fields, found[1]: rows.each})))
        elif found := _IF.match(statement):
            self._field(found[1])
            self._open.append(("if", self._place, within))
        elif (found := _END.match(statement)) and self._open[-1][0] == _ENDS[found[1]]:
            if found[1] != "else":
                self._open.pop()
        else:
            raise self._wrong("template_tag", tag=tag[0])

    def _field(self, path: str) -> _Row | _Rows | None:
        known: _Row | _Rows | None = self._open[-1][2]
        for name in path.split("."):
            if not isinstance(known, _Row) or name not in known.fields:
                names = known.fields if isinstance(known, _Row) else ()
                raise self._wrong("template_field", field=path, known="、".join(names) or "—")
            known = known.fields[name]
        return known


def _schema(facts: type) -> _Row:
    found: dict[str, _Row | _Rows | None] = {}
    for name, kind in get_type_hints(facts).items():
        row = next((one for one in get_args(kind) if is_dataclass(one)), None)
        found[name] = _Rows(_schema(row)) if isinstance(row, type) else None
    return _Row(found)
