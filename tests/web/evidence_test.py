"""Evidence: looked at by its content, kept once under its digest, named in the report, given back as bytes alone."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import openpyxl
import pytest

from db import ledger
from db.ledger import Report, submit
from db.ledger.records import audit_records
from db.ledger.replay import verify
from papers.evidence import content_kind, file_name
from plan.policy import EvidenceLimits, Policy
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser, LinkOf
from text.refusals import Refusal

New = Callable[[], Browser]
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(256))
PDF = b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\x00"


@pytest.fixture(autouse=True)
def open_periods(told_once: ToldOnce, activated: Callable[..., Any]) -> None:
    """March of 01-1 waits, and asks for evidence."""

    def story() -> None:
        activated("2025-03-03T09:00", plan_of(measure("01-1", evidence="always"), measure("01-2")))

    told_once(story)


def _send(
    reader: Browser, link: str, name: str, content: bytes, button: str = "keep", body: str = "已办"
) -> tuple[int, str]:
    reader.open(link)
    filled = {"question": "report-1", "percent": "100", "body": body, "button": button}
    answer = reader.client.post(link, data=filled, files={"files": (name, content, "text/html")})
    reader._show(answer)
    return answer.status_code, reader.said


def test_a_photo_comes_with_the_report_and_the_reviewer_saves_it(
    browser: New, link_of: LinkOf, ledger_at: ContextAt, tmp_path: Path
) -> None:
    handler, link = browser(), link_of("handler", "period-1")
    assert _send(handler, link, "C:\\照片\\现场 1.JPG", PHOTO, "submit")[0] == 200
    with ledger_at(NOW) as ctx:
        view = ledger.measure_view(ctx, "01-1")
        added = [one for one in audit_records(ctx) if one.command == "add-evidence"]
        assert verify(ctx.session).whole
    assert view["periods"][0]["submissions"][0]["evidence"] == ["现场 1.JPG（材料1）"]
    assert (added[0].actor, added[0].facts["door"], len(added[0].facts["sha256"])) == ("handler", "link", 64)
    office = browser()
    office.open(link_of("office", "period-1"))
    assert "第1轮填报" in office.said
    saved = office.client.get(str(office.page.select_one("section.card a")["href"]))  # type: ignore[index]
    assert saved.content == PHOTO
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in saved.headers["content-security-policy"]
    kept = [file for file in (tmp_path / "evidence").rglob("*") if file.is_file()]
    assert [(file.name, oct(file.stat().st_mode & 0o777)) for file in kept] == [(added[0].facts["sha256"], "0o600")]


def test_a_file_that_was_changed_on_the_disk_is_not_given_out(browser: New, link_of: LinkOf, tmp_path: Path) -> None:
    handler, link = browser(), link_of("handler", "period-1")
    _send(handler, link, "报告.pdf", PDF)
    (kept,) = [file for file in (tmp_path / "evidence").rglob("*") if file.is_file()]
    kept.write_bytes(PDF + b"!")
    changed = handler.client.get(f"{link}/file/1")
    assert (changed.status_code, "内容与留痕不符" in changed.text) == (409, True)


def test_what_was_uploaded_waits_with_the_kept_form_and_may_be_taken_back(browser: New, link_of: LinkOf) -> None:
    handler, link = browser(), link_of("handler", "period-1")
    assert _send(handler, link, "报告.pdf", PDF)[0] == 200
    assert "报告.pdf 材料1，0.1 KB，handler，尚未随填报提交" in handler.said
    assert _send(handler, link, "报告.pdf", PDF)[0] == 200
    assert handler.said.count("报告.pdf 材料") == 1
    assert handler.press("keep", unwanted="1") == 200
    assert "报告.pdf" not in handler.said
    assert handler.press("submit", body="已办", percent="100") == 422
    assert "请至少附一份" in handler.said


def test_a_name_alone_is_no_evidence(browser: New, link_of: LinkOf, ledger_at: ContextAt, policy: Policy) -> None:
    handler, link = browser(), link_of("handler", "period-1")
    handler.open(link)
    assert handler.press("submit", percent="100", body="已办", evidence="现场照片.jpg") == 422
    assert "要求附佐证文件，只写名称不算" in handler.said
    assert "已办" in str(handler.page.select_one("textarea[name=body]")), "what was written stays"
    # The same at every door, and a file that came by the page counts at all of them.
    kept = policy.model_copy(update={"evidence": EvidenceLimits(kept=True)})
    report = Report(body="已办", percent=100, evidence=("现场照片.jpg",))
    with pytest.raises(Refusal) as refused, ledger_at(NOW, "handler", kept) as ctx:
        submit(ctx, 1, report)
    assert refused.value.code == "evidence_not_kept"
    assert _send(handler, link, "现场.jpg", PHOTO)[0] == 200
    with ledger_at(NOW, "handler", kept) as ctx:
        assert submit(ctx, 1, Report(body="已办", percent=100)).evidence == ["现场.jpg（材料1）"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.pdf", b"", "是空的"),
        ("网页.html", b"<html><script>alert(1)</script></html>", "内容与名称不符"),
        ("照片.jpg", b"<html><script>alert(1)</script></html>", "内容与名称不符"),
        ("照片.jpg", PDF, "内容与名称不符"),
        ("程序.exe", b"MZ\x90\x00" + b"\x00" * 60, "内容与名称不符"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "内容与名称不符"),
        ("说明.txt", b"  <!doctype html><script>", "内容与名称不符"),
        ("大.pdf", b"%PDF-1.7\n" + b"\x00" * (20 * 2**20), "超过20兆"),
    ],
)
def test_what_is_no_evidence_is_refused_and_what_was_written_stays(
    browser: New, link_of: LinkOf, ledger_at: ContextAt, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    handler = browser()
    assert _send(handler, link_of("handler", "period-1"), name, content, "submit")[0] == 422
    assert said in handler.said
    assert handler.page.select_one("textarea[name=body]").text.strip() == "已办"  # type: ignore[union-attr]
    assert not [file for file in (tmp_path / "evidence").rglob("*") if file.is_file()]


def test_a_form_beyond_all_bounds_is_not_read(browser: New, link_of: LinkOf) -> None:
    link = link_of("handler", "period-1")
    declared = browser().client.post(link, content=b"x", headers={"content-length": str(81 * 2**20)})
    assert declared.status_code == 413
    assert browser().client.post(link, content=b"x", headers={"content-length": "x"}).status_code in (400, 413)


def test_a_file_is_given_to_no_reader_of_another_matter(browser: New, link_of: LinkOf) -> None:
    handler = browser()
    _send(handler, link_of("handler", "period-1"), "报告.pdf", PDF)
    other = link_of("handler", "period-2")
    assert browser().client.get(f"{other}/file/1").status_code == 404
    assert browser().client.get(f"{other}/file/9999999999999999999999").status_code == 404
    assert browser().client.get("/me/file/1").status_code == 401
    assert browser().client.get(f"{link_of('office', 'period-1')}/file/1").status_code == 200


def test_only_whoever_is_asked_hands_evidence_in(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    head = browser()
    status, _ = _send(head, link_of("head", "period-1"), "报告.pdf", PDF)
    assert status == 409
    with ledger_at(NOW) as ctx:
        assert not [one for one in audit_records(ctx) if one.command == "add-evidence"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\报告.pdf", "报告.pdf"),
        ("a/b:c*?.pdf", "b_c_.pdf"),
        ("报告\r\nSet-Cookie: x.pdf", "报告 Set-Cookie_ x.pdf"),
        ("\u202egnp.exe.pdf", "gnp.exe.pdf"),
        ("...", "材料"),
        ("", "材料"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_names_no_folder(given: str, name: str) -> None:
    assert file_name(given) == name


def _written(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _packed(*names: str) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return buffer.getvalue()


def test_a_file_is_what_its_content_says() -> None:
    assert content_kind(_written(openpyxl.Workbook())) == "xlsx"
    assert content_kind(_written(docx.Document())) == "docx"
    assert content_kind(_packed("OFD.xml", "Doc_0/Document.xml")) == "ofd"
    assert content_kind(_packed("a.txt")) is None
    assert content_kind(_packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")) is None
    assert content_kind(b"PK\x03\x04 cut off") is None
    assert content_kind("台账，第一项".encode("gb18030")) == "txt"
    assert content_kind(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0") == "png"
    assert content_kind(PHOTO) == "jpg"
