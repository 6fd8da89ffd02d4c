"""Text that wants to take for ever, or comes in another kind of file, is read like any other."""

import time
from pathlib import Path

import docx
import pytest

from intake.documents.reader import read_lines
from intake.notices import notice_draft
from tests.intake.notices.reading import EZHOU, measures, notice, read

LINES = {
    "digits": "1" * 50_000,
    "brackets": "（" * 50_000,
    "numbers": "1." * 25_000,
    "problems": "问题" * 25_000,
    "quotation marks": "“" * 50_000,
    "headings": "（一）1.一是" * 8_000,
    "dates": "2024年1月2日至" * 5_000,
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES.keys())
def test_a_line_of_fifty_thousand_characters(text: str) -> None:
    before = time.process_time()
    notice(f"{text}\n1.关于机制不全的问题\n整改情况：{text}")
    assert time.process_time() - before < 5


def test_word_and_a_web_page_say_the_same_as_the_text(tmp_path: Path) -> None:
    lines = [line for line in EZHOU.read_text(encoding="utf-8").splitlines() if line.strip()]
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(tmp_path / "通报.docx"))
    page = "".join(f"<p>{line}</p>" for line in lines)
    (tmp_path / "通报.html").write_text(f'<meta charset="utf-8"><body>{page}</body>', encoding="utf-8")
    expected = [(one.code, one.text, one.hints) for one in measures(read(EZHOU))]
    for name in ("通报.docx", "通报.html"):
        draft = notice_draft(read_lines(tmp_path / name), name)
        assert [(one.code, one.text, one.hints) for one in measures(draft)] == expected
