"""The offline channel writes real mail, whole or not at all, and never outside its folder."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.failures import DeliveryFailed
from letters.mime import safe_name
from plan.types import Fate
from rules.message import Message
from tests.letters.conftest import SENT_AT, Post, item, part, rendered


def read(path: Path) -> EmailMessage:
    """The mail in a file."""
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def files(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@contextmanager
def disk_full_after(limit: int) -> Iterator[None]:
    """Let the system refuse every write beyond ``limit`` bytes of a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)


def test_the_file_is_the_mail_that_would_have_gone_out(post: Post, letter: Message, tmp_path: Path) -> None:
    post(None, channel="outbox")
    folder = tmp_path / "outbox" / "2025-05-12"
    names = files(folder)
    stem = f"m-20250512-office--{safe_name('wang@example.org', ascii_only=False)}"
    assert names == [f"{stem}.eml", f"{stem}.md"]
    mail = read(folder / names[0])
    assert (mail["Subject"], mail["Message-ID"], mail["X-Duban-Key"]) == (
        "【督办】1项逾期 · 02-3 中央巡视反馈问题整改进展 · 2025年5月12日",
        "<m-20250512-office@duban>",
        "m-20250512-office",
    )
    assert mail["Date"].datetime == SENT_AT
    assert mail["To"].addresses[0].addr_spec == "wang@example.org"
    assert mail["To"].addresses[0].display_name == "整改办主任"
    assert part(mail, "plain") == letter.text
    assert part(mail, "html") == letter.html
    assert (folder / names[1]).read_text() == letter.markdown


def test_a_recipient_without_an_address_is_named_by_the_post(post: Post, tmp_path: Path) -> None:
    post(None, channel="outbox", address="")
    assert files(tmp_path / "outbox") == [
        "2025-05-12/m-20250512-office--整改办主任.eml",
        "2025-05-12/m-20250512-office--整改办主任.md",
    ]


def test_the_same_key_overwrites_its_own_file(post: Post, tmp_path: Path) -> None:
    post(None, channel="outbox")
    before = files(tmp_path)
    post(None, channel="outbox", sent=rendered(resend=True))
    assert files(tmp_path) == before
    assert "重发" in read(tmp_path / before[0])["Subject"]


@pytest.mark.parametrize("evil", ["../../etc/passwd", "/etc/passwd", "a\x00b", "..", "", "k" * 500, "键\r\nBcc: x"])
def test_no_key_and_no_address_names_a_file_outside(post: Post, tmp_path: Path, evil: str) -> None:
    post(None, channel="outbox", key=evil, address=evil)
    assert len(files(tmp_path / "outbox" / "2025-05-12")) == 2
    assert len(files(tmp_path)) == 2
    mail = read(next(tmp_path.rglob("*.eml")))
    assert mail["Bcc"] is None
    assert mail["Message-ID"] == f"<{safe_name(evil)}@duban>"


def test_a_hostile_title_cannot_add_a_header(post: Post, tmp_path: Path) -> None:
    hostile = rendered(item(title="x\r\nBcc: all@example.org"), recipient="王\r\nBcc: all@example.org")
    post(None, channel="outbox", sent=hostile)
    mail = read(next(tmp_path.rglob("*.eml")))
    assert mail["Bcc"] is None
    assert mail["To"].addresses[0].display_name == "王 Bcc: all@example.org"


def test_a_full_disk_is_a_failure_that_leaves_nothing_behind(post: Post, tmp_path: Path) -> None:
    with disk_full_after(100), pytest.raises(DeliveryFailed) as failure:
        post(None, channel="outbox")
    assert (failure.value.code, failure.value.fate) == ("disk", Fate.AWAY)
    assert files(tmp_path) == []


def test_a_full_disk_leaves_the_earlier_message_whole(post: Post, tmp_path: Path, letter: Message) -> None:
    post(None, channel="outbox")
    with disk_full_after(100), pytest.raises(DeliveryFailed):
        post(None, channel="outbox", sent=rendered(resend=True))
    assert len(files(tmp_path)) == 2
    assert part(read(next(tmp_path.rglob("*.eml"))), "plain") == letter.text


def test_an_outbox_that_is_no_folder_is_a_failure(post: Post, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(DeliveryFailed) as failure:
        post(None, channel="outbox")
    assert failure.value.code == "disk"


@given(st.lists(st.text(), min_size=2, max_size=2, unique=True), st.booleans())
def test_two_texts_never_share_a_safe_name(texts: list[str], ascii_only: bool) -> None:
    names = [safe_name(text, ascii_only=ascii_only) for text in texts]
    assert names[0] != names[1]
    for name in names:
        assert 0 < len(name.encode()) <= 200
        assert not set(name) & set("/\\\x00\r\n. <>@")
        assert name.isascii() or not ascii_only
