"""What an enemy would write into a format: one clear sentence, or the words a person sees, in little time."""

import re
import resource
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

from intake.documents import Document
from intake.documents.reader import read_document
from tests.intake.documents.conftest import docx_parts, p, part, repacked, saved, xlsx, zipped
from text.refusals import Refusal

pytestmark = pytest.mark.slow

Put = Callable[[str, bytes | str], Path]
HEAD = "序号,反馈问题,整改措施\n"
SHEET = "xl/worksheets/sheet1.xml"
BOOK = xlsx(["序号", "反馈问题", "整改措施"], [1, "调度不够", "每月调度"])
LITTLE = 100 << 20
"""Bytes that reading may take of this process; the parsers have a process and bounds of their own."""
_OFFICE = "http://schemas.openxmlformats.org"


def _fields(*instructions: str) -> str:
    """Paragraphs with a field that Word would carry out when the document is opened, and what it last showed."""
    kinds = ("begin", "separate", "end")
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in kinds)
    shown = "<w:r><w:t>显示</w:t></w:r>"
    said = (
        f"<w:p>{begin}<w:r><w:instrText>{one}</w:instrText></w:r>{separate}{shown}{end}</w:p>" for one in instructions
    )
    return "".join(said) + '<w:p><w:fldSimple w:instr="DDE cmd x">' + shown + "</w:fldSimple></w:p>"


def _with_objects() -> bytes:
    """A document with an embedded program, a control and a template from outside."""
    parts = docx_parts(p("甲") + '<w:p><w:r><w:object><w:control w:name="x"/></w:object></w:r></w:p>')
    link = f'<Relationship Id="t" Type="{_OFFICE}/attachedTemplate" TargetMode="External" Target="http://192.0.2.1/t"/>'
    relations = str(parts["word/_rels/document.xml.rels"]).replace("</Rel", f"{link}</Rel", 1)
    return zipped(
        parts
        | {
            "word/_rels/document.xml.rels": relations,
            "word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0MZ" * 300,
            "word/activeX/activeX1.xml": "<ax/>",
        }
    )


def _nested_tables(depth: int) -> bytes:
    return zipped(docx_parts("<w:tbl><w:tr><w:tc>" * depth + p("深") + "<w:p/></w:tc></w:tr></w:tbl>" * depth))


def _sheet(change: Callable[[str], str]) -> bytes:
    return repacked(BOOK, {SHEET: change(part(BOOK, SHEET))})


def _one_text_a_thousand_times() -> bytes:
    """A workbook whose cells all name one long shared text: 30 KiB on the disk, 900 MB in the cells."""
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{types}"/></Types>'
    relation = (
        f'<Relationship Id="s" Type="{_OFFICE}/officeDocument/2006/relationships/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>'
    )
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 30_001))
    long = f'<sst xmlns="{_OFFICE}/spreadsheetml/2006/main"><si><t>{"甲" * 30_000}</t></si></sst>'
    relations = "xl/_rels/workbook.xml.rels"
    return repacked(
        BOOK,
        {
            SHEET: re.sub(
                "<sheetData>.*</sheetData>", f"<sheetData>{cells}</sheetData>", part(BOOK, SHEET), flags=re.S
            ),
            "xl/sharedStrings.xml": long,
            "[Content_Types].xml": part(BOOK, "[Content_Types].xml").replace("</Types>", override),
            relations: part(BOOK, relations).replace("</Relationships>", relation),
        },
    )


def _one_text_merged_over_a_sheet() -> bytes:
    last = '<row r="1000"><c r="CV1000" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    merged = f'{last}<mergeCells><mergeCell ref="A1:CV1000"/></mergeCells>'
    said = "<t>" + "甲" * 900 + "</t>"
    return _sheet(lambda text: re.sub("<t>[^<]*</t>", said, text, count=1).replace("</sheetData>", merged))


def _pdf(*objects: str) -> bytes:
    """A PDF of these objects, numbered from 1; the first one is its catalogue."""
    body = "\n".join(f"{number} 0 obj{one}endobj" for number, one in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}\ntrailer<</Root 1 0 R/Size {len(objects) + 1}>>\n%%EOF".encode()


_CATALOGUE = "<</Type/Catalog/Pages 2 0 R>>"
_PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>"
_FORM = (
    "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Length 6>>stream\n/X Do\nendstream "
)

REFUSED: dict[str, tuple[str, Callable[[], bytes | str], set[str]]] = {
    "tables nested a thousand deep": ("a.docx", lambda: _nested_tables(1_000), {"document_damaged", "document_costly"}),
    "a cell at the far end of the sheet": (
        "a.xlsx",
        lambda: _sheet(
            lambda text: text.replace(
                "</sheetData>",
                '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>远</t></is></c></row></sheetData>',
            )
        ),
        {"document_rows"},
    ),
    "one shared text in thirty thousand cells": ("a.xlsx", _one_text_a_thousand_times, {"document_text"}),
    "one text merged over a hundred thousand cells": ("a.xlsx", _one_text_merged_over_a_sheet, {"document_text"}),
    "a number of five million digits": (
        "a.xlsx",
        lambda: _sheet(lambda text: text.replace("<v>1</v>", f"<v>{'9' * 5_000_000}</v>")),
        {"document_damaged"},
    ),
    "a byte of nothing in a cell": ("a.csv", HEAD + "1,甲\0乙,每月调度\n", {"document_encoding"}),
    "a cell without end": ("a.csv", lambda: HEAD + "1," + "甲" * 1_000_000, {"document_cell_open"}),
    "a quotation mark nobody closed": ("a.csv", HEAD + '1,"甲,每月调度\n2,乙,按季检查\n', {"document_cell_open"}),
    "a quotation mark nobody closed in a long file": (
        "a.csv",
        lambda: HEAD + '1,"甲,每月调度\n' + "2,乙不到位,按季检查\n" * 20_000,
        {"document_cell_open"},
    ),
    "tables of a page nested five thousand deep": (
        "a.html",
        lambda: "<table><tr><td>" * 5_000 + "深" + "</td></tr></table>" * 5_000,
        {"document_costly"},
    ),
    "sixty thousand entities in one line": ("a.html", lambda: f"<p>{'&#x7532;' * 60_000}", {"document_line_long"}),
    "pages that hold each other": (
        "a.pdf",
        _pdf(_CATALOGUE, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>"),
        {"document_damaged", "document_scan"},
    ),
    "a hundred thousand pages declared": (
        "a.pdf",
        _pdf(_CATALOGUE, "<</Type/Pages/Kids[3 0 R]/Count 100000>>", _PAGE),
        {"document_pages", "document_damaged", "document_scan"},
    ),
    "one page a hundred thousand times": (
        "a.pdf",
        lambda: _pdf(_CATALOGUE, f"<</Type/Pages/Kids[{'3 0 R ' * 100_000}]/Count 100000>>", _PAGE),
        {"document_pages"},
    ),
    "a drawing that draws itself": (
        "a.pdf",
        _pdf(_CATALOGUE, "<</Type/Pages/Kids[3 0 R]/Count 1>>", _PAGE, "<</Length 6>>stream\n/X Do\nendstream ", _FORM),
        {"document_costly", "document_damaged", "document_scan"},
    ),
    "UTF-16 that does not say so": ("a.txt", "整改措施：每月调度\n".encode("utf-16-le") * 20, {"document_encoding"}),
    "half a sign": ("a.txt", "整改措施：每月\ud800调度".encode("utf-8", "surrogatepass"), {"document_encoding"}),
    "half a sign in a document": ("a.docx", lambda: zipped(docx_parts(p("甲&#xD800;乙"))), {"document_damaged"}),
}


@pytest.mark.parametrize(("name", "content", "codes"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_in_little_memory(
    put: Put, refused: Callable[..., str], name: str, content: Callable[[], bytes | str] | bytes | str, codes: set[str]
) -> None:
    path = put(name, content() if callable(content) else content)
    before = sorted(path.parent.iterdir())
    tracemalloc.start()
    try:
        assert refused(lambda: read_document(path)) in codes
        assert tracemalloc.get_traced_memory()[1] < LITTLE
    finally:
        tracemalloc.stop()
    assert sorted(path.parent.iterdir()) == before


def _words(document: Document) -> list[str]:
    cells = [str(cell) for sheet in document.sheets for row in sheet.rows for cell in row if cell]
    return [line.text for line in document.lines] or cells


def _named_elsewhere() -> bytes:
    book = Workbook()
    book.active.append(["甲"])
    book.defined_names["x"] = DefinedName("x", attr_text="'[http://192.0.2.1/a.xlsx]Sheet1'!$A$1")
    return saved(book)


READ: dict[str, tuple[str, Callable[[], bytes | str], list[str]]] = {
    "a field that would start a program": (
        "a.docx",
        lambda: zipped(docx_parts(p("甲") + _fields('DDEAUTO cmd.exe "/k calc"'))),
        ["甲", "显示", "显示"],
    ),
    "an embedded program, a control, a template from outside": ("a.docx", _with_objects, ["甲"]),
    "two hundred thousand empty paragraphs": (
        "a.docx",
        lambda: zipped(docx_parts("<w:p/>" * 200_000 + p("甲"))),
        ["甲"],
    ),
    "a sheet that claims all rows and columns": (
        "a.xlsx",
        lambda: _sheet(lambda text: re.sub('<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', text)),
        ["序号", "反馈问题", "整改措施", "1", "调度不够", "每月调度"],
    ),
    "a name for a cell of another workbook": ("a.xlsx", _named_elsewhere, ["甲"]),
    "formulas that would fetch or start something": (
        "a.xlsx",
        lambda: xlsx(['=HYPERLINK("http://192.0.2.1","点")', "=cmd|' /C calc'!A0"]),
        ['=HYPERLINK("http://192.0.2.1","点")', "=cmd|' /C calc'!A0"],
    ),
    "entities that laugh or read a file": (
        "a.html",
        lambda: '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>甲&x;&b;</p>',
        ["]>", "甲&x;&b;"],
    ),
    "signs that turn the text around or are not seen": (
        "a.csv",
        lambda: "序\u200b号,反馈\u2060问题\n\u200f1\u200b,甲不\u202e到位\ufeff\n",
        ["序号", "反馈问题", "1", "甲不到位"],
    ),
    "half a sign in a page": ("a.html", lambda: "<p>甲&#xD800;乙&#x110000;丙&#0;丁</p>", ["甲乙丙丁"]),
}


@pytest.mark.parametrize(("name", "content", "words"), READ.values(), ids=READ.keys())
def test_only_what_a_person_sees_is_read(
    put: Put, name: str, content: Callable[[], bytes | str], words: list[str]
) -> None:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert [re.sub("[\ufffd ]", "", one) for one in _words(read_document(put(name, content())))] == [
        one.replace(" ", "") for one in words
    ]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - spent < 30


@pytest.mark.parametrize("target", ["good.txt", "loop.txt", "gone.txt", "/dev/zero", "/proc/self/environ"])
def test_a_link_is_read_as_what_it_leads_to(put: Put, tmp_path: Path, target: str) -> None:
    put("good.txt", "甲不到位")
    link = tmp_path / "loop.txt"
    link.symlink_to(target)
    if target == "good.txt":
        assert _words(read_document(link)) == ["甲不到位"]
    else:
        with pytest.raises(Refusal):
            read_document(link)
