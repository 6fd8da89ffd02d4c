"""A hostile or broken file gets one clear sentence, costs little, and nothing of it acts."""

import io
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config.settings import HERE
from intake.documents import sandbox
from intake.documents.guard import KINDS, MAX_BYTES, admit
from intake.documents.reader import is_ledger, read_document, read_lines, read_sheets
from tests.intake.documents.conftest import docx_parts, p, part, repacked, xlsx, zipped
from text.refusals import Refusal

pytestmark = pytest.mark.slow

Put = Callable[[str, bytes | str], Path]
SHEET = "xl/worksheets/sheet1.xml"
GIVEN_UP = {"document_costly", "document_damaged"}
"""A parser that finds no memory says so, or takes it for a fault of the file."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
DOCX = zipped(docx_parts(p("甲")))
XLSX = xlsx(["甲"])
PDF = b"%PDF-1.7\n%%EOF"
ROOT = HERE.parent


@pytest.fixture
def code(put: Put, refused: Callable[..., str]) -> Callable[[str, bytes | str], str]:
    """The code with which a file of this name and content is refused, by the reader its suffix asks for."""

    def run(name: str, content: bytes | str) -> str:
        path = put(name, content)
        before = sorted(path.parent.iterdir())
        answer = refused(lambda: read_sheets(path) if path.suffix in {".xlsx", ".csv"} else read_lines(path))
        assert sorted(path.parent.iterdir()) == before
        return answer

    return run


Code = Callable[[str, bytes | str], str]


def test_what_is_no_file_is_refused(tmp_path: Path, refused: Callable[..., str]) -> None:
    folder, pipe = tmp_path / "夹.txt", tmp_path / "管.txt"
    folder.mkdir()
    os.mkfifo(pipe)
    device = tmp_path / "设备.txt"
    device.symlink_to("/dev/zero")
    assert refused(lambda: read_lines(tmp_path / "无.txt")) == "document_missing"
    assert refused(lambda: read_lines(tmp_path / "无" / "a.txt")) == "document_missing"
    assert refused(lambda: read_lines(tmp_path / "a\0.txt")) == "document_missing"
    assert refused(lambda: read_lines(tmp_path / f"{'长' * 200}.txt")) == "document_unreadable"
    assert refused(lambda: read_lines(folder)) == "document_not_a_file"
    assert refused(lambda: read_lines(pipe)) == "document_not_a_file"
    assert refused(lambda: read_lines(device)) == "document_not_a_file"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_of_somebody_else_is_refused() -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom intake.documents.guard import admit\n"
        "os.seteuid(65534)\nadmit(Path(sys.argv[1]))"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "密.txt"
        path.write_text("甲")
        path.chmod(0)
        done = subprocess.run([sys.executable, "-c", script, path], cwd=ROOT, capture_output=True, text=True)
    assert "“密.txt”无法读取；请检查权限" in done.stderr


def test_empty_files_and_unknown_suffixes_are_refused(code: Code) -> None:
    assert {code(f"a{suffix}", "") for suffix in KINDS} == {"document_empty"}
    assert code("a.csv", " \r\n") == "document_empty"
    assert code("a.exe", "MZ") == "document_unknown"
    assert code("没有扩展名", "甲") == "document_unknown"


@pytest.mark.parametrize("suffix", ["doc", "xls", "wps", "et", "rtf", "ofd", "xlsb"])
def test_old_formats_are_refused_with_advice(put: Put, suffix: str) -> None:
    with pytest.raises(Refusal, match=rf"旧.{suffix}.*另存为 \.docx（文档）或 \.xlsx（表格）") as caught:
        read_lines(put(f"旧.{suffix}", OLE))
    assert caught.value.code == "document_old_format"


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_an_old_file_with_a_new_name_and_a_locked_one_are_told_apart(code: Code, name: str) -> None:
    assert code(name, OLE) == "document_old_format"
    assert code(name, OLE + "EncryptedPackage".encode("utf-16-le")) == "document_encrypted"
    assert code(name, rb"{\rtf1 abc}") == "document_old_format"


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.txt", DOCX, "docx"),
        ("a.txt", PDF, "pdf"),
        ("a.txt", "<!DOCTYPE html><p>甲", "html"),
        ("a.docx", "<html><p>甲", "html"),
        ("a.docx", XLSX, "xlsx"),
        ("a.xlsx", DOCX, "docx"),
        ("a.xlsx", "序号,问题", "txt"),
        ("a.xlsx", "\ufeff <TABLE><tr>".encode(), "html"),
        ("a.csv", XLSX, "xlsx"),
        ("a.pdf", "甲", "txt"),
        ("a.html", DOCX, "docx"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n%PDF-", "png"),
        ("a.docx", zipped({"[Content_Types].xml": "<Types/>"}), "zip"),
    ],
)
def test_a_name_that_lies_is_told_what_the_file_is(
    code: Code, put: Put, name: str, content: bytes | str, found: str
) -> None:
    assert code(name, content) == "document_mismatch"
    with pytest.raises(Refusal, match=rf"内容却是 {found}"):
        is_ledger(read_document(put(name, content)))


def test_a_suffix_in_capitals_is_the_same_suffix(put: Put) -> None:
    assert [line.text for line in read_lines(put("A.TXT", "甲"))] == ["甲"]
    assert is_ledger(read_document(put("A.XLSX", XLSX)))


def test_a_name_cannot_write_on_the_terminal(put: Put) -> None:
    with pytest.raises(Refusal) as caught:
        read_lines(put("坏\x1b[31m\n\u202e.exe", "甲"))
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    large = tmp_path / "大.txt"
    with large.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert limited(large) == "document_too_large"


def test_the_largest_file_allowed_is_read(put: Put) -> None:
    line = "整改" * 100 + "\n"
    path = put("满.txt", (line * (MAX_BYTES // len(line.encode())))[: MAX_BYTES // 3])
    assert len(read_lines(path)) > 10_000


def limited(path: Path, megabytes: int = 400) -> str:
    """The refusal's code for a file that is read in a process with so much memory."""
    script = (
        "import resource,sys\nfrom pathlib import Path\nfrom intake.documents.reader import *\n"
        "size = int(sys.argv[2]) << 20\nresource.setrlimit(resource.RLIMIT_AS, (size, size))\n"
        "path = Path(sys.argv[1])\n"
        "try:\n    (read_sheets if path.suffix in {'.xlsx', '.csv'} else read_lines)(path)\n"
        "except Refusal as refusal:\n    print(refusal.code)"
    )
    command = [sys.executable, "-c", script, str(path), str(megabytes)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.mark.parametrize("name", ["炸弹.xlsx", "炸弹.docx"])
def test_a_zip_bomb_is_refused_in_little_memory(put: Put, name: str) -> None:
    whole = XLSX if name.endswith("xlsx") else DOCX
    target = "xl/worksheets/sheet1.xml" if name.endswith("xlsx") else "word/document.xml"
    bomb = repacked(whole, {target: b" " * (300 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    assert limited(put(name, bomb)) == "document_bomb"


def test_a_bomb_that_lies_about_its_size_is_refused_in_little_memory(put: Put) -> None:
    bomb = repacked(XLSX, {"xl/worksheets/sheet1.xml": b" " * (300 * 1024 * 1024)})
    lying = bomb.replace(struct.pack("<I", 300 * 1024 * 1024), struct.pack("<I", 1000))
    assert lying != bomb
    assert limited(put("骗.xlsx", lying)) in {"document_bomb", "document_damaged"}


def test_many_small_tags_are_a_bomb_too(code: Code) -> None:
    tags = "<w:p/>" * 2_100_000
    assert code("a.docx", zipped(docx_parts(tags))) == "document_bomb"
    assert code("a.xlsx", repacked(XLSX, {"xl/styles.xml": "<a>" + "<xf/>" * 2_100_000 + "</a>"})) == "document_bomb"


def test_entries_that_share_bytes_are_refused(code: Code) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, content in docx_parts(p("甲")).items():
            package.writestr(name, content)
        inner = package.getinfo("word/styles.xml")
        inner.header_offset = package.getinfo("word/numbering.xml").header_offset
    assert code("a.docx", made.getvalue()) == "document_bomb"


def test_too_many_entries_are_refused(code: Code) -> None:
    assert code("a.docx", zipped(docx_parts(p("甲")) | {f"word/{n}.xml": "" for n in range(5_001)})) == "document_bomb"


@pytest.mark.parametrize("entry", ["../../etc/passwd", "/etc/passwd", "word\\..\\..\\a", "C:/a", "word/../../a"])
def test_entries_that_lead_out_are_refused(code: Code, entry: str) -> None:
    assert code("a.docx", zipped(docx_parts(p("甲")) | {entry: "甲"})) == "document_archive"


def test_entries_of_one_name_are_refused(code: Code) -> None:
    made = io.BytesIO(DOCX)
    with zipfile.ZipFile(made, "a") as package, pytest.warns(UserWarning, match="Duplicate name"):
        package.writestr("word/document.xml", "<other/>")
    assert code("a.docx", made.getvalue()) == "document_archive"


@pytest.mark.parametrize("name", ["a.xlsm", "a.docm", "a.XLTM"])
def test_macro_files_are_refused_by_name(code: Code, name: str) -> None:
    assert code(name, XLSX) == "document_macro"


@pytest.mark.parametrize(
    ("name", "whole", "entry"),
    [
        ("a.xlsx", XLSX, "xl/vbaProject.bin"),
        ("a.docx", DOCX, "word/VBAPROJECT.BIN"),
        ("a.xlsx", XLSX, "xl/macrosheets/sheet1.xml"),
    ],
)
def test_macros_inside_a_harmless_name_are_refused(code: Code, name: str, whole: bytes, entry: str) -> None:
    assert code(name, repacked(whole, {entry: b"\0"})) == "document_macro"


def test_a_macro_workbook_with_a_harmless_name_is_refused(code: Code) -> None:
    types = part(XLSX, "[Content_Types].xml")
    plain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    assert plain in types
    macro = types.replace(plain, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    assert code("a.xlsx", repacked(XLSX, {"[Content_Types].xml": macro})) == "document_macro"


XXE = '<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("declaration", [XXE, LAUGHS, "<!doctype a>", "<!ENTITY a 'b'>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize(
    "entry", ["word/document.xml", "word/_rels/document.xml.rels", "customXml/item1.xml", "word/x.bin"]
)
def test_document_types_and_entities_are_refused_in_every_part_and_encoding(
    code: Code, declaration: str, encoding: str, entry: str
) -> None:
    parts = docx_parts(p("甲"))
    inner = str(parts.get(entry, "<a>&x;</a>")).removeprefix('<?xml version="1.0" encoding="UTF-8"?>')
    assert code("a.docx", zipped(parts | {entry: (declaration + inner).encode(encoding)})) == "document_xml"


def test_a_declaration_across_two_pieces_of_a_long_part_is_found(code: Code) -> None:
    for gap in range(8):
        padding = " " * ((1 << 20) - 3 - gap)
        assert code("a.docx", zipped(docx_parts(p("甲")) | {"word/a.xml": f"<a>{padding}{XXE}"})) == "document_xml"


def test_encodings_that_could_hide_a_declaration_are_refused(code: Code) -> None:
    for encoding in ("utf-7", "cp037", "EBCDIC-CP-US"):
        parts = docx_parts(p("甲")) | {"word/document.xml": f'<?xml version="1.0" encoding="{encoding}"?><a/>'}
        assert code("a.docx", zipped(parts)) == "document_xml"


def test_a_document_in_utf_16_reads(put: Put) -> None:
    parts = docx_parts(p("甲"))
    parts["word/document.xml"] = str(parts["word/document.xml"]).replace("UTF-8", "UTF-16").encode("utf-16")
    assert [line.text for line in read_lines(put("a.docx", zipped(parts)))] == ["甲"]


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(("name", "whole"), [("断.docx", DOCX), ("断.xlsx", XLSX)])
def test_a_truncated_package_is_damaged(code: Code, name: str, whole: bytes, cut: float) -> None:
    assert code(name, whole[: int(len(whole) * cut)]) == "document_damaged"


def test_a_flipped_bit_is_noticed(code: Code) -> None:
    at = DOCX.index(b"word/document.xml") + 60
    assert code("a.docx", DOCX[:at] + bytes([DOCX[at] ^ 255]) + DOCX[at + 1 :]) == "document_damaged"


@pytest.mark.parametrize("gone", ["word/document.xml", "_rels/.rels", "[Content_Types].xml"])
def test_a_document_without_one_of_its_parts_is_damaged(code: Code, gone: str) -> None:
    parts = docx_parts(p("甲"))
    del parts[gone]
    assert code("a.docx", zipped(parts)) == "document_damaged"


@pytest.mark.parametrize("gone", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_workbook_without_one_of_its_parts_is_damaged(code: Code, gone: str) -> None:
    with zipfile.ZipFile(io.BytesIO(XLSX)) as package:
        parts: dict[str, str | bytes] = {name: package.read(name) for name in package.namelist() if name != gone}
    assert code("a.xlsx", zipped(parts)) == "document_damaged"


def test_nesting_without_end_is_damaged(code: Code) -> None:
    deep = "<w:sdt><w:sdtContent>" * 5_000 + p("深") + "</w:sdtContent></w:sdt>" * 5_000
    assert code("a.docx", zipped(docx_parts(deep))) == "document_damaged"


def test_links_to_the_outside_are_not_followed(put: Put) -> None:
    """The template, the picture and the other workbook lie where nothing answers; reading does not even look."""
    parts = docx_parts(p("甲"))
    link = '<Relationship Id="t" Type="urn:attachedTemplate" TargetMode="External" Target="http://192.0.2.1/t.dotm"/>'
    parts["word/_rels/document.xml.rels"] = str(parts["word/_rels/document.xml.rels"]).replace(
        "</Rel", link + "</Rel", 1
    )
    assert [line.text for line in read_lines(put("a.docx", zipped(parts)))] == ["甲"]
    page = '<link rel=stylesheet href="http://192.0.2.1/a.css"><img src="file:///etc/passwd"><p>甲'
    assert [line.text for line in read_lines(put("a.html", page))] == ["甲"]


def test_a_file_that_never_ends_to_be_read_is_given_up(
    put: Put, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = " ".join(f"a{number}=1" for number in range(400_000))
    monkeypatch.setattr(sandbox, "CPU_SECONDS", 1)
    path = put("慢.html", f"<a {slow}>甲")
    assert refused(lambda: read_lines(path)) == "document_costly"


@pytest.mark.parametrize("name", ["大.xlsx", "大.docx"])
def test_a_file_that_takes_all_memory_is_given_up(
    put: Put, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sandbox, "MEMORY_BYTES", 128 << 20)
    merges = "<mergeCells>" + '<mergeCell ref="A1:B2"/>' * 180_000 + "</mergeCells>"
    large = {
        "大.xlsx": repacked(XLSX, {SHEET: part(XLSX, SHEET).replace("</sheetData>", f"</sheetData>{merges}")}),
        "大.docx": zipped(docx_parts(f"<w:p>{'<w:r/>' * 1_200_000}</w:p>")),
    }
    path = put(name, large[name])
    assert refused(lambda: read_sheets(path) if is_ledger(read_document(path)) else read_lines(path)) in GIVEN_UP


def test_a_fault_of_our_own_keeps_its_traceback(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("a.html", "甲")
    monkeypatch.setattr(sandbox, "_CHILD", "intake.documents.nowhere")
    with pytest.raises(RuntimeError, match=r"No module named intake\.documents\.nowhere"):
        read_lines(path)


_heads = st.sampled_from(
    [b"", b"PK\x03\x04", b"%PDF-1.7\n", OLE[:8], b"<html>", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"<?xml"]
)
_tails = st.sampled_from([b"", b"\n%%EOF", DOCX, XLSX, b"</html>"])
_words = st.sampled_from(["", "-1", "999999999", "XFD1", "A0", "<w:p>", "</c>", "&#0;", '"', 't="s"', "1e400", "nan"])


@st.composite
def _files(draw: st.DrawFn) -> bytes:
    """Rubbish with the head of a known format, or a good file with some bytes, or some words of a part, changed."""
    shape = draw(st.sampled_from(["rubbish", "bytes", "words"]))
    if shape == "words":
        whole, entry = draw(st.sampled_from([(DOCX, "word/document.xml"), (XLSX, SHEET), (XLSX, "xl/workbook.xml")]))
        text = part(whole, entry)
        at = draw(st.integers(0, len(text)))
        return repacked(whole, {entry: text[:at] + draw(_words) + text[at + draw(st.integers(0, 20)) :]})
    if shape == "rubbish":
        return draw(_heads) + draw(st.binary(max_size=200)) + draw(_tails)
    changed = bytearray(draw(st.sampled_from([DOCX, XLSX])))
    for _ in range(draw(st.integers(0, 4))):
        changed[draw(st.integers(0, len(changed) - 1))] = draw(st.integers(0, 255))
    return bytes(changed)


@pytest.mark.parametrize("suffix", list(KINDS))
@given(content=_files())
@example(content=DOCX)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"任意{suffix}"
    path.write_bytes(content)
    with suppress(Refusal):
        assert read_sheets(path) if admit(path).kind in {"xlsx", "csv"} else read_lines(path)
