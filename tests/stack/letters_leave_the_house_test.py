"""Letters on real wires: mail to a mail server, JSON to a web server; a dead channel gives way to the folder."""

import re

import pytest

from tests.stack.office import Office, until
from tests.stack.receivers import Received

pytestmark = pytest.mark.prefect
_WAITING = "SELECT key FROM messages WHERE next_try_at IS NOT NULL AND day = '2025-03-10'"


def _history(office: Office, recipient: str) -> list[tuple[str, list[tuple[str, bool]]]]:
    """The digest of a recipient: its state, and for every try its channel and whether the letter left."""
    query = """
        SELECT state, history FROM messages JOIN people ON people.id = person_id
        WHERE name = %s AND messages.key LIKE 'digest-20250310-%%'
    """
    found = office.rows(query, recipient)
    return [(state, [(one["channel"], one["result"] == "sent") for one in tries]) for state, tries in found]


def test_mail_json_and_the_folder_each_take_one_letter_and_a_dead_channel_is_told(
    small: Office, received: Received
) -> None:
    small.run_once("patrol")
    small.run_once("deliver")
    until("today's letters left", lambda: small.rows(_WAITING) == [])

    (mail,) = [one for one in received.mails if one["Message-ID"].startswith("<digest-20250310-")]
    assert mail["To"] == "水科经办人 <water@bureau.example>"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "03-1" in text.get_content()
    assert _history(small, "水科经办人") == [("sent", [("mail", True)])]

    (post,) = [one for one in received.posts if one["key"].startswith("digest-20250310-")]
    assert "03-1" in post["message"]
    assert _history(small, "局长") == [("sent", [("hook", True)])]

    tries = [("broken", False)] * 3 + [("outbox", True)]
    assert _history(small, "水科负责人") == [("sent", tries)]
    (folder,) = [file for file in small.letters() if re.match("digest-20250310-.*--水科负责人", file.name)]
    assert "03-1" in folder.with_suffix(".md").read_text()
    told = [file.with_suffix(".md").read_text() for file in small.letters() if "整改办" in file.name]
    assert sum("通道 broken 发送失败，已改用 outbox（水科负责人）" in one for one in told) == 1


def test_delivering_again_sends_nothing(small: Office, received: Received) -> None:
    small.run_once("patrol")
    small.run_once("deliver")
    before = len(received.mails), len(received.posts), small.letters()
    assert len(before[2]) > 0
    small.run_once("patrol")
    small.run_once("deliver")
    assert (len(received.mails), len(received.posts), small.letters()) == before
