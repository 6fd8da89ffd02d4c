"""A paper on its page: the draft as it would be written now, saved as a file; the final one, released."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document

from db.ledger.drafts import begin_drafts
from db.ledger.release import released_papers
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser


@pytest.fixture(autouse=True)
def waits(activated: Callable[..., Any], patrol_at: Callable[..., Any], ledger_at: ContextAt) -> None:
    """The dispatch of February waits."""
    activated("2025-02-03T09:00", plan_of(measure("01-1", title="<b>调度</b>")))
    patrol_at(NOW)
    with ledger_at(NOW) as ctx:
        assert begin_drafts(ctx, "dispatch") == 1


def _send(reader: Browser, name: str, *paragraphs: str) -> int:
    document, content = Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(content)
    csrf = reader.page.select_one("main form input[name=csrf]")["value"]  # type: ignore[index]
    answer = reader.client.post("/paper/1", data={"csrf": csrf}, files={"file": (name, content.getvalue())})
    return reader._show(answer)


def test_the_office_reads_saves_and_releases_it(signed_in: Callable[[str], Browser], ledger_at: ContextAt) -> None:
    office = signed_in("office")
    office.open("/me")
    assert "调度情况 · 2025年2月" in office.said
    office.open("/matter/paper-1")
    assert office.page.select_one('a[href="/paper/1"]') is not None
    assert office.open("/paper/1") == 200
    assert "第一轮巡察2025年2月调度情况" in office.said
    assert "<b>调度</b>（01-1）" in office.said or "水科" in office.said
    saved = office.client.get("/paper/1/draft.docx")
    assert "attachment" in saved.headers["content-disposition"]
    assert any("一、来报情况" in one.text for one in Document(io.BytesIO(saved.content)).paragraphs)
    assert _send(office, "定稿.docx", "报告", "〔待补：期号〕") == 422
    assert "“定稿.docx”里还有1处没有补上，不能发布：〔待补：期号〕" in office.said
    assert _send(office, "定稿.docx", "报告") == 200
    assert "已发布" in office.said
    with ledger_at(NOW) as ctx:
        assert [(one.kind, one.version, one.name) for one in released_papers(ctx, None)] == [
            ("dispatch", 1, "定稿.docx")
        ]
    office.open("/paper/1")
    assert not office.page.select("main form")


def test_nobody_else_reads_a_draft_and_a_foreign_form_releases_nothing(
    signed_in: Callable[[str], Browser], browser: Callable[[], Browser], ledger_at: ContextAt
) -> None:
    assert browser().open("/paper/1") == 401
    for path in ("/paper/1", "/paper/1/draft.docx"):
        assert signed_in("handler").open(path) == 409
    office = signed_in("office")
    office.open("/paper/1")
    assert office._show(office.client.post("/paper/1", data={"csrf": "x"}, files={"file": ("a.docx", b"x")})) == 409
    assert office.open("/paper/99") == 404
    office.open("/paper/1")
    csrf = office.page.select_one("main input[name=csrf]")
    assert csrf is not None
    assert office._show(office.client.post("/paper/1", data={"csrf": csrf["value"]})) == 422
    assert "没有收到文件" in office.said
    with ledger_at(NOW) as ctx:
        assert released_papers(ctx, None) == []
