"""Mail keeps its key, its refusals and its encryption."""

import pytest

from rules.message import Message
from tests.letters.conftest import Mailbox, Post, failure_of, item, mail_url, part, rendered


def test_mail_arrives_with_its_chinese_subject_both_bodies_and_its_key(
    post: Post, mailbox: Mailbox, letter: Message
) -> None:
    post(mail_url(mailbox.port))
    (mail,) = mailbox.mails
    assert mail["Subject"] == "【督办】1项逾期 · 02-3 中央巡视反馈问题整改进展 · 2025年5月12日"
    assert mail["To"].addresses[0].addr_spec == "wang@example.org"
    assert mail["From"].addresses[0].addr_spec == "duban@example.org"
    assert mail["Message-ID"] == "<m-20250512-office@duban>"
    assert mail["X-Duban-Key"] == "m-20250512-office"
    assert part(mail, "plain") == letter.text
    assert part(mail, "html") == letter.html


def test_a_resend_has_the_message_id_of_the_first(post: Post, mailbox: Mailbox) -> None:
    post(mail_url(mailbox.port))
    post(mail_url(mailbox.port), sent=rendered(resend=True))
    assert [mail["Message-ID"] for mail in mailbox.mails] == ["<m-20250512-office@duban>"] * 2
    assert ["重发" in mail["Subject"] for mail in mailbox.mails] == [False, True]


def test_what_people_typed_is_escaped_in_mail_and_adds_no_header(post: Post, mailbox: Mailbox) -> None:
    evil = "<script>x</script>\r\nBcc: all@example.org"
    post(mail_url(mailbox.port), sent=rendered(item(title=evil), recipient=evil), key="../../x\r\nBcc: y@y")
    (mail,) = mailbox.mails
    assert "&lt;script&gt;x&lt;/script&gt; Bcc: all@example.org" in part(mail, "html")
    assert mail["Bcc"] is None
    assert mailbox.envelopes == [["wang@example.org"]]


def test_copies_and_own_headers_of_the_url_are_kept(post: Post, mailbox: Mailbox) -> None:
    extra = "&cc=cc@example.org&bcc=secret@example.org&reply=office@example.org&+X-Class=internal"
    post(mail_url(mailbox.port, extra=extra), address="a+b@example.org")
    (mail,) = mailbox.mails
    assert mailbox.envelopes == [["a+b@example.org", "cc@example.org", "secret@example.org"]]
    assert (mail["Cc"], mail["Reply-To"], mail["X-Class"]) == ("cc@example.org", "office@example.org", "internal")
    assert "secret@example.org" not in mail.as_string()


def test_mail_logs_in_when_the_url_says_so(post: Post, locked_mailbox: Mailbox) -> None:
    post(mail_url(locked_mailbox.port, "duban:right-password@"))
    assert len(locked_mailbox.mails) == 1


def test_a_wrong_password_is_the_operators_to_mend_and_masked_even_if_the_server_repeats_it(
    post: Post, locked_mailbox: Mailbox
) -> None:
    failure = failure_of(post, mail_url(locked_mailbox.port, "duban:wrong-password@"))
    assert (failure.code, failure.fate) == ("smtp_535", "unusable")
    assert "wrong-password" not in str(failure)
    assert failure.reason == "通道 mail：5.7.8 *** *** refused"


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ("550 5.1.1 no such user", "refused"),
        ("451 4.7.1 try later", "temporary"),
        ("421 4.7.0 too many connections", "busy"),
    ],
)
def test_what_becomes_of_a_refused_recipient_is_as_the_server_says(
    post: Post, mailbox: Mailbox, answer: str, fate: str
) -> None:
    mailbox.answer = answer
    failure = failure_of(post, mail_url(mailbox.port))
    assert (failure.code, failure.fate) == (f"smtp_{answer[:3]}", fate)
    assert failure.reason == f"通道 mail：{answer[4:]}"


@pytest.mark.parametrize("address", ["", "a@x.org,b@x.org", "a@x.org\r\nBcc: b@x.org", "<a@x.org>", "nobody"])
def test_an_address_that_is_not_one_address_is_refused_before_anything_is_sent(
    post: Post, mailbox: Mailbox, address: str
) -> None:
    failure = failure_of(post, mail_url(mailbox.port), address=address)
    assert (failure.code, failure.fate) == ("bad_address", "refused")
    assert mailbox.mails == []


@pytest.mark.parametrize("mode", ["ssl", "starttls"])
def test_an_encrypted_mail_server_must_prove_who_it_is(post: Post, encrypted: dict[str, Mailbox], mode: str) -> None:
    mailbox = encrypted[mode]
    url = mail_url(mailbox.port, extra=f"&mode={mode}").replace("mailto:", "mailtos:")
    failure = failure_of(post, url)
    assert (failure.code, failure.fate) == ("connection", "away")
    assert "CERTIFICATE_VERIFY_FAILED" in failure.reason
    post(url + "&verify=no")
    assert len(mailbox.mails) == 1
