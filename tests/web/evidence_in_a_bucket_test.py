"""Evidence in an S3-compatible store: kept once under its digest, compared when read, given out by our page alone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from db.ledger.records import audit_records
from tests.buckets import SECRET, Bucket, a_bucket
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser, LinkOf

New = Callable[[], Browser]
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(256))


@pytest.fixture
def bucket(
    activated: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, set_clock: Callable[[str], None]
) -> Iterator[Bucket]:
    """March of 01-1 waits, and files go to a bucket."""
    activated("2025-03-03T09:00", plan_of(measure("01-1", evidence="always"), measure("01-2")))
    with a_bucket() as made:
        for name, value in made.surroundings.items():
            monkeypatch.setenv(name, value)
        set_clock(NOW)
        yield made


def _send(reader: Browser, link: str, name: str = "现场.jpg", button: str = "keep") -> tuple[int, str]:
    reader.open(link)
    filled = {"question": "report-1", "percent": "100", "body": "已办", "button": button}
    answer = reader.client.post(link, data=filled, files={"files": (name, PHOTO, "image/jpeg")})
    reader._show(answer)
    return answer.status_code, reader.said


def test_a_file_is_kept_once_in_the_bucket_and_saved_from_our_page(
    browser: New, link_of: LinkOf, bucket: Bucket, ledger_at: ContextAt
) -> None:
    handler, link = browser(), link_of("handler", "period-1")
    assert _send(handler, link)[0] == 200
    assert _send(handler, link, "再传一次.jpg")[0] == 200
    with ledger_at(NOW) as ctx:
        digests = {one.facts["sha256"] for one in audit_records(ctx) if one.command == "add-evidence"}
    (digest,) = digests
    assert bucket.contents() == {f"office/{digest[:2]}/{digest}": PHOTO}
    saved = handler.client.get(str(handler.page.select_one("section.card a")["href"]), follow_redirects=False)  # type: ignore[index]
    assert (saved.status_code, saved.content) == (200, PHOTO)
    assert saved.headers["content-disposition"].lower() == "attachment; filename*=utf-8''%e7%8e%b0%e5%9c%ba.jpg"
    assert (saved.headers["content-type"], saved.headers["cache-control"]) == ("application/octet-stream", "no-store")
    assert bucket.endpoint not in str(handler.page), "no page leads into the store"


def test_what_was_changed_in_the_store_is_not_given_out(browser: New, link_of: LinkOf, bucket: Bucket) -> None:
    handler, link = browser(), link_of("handler", "period-1")
    _send(handler, link)
    (key,) = bucket.contents()
    bucket.put(key, PHOTO + b"!")
    changed = handler.client.get(f"{link}/file/1")
    assert (changed.status_code, "内容与留痕不符" in changed.text) == (409, True)
    bucket.delete(key)
    gone = handler.client.get(f"{link}/file/1")
    assert (gone.status_code, "不在存放处" in gone.text) == (409, True)


def test_a_store_that_is_away_loses_nothing_and_says_so(
    browser: New, link_of: LinkOf, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, set_clock: Callable[[str], None]
) -> None:
    handler, link = browser(), link_of("handler", "period-1")
    _send(handler, link)
    monkeypatch.setenv("DUBAN_EVIDENCE_ENDPOINT", "http://127.0.0.1:9")
    set_clock(NOW)
    status, said = _send(handler, link, "再补.jpg", "submit")
    assert (status, "佐证材料存放处 s3://evidence/office（http://127.0.0.1:9） 目前用不了" in said) == (422, True)
    assert handler.page.select_one("textarea[name=body]").text.strip() == "已办"  # type: ignore[union-attr]
    assert handler.client.get(f"{link}/file/1").status_code == 503
    assert SECRET not in str(handler.page)
    monkeypatch.setenv("DUBAN_EVIDENCE_ENDPOINT", bucket.endpoint)
    set_clock(NOW)
    assert _send(handler, link, "再补.jpg", "submit")[0] == 200
    assert "再补.jpg 材料2" in handler.said
