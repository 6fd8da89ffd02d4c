"""Real files of every kind, made on the fly; what an office's programs would write, and what an enemy would."""

import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from text.refusals import Refusal

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_WORDML = "application/vnd.openxmlformats-officedocument.wordprocessingml"


@pytest.fixture
def refused() -> Callable[[Callable[[], object]], str]:
    """Calls something that must be refused; gives the refusal's code. Its sentence must be one line."""

    def run(action: Callable[[], object]) -> str:
        with pytest.raises(Refusal) as caught:
            action()
        assert len(str(caught.value).splitlines()) == 1
        return caught.value.code

    return run


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """A zip of these entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return made.getvalue()


def docx_parts(body: str, numbering: str = "", styles: str = "") -> dict[str, str | bytes]:
    """The parts of a Word document with this body, list definitions and styles, as Word lays them out."""

    def override(part: str) -> str:
        kind = "document.main" if part == "document" else part
        return f'<Override PartName="/word/{part}.xml" ContentType="{_WORDML}.{kind}+xml"/>'

    def relation(part: str) -> str:
        return f'<Relationship Id="{part}" Type="{_OFFICE}/{part}" Target="{part}.xml"/>'

    def root(name: str, inner: str) -> str:
        return f'<?xml version="1.0" encoding="UTF-8"?><w:{name} xmlns:w="{WORD}">{inner}</w:{name}>'

    return {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(map(override, ("document", "numbering", "styles")))
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="a" Type="{_OFFICE}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELS}">'
        + "".join(map(relation, ("numbering", "styles")))
        + "</Relationships>",
        "word/document.xml": root("document", f"<w:body>{body}</w:body>"),
        "word/numbering.xml": root("numbering", numbering),
        "word/styles.xml": root("styles", styles),
    }


def p(text: str, number: int = 0, depth: int = 0, style: str = "") -> str:
    """A paragraph, in a list or in a style where asked for."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    listed = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>' if number else ""
    return f"<w:p><w:pPr>{styled}{listed}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(*rows: list[object]) -> bytes:
    """A workbook of one sheet, 台账, with these rows."""
    book = Workbook()
    book.active.title = "台账"
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def repacked(content: bytes, changes: dict[str, str | bytes]) -> bytes:
    """The same package with some entries replaced or added."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts: dict[str, str | bytes] = {name: package.read(name) for name in package.namelist()}
    return zipped(parts | changes)


def part(content: bytes, name: str) -> str:
    """One entry of a package as text."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name).decode()


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Writes a file into a folder of the test's own."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def program(*names: str) -> str:
    """A program on this machine; without it the test is skipped, or fails where all tests are asked for."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        why = f"none of {', '.join(names)} is installed"
        if os.environ.get("DUBAN_TEST_ALL") == "1":
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.fixture
def by_libreoffice(tmp_path: Path) -> Callable[[Path, str], Path]:
    """Converts a spreadsheet with LibreOffice to another format."""

    def convert(path: Path, suffix: str) -> Path:
        office = program("soffice", "libreoffice")
        command = [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", suffix]
        subprocess.run([*command, "--outdir", tmp_path / "made", path], check=True, capture_output=True, timeout=120)
        return tmp_path / "made" / f"{path.stem}.{suffix}"

    return convert
