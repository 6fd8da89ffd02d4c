"""Messages on the command line: what waits and since when, what died and why, sending again, trying a channel."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bench.unreliable import Server, free_port, mail_server
from tests.cli.conftest import PLAN, Run
from tests.letters.conftest import mail_url

MAILED = PLAN.replace(
    "handler: {name: 水科经办人}", "handler: {name: 水科经办人, channels: {mail: wang@example.org}}"
).replace("leader: {name: 水科负责人}", "leader: {name: 水科负责人, channels: {mail: gone@example.org}}")
"""The handler and the leader are written to by mail; the leader's mailbox does not exist."""
Rows = Callable[[str], list[Any]]
LATER = "2025-03-11T09:00"


@pytest.fixture
def mailed(run: Run, tmp_path: Path) -> Run:
    """The command line on a ledger whose first letters are due; no mail channel is set up."""
    (tmp_path / "plan.yaml").write_text(MAILED)
    assert run("plan", "load", str(tmp_path / "plan.yaml"), "--at", "2025-02-17", "--yes").status == 0
    assert run("people", "add", "王工").status == 0
    return run


@pytest.fixture
def ledger_rows(database: str) -> Rows:
    """Gives the first column of what a statement returns."""

    def ask(statement: str) -> list[Any]:
        engine = create_engine(database)
        with engine.begin() as connection:
            found = list(connection.execute(text(statement)).scalars())
        engine.dispose()
        return found

    return ask


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def channels(port: int) -> dict[str, str]:
    """The surroundings in which the office has a mail channel."""
    return {"DUBAN_CHANNELS": json.dumps({"mail": mail_url(port)})}


def test_what_a_channel_that_is_not_set_up_holds_is_counted_listed_and_leaves_when_it_is(
    mailed: Run, port: int, channels: dict[str, str]
) -> None:
    patrolled = mailed("patrol", "--json").json
    assert (patrolled["dead"], patrolled["dead_letters"], patrolled["channels_down"]) == (0, 0, 1)
    listed = mailed("messages")
    assert listed.out.startswith(f"等候发出{patrolled['unsent']}封（最早的03-10 09:00到点，待发出），无法送达0封\n")
    later = mailed("messages", DUBAN_CLOCK="2025-03-10T09:20:00+08:00")
    assert later.out.startswith(f"等候发出{patrolled['unsent']}封（最早的自03-10 09:00起未能发出）")
    assert "通道 mail 自03-10 09:00起中断：channel_unknown: 通道 mail 没有配置" in listed.out
    assert "水科经办人" in listed.out
    unwell = mailed("doctor")
    assert unwell.status == 1
    assert "✗ 消息：等候发出" in unwell.out
    assert "通道 mail 自03-10 09:00起中断" in unwell.out
    server = Server()
    with mail_server(server, port):
        # One letter tries the channel; it may be the leader's, who has no mailbox, and then the next one does.
        for moment in (LATER, "2025-03-11T10:00"):
            assert mailed("patrol", DUBAN_CLOCK=moment, **channels).status == 0
    assert len(server.taken) == 1  # the handler's
    found = mailed("messages", DUBAN_CLOCK=LATER, **channels)
    assert found.out.startswith("等候发出0封，无法送达1封\n")
    assert "中断" not in found.out


@pytest.fixture
def dead(mailed: Run, port: int, channels: dict[str, str]) -> Callable[..., Any]:
    """The command line of an office whose letter to the leader was refused for good; its mail server keeps running."""

    def call(*arguments: str, **surroundings: str) -> Any:
        with mail_server(call.server, port):  # type: ignore[attr-defined]
            return mailed(*arguments, **(channels | surroundings))

    call.server = Server()  # type: ignore[attr-defined]
    assert call("patrol").status == 0
    return call


def test_a_dead_letter_is_listed_with_what_became_of_every_try(dead: Callable[..., Any]) -> None:
    (row,) = [line for line in dead("messages", "--dead").out.splitlines() if "水科负责人" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")][1:4] == ["水科负责人", "mail", "无法送达"]
    why = dead("messages", "--dead", "--why").out
    assert "    03-10 09:00 mail 对方拒收：smtp_550: 通道 mail：5.1.1 no such user\n" in why
    (told,) = dead("messages", "--dead", "--json").json["messages"]
    assert (told["recipient"], told["state"], told["next_try_at"]) == ("水科负责人", "dead", None)
    assert [tried["fate"] for tried in told["tries"]] == ["refused"]
    unwell = dead("doctor")
    assert unwell.status == 1
    assert "✗ 消息：等候发出0封，无法送达1封；详情：duban messages --dead" in unwell.out


def test_a_dead_letter_goes_again_when_its_address_is_mended(dead: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(MAILED.replace("gone@", "li@"))
    assert dead("plan", "import", str(tmp_path / "plan.yaml"), "--yes").status == 0
    before = len(dead.server.taken)  # type: ignore[attr-defined]
    assert dead("messages", "resend", "--dead", "--by", "王 工").out == "已列入补发1封，由下次送达发出\n"
    assert dead("patrol").status == 0
    assert len(dead.server.taken) > before  # type: ignore[attr-defined]
    assert dead("messages").out == "等候发出0封，无法送达0封\n"
    assert "✓ 消息：等候发出0封，无法送达0封" in dead("doctor").out
    (entry,) = [one for one in dead("audit", "list", "--json").json if one["command"] == "resend"]
    assert entry["actor"] == "王工"


def test_what_was_sent_and_did_not_arrive_goes_again_and_says_so(dead: Callable[..., Any], ledger_rows: Rows) -> None:
    (sent,) = ledger_rows(
        "SELECT messages.id FROM messages JOIN people ON people.id = person_id "
        "WHERE name = '水科经办人' AND state = 'sent'"
    )
    assert dead("messages", "resend", str(sent), "--by", "王工").status == 0
    assert dead("patrol").status == 0
    assert len(dead.server.taken) - len(set(dead.server.taken)) == 1  # type: ignore[attr-defined]
    assert ledger_rows("SELECT id FROM messages WHERE resend") == [sent]
    (tries,) = ledger_rows("SELECT history FROM messages WHERE resend")
    assert [one["result"] for one in tries] == ["sent", "resend", "sent"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("resend", "--dead"), "--by"),
        (("resend", "--dead", "--by", "路人"), "没有名为“路人”的岗位或人员"),
        (("resend", "--by", "王工"), "请给出消息编号，或指明补发全部无法送达的；二者选一（--dead）"),
        (("resend", "1", "--dead", "--by", "王工"), "二者选一（--dead）"),
        (("resend", "99999", "--by", "王工"), "没有编号为 99999 的消息；请核对"),
        (("resend", "first", "--by", "王工"), "ID：“first”不是整数"),
    ],
)
def test_what_cannot_be_sent_again_is_one_line_and_changes_nothing(
    dead: Callable[..., Any], content: Callable[[], dict[str, Any]], arguments: tuple[str, ...], said: str
) -> None:
    before = content()
    refused = dead("messages", *arguments)
    assert refused.status == 2
    assert said in refused.err
    assert content() == before


def test_what_has_nothing_to_say_any_more_is_not_sent_again(dead: Callable[..., Any], ledger_rows: Rows) -> None:
    (number,) = ledger_rows("UPDATE messages SET state = 'moot' WHERE state = 'dead' RETURNING id")
    refused = dead("messages", "resend", str(number), "--by", "王工")
    assert (refused.status, refused.err) == (2, f"消息 {number} 所说的事项已了结，不必再发\n")


def _digests(home: Path) -> set[str]:
    return {path.name.partition("--")[0] for path in (home / "outbox").rglob("digest-*.eml")}


def test_after_a_restore_messages_carry_another_epoch(mailed: Run, tmp_path: Path) -> None:
    assert mailed("patrol").status == 0
    keys = _digests(tmp_path)
    assert {key.rpartition("-")[2] for key in keys} == {"1"}
    assert mailed("messages", "restored", "--by", "王工").out == "已另起第2代编号\n"
    assert mailed("patrol", DUBAN_CLOCK=LATER).status == 0
    later = _digests(tmp_path) - keys
    assert later
    assert {key.rpartition("-")[2] for key in later} == {"2"}


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org；b@example.org",
        "a@example.org、b@example.org",
        "a@example.org，b@example.org",
        "a@example.org(b@example.org)",
        "a@example.org:b@example.org",
        "a@example.org'b@example.org",
        "a@example.org&bcc=e@example.net",
        "a|b@example.org",
        "a!b@example.org",
        "a*b@example.org",
        "a=b@example.org",
        "a@" + "x" * 300 + ".org",
    ],
)
def test_a_plan_with_an_address_that_names_two_or_none_is_refused_with_its_place(
    run: Run, tmp_path: Path, address: str
) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(MAILED.replace("wang@example.org", json.dumps(address)))
    refused = run("plan", "check", str(file))
    assert refused.status == 2
    (told,) = refused.err.splitlines()
    assert told.startswith("plan.yaml:11: roles handler channels mail: ")


class TestChannelTest:
    """``duban channel test``: one message at once, beside the ledger."""

    def test_says_that_the_channel_took_it(
        self,
        mailed: Run,
        port: int,
        channels: dict[str, str],
        content: Callable[[], dict[str, Any]],
    ) -> None:
        before, server = content(), Server()
        with mail_server(server, port):
            said = mailed("channel", "test", "mail", "--to", "wang@example.org", **channels)
        assert (said.status, said.out) == (0, "通道 mail 已收下试发的消息 wang@example.org\n")
        assert len(server.taken) == 1
        assert content() == before

    def test_works_before_there_is_a_ledger_and_by_the_folder_without_any_setting(
        self, run: Run, tmp_path: Path
    ) -> None:
        assert run("channel", "test", "outbox").status == 0
        (letter,) = (tmp_path / "outbox").rglob("*.md")
        assert "这是通道 outbox 的试发" in letter.read_text()

    @pytest.mark.parametrize(
        ("to", "said"),
        [
            ("gone@example.org", "没有发出（对方拒收）：smtp_550: 通道 mail：5.1.1 no such user"),
            ("", "没有发出（对方拒收）：bad_address: 通道 mail：收件地址为空"),
        ],
    )
    def test_says_why_it_was_refused(self, run: Run, port: int, channels: dict[str, str], to: str, said: str) -> None:
        with mail_server(Server(), port):
            refused = run("channel", "test", "mail", "--to", to, **channels)
        assert refused.status == 1
        assert said in refused.err

    def test_says_that_the_server_is_away(self, run: Run, channels: dict[str, str]) -> None:
        refused = run("channel", "test", "mail", "--to", "wang@example.org", **channels)
        assert refused.status == 1
        assert "connection: 通道 mail：ConnectionRefusedError" in refused.err

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("robot",), "没有配置通道“robot”；现有：mail（DUBAN_CHANNELS）"),
            (("mail", "--to", "a@example.org；b@example.org"), "不是一个地址"),
            (("mail", "--to", "a@" + "x" * 300 + ".org"), "超过254个"),
            ((), "NAME"),
        ],
    )
    def test_bad_input_is_one_line(
        self, run: Run, channels: dict[str, str], arguments: tuple[str, ...], said: str
    ) -> None:
        refused = run("channel", "test", *arguments, **channels)
        assert refused.status == 2
        assert said in refused.err
