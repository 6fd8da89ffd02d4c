"""10 000 messages through a mail server and a webhook that fail in every way, the sender killed three times.

A third of the recipients have a mail address, a third a webhook, a third both; one of a hundred addresses does not
exist. The senders are processes of their own whose clock is told to them, so days pass in minutes. Half way the mail
server is away for two days. Each sender is killed (-9) while the message it just handed over is not yet recorded.

``python -m bench delivery --full`` prints what became of them; a number that is not as promised ends it with an error.
A smaller run is ``tests/promises/no_message_is_lost_test.py``.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from bench.ground import POLICY, WORK_TIME, Server, temporary_home
from bench.measuring import progress, show
from bench.unreliable import HOOK_FAULTS, MAIL_FAULTS, REFUSED, mail_server, webhook
from bench.unreliable import Server as Unreliable
from config.settings import HERE
from db.ledger import message_queue
from db.ledger.context import LedgerContext
from db.models import Holding, Inspection, Person, Recipient
from db.session import make_engine, migrate
from letters.mime import safe_name
from plan.types import AlertKind, Level

START = datetime(2025, 3, 17, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Monday at opening."""
TIMEOUT_SECONDS = 10
"""Longer than a server that answers needs on any machine: what it takes and answers too late is sent twice, rightly."""
KILLS = (0.2, 0.5, 0.8)
"""After which shares of the messages the sender is killed."""
AWAY = (0.4, timedelta(days=2))
"""After which share of the messages the mail server goes away, and for how long."""
RUNG = "word"
_WAITING = text("SELECT count(*), min(next_try_at) FROM messages WHERE next_try_at IS NOT NULL")
_VOICE = "(SELECT '-' || id || '-' || epoch FROM installation)"
_LEASED = text(f"SELECT key || {_VOICE} FROM messages WHERE state = 'leased'")
_FOUND = text(
    f"""
    SELECT messages.key || {_VOICE} AS key, state, channels, history, starts_with(messages.key, '{RUNG}-') AS ours
    FROM messages JOIN people ON people.id = person_id
    """
)


@dataclass
class Counts:
    """What became of the messages."""

    messages: int
    tries: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    refused: int = 0
    waiting: int = 0
    lost: int = 0
    dead: int = 0
    kills: int = 0
    in_flight: int = 0
    doubled: int = 0
    doubled_otherwise: int = 0
    histories: list[Any] = field(default_factory=list)
    days: float = 0.0
    seconds: float = 0.0

    @property
    def as_promised(self) -> bool:
        """None lost, none dead that was not refused, none twice but those under way when a sender was killed."""
        return not (self.waiting or self.lost or self.dead or self.doubled_otherwise) and self.kills == len(KILLS)


def fill(engine: Engine, messages: int) -> None:
    """So many messages to as many people in an empty, migrated ledger, ready at ``START``."""
    with Session(engine) as session, session.begin():
        office = {"name": "整改办", "folded": "office", "channels": [["mail", "office@example.org"]]}
        people = [office]
        for number in range(messages):
            name = f"{REFUSED if number % 100 == 0 else 'p'}{number}"
            ways = [["mail", f"{name}@example.org"], ["hook", name]]
            people.append({"name": name, "folded": name, "channels": (ways[:1], ways[1:], ways)[number % 3]})
        facts = {name: "bench" for name in ("key", "title", "organisation", "inspector", "source", "plan_digest")}
        dates = {"feedback_on": START.date(), "activated_at": START}
        shared = {"kind": "party", "phases": {}, "audiences": {"office": [1]}}
        session.execute(insert(Inspection), [facts | dates | shared])
        session.execute(insert(Person), people)
        posts = [{"key": one["folded"], "name": one["name"], "inspection_id": 1} for one in people]
        session.execute(insert(Recipient), posts)
        held = range(1, len(people) + 1)
        since = {"from_on": START.date(), "told_at": START}
        session.execute(insert(Holding), [{"recipient_id": one, "person_id": one} | since for one in held])
        ctx = LedgerContext(session, WORK_TIME, POLICY, START, "bench")
        message_queue.notify(ctx, range(2, messages + 2), RUNG, AlertKind.OPERATOR, Level.NONE, "请知悉")


class Sender:
    """A process that delivers what may leave at every instant it is told."""

    def __init__(self, surroundings: dict[str, str]) -> None:
        command = [sys.executable, "-m", "bench.delivery", "--sender"]
        self._process = subprocess.Popen(
            command, env=surroundings, cwd=HERE.parent, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def deliver(self, now: datetime) -> dict[str, int] | None:
        """How many tries ended in which result; None when it was killed meanwhile."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{now.isoformat()}\n")
        self._process.stdin.flush()
        told = self._process.stdout.readline()
        found: dict[str, int] | None = json.loads(told) if told else None
        return found

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Let it end by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def serve() -> None:
    """The sender's side: instants on standard input, results on standard output."""
    from tasks.channels import delivery

    with ThreadPoolExecutor(20) as pool:
        for told in sys.stdin:
            now = datetime.fromisoformat(told.strip())
            office, results = delivery("bench", lambda now=now: now), Counter[str]()
            while messages := office.lease():
                results.update(pool.map(office.deliver, messages))
            print(json.dumps(results), flush=True)


def run(database: str, home: Path, messages: int, told: Callable[[str], None] = lambda _: None) -> Counts:
    """Send ``messages`` from the empty, migrated ledger at an address; ``home`` is the senders' folder."""
    counts, started = Counts(messages), perf_counter()
    engine = make_engine(database)
    fill(engine, messages)
    mail = Unreliable(MAIL_FAULTS, random.Random(1), hang_seconds=2 * TIMEOUT_SECONDS)  # noqa: S311 (no secret)
    hook = Unreliable(HOOK_FAULTS, random.Random(2), hang_seconds=2 * TIMEOUT_SECONDS)  # noqa: S311 (no secret)
    with ExitStack() as until:
        until.callback(engine.dispose)
        surroundings = _surroundings(
            database, home, until.enter_context(mail_server(mail)), until.enter_context(webhook(hook))
        )
        sender = Sender(surroundings)
        kills = [int(share * messages) for share in KILLS]
        in_flight: set[str] = set()

        def taken(_: str) -> None:
            # Handed over, and neither answered nor recorded: the worst moment.
            if kills and len(mail.taken) + len(hook.taken) >= kills[0]:
                kills.pop(0)
                sender.kill()

        mail.on_taken = hook.on_taken = taken
        now, back = START, None
        while (due := _next(engine, now)) is not None:
            now = due
            if back is None and len(mail.taken) + len(hook.taken) >= AWAY[0] * messages:
                back, mail.away = now + AWAY[1], True
            if back is not None and now >= back:
                mail.away = False
            results = sender.deliver(now)
            if results is None:
                counts.kills += 1
                in_flight |= _leased(engine)
                sender = Sender(surroundings)
            told(f"{now:%m-%d %H:%M} {results}")
        sender.close()
        _judge(counts, engine, [*mail.taken, *hook.taken], in_flight)
    counts.tries = mail.struck.total() + hook.struck.total()
    counts.failed = mail.struck + hook.struck
    counts.days, counts.seconds = (now - START) / timedelta(days=1), perf_counter() - started
    return counts


def _surroundings(database: str, home: Path, mail: int, hook: int) -> dict[str, str]:
    policy = POLICY.model_dump(mode="json", exclude_unset=True)
    policy["delivery"]["timeout_seconds"] = TIMEOUT_SECONDS
    (home / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True), encoding="utf-8")
    channels = {
        "mail": f"mailto://127.0.0.1:{mail}?from=duban@example.org&to={{address}}",
        "hook": f"json://127.0.0.1:{hook}/{{address}}",
    }
    return os.environ | {
        "DUBAN_DATABASE_URL": database,
        "DUBAN_HOME": str(home),
        "DUBAN_POLICY": str(home / "policy.yaml"),
        "DUBAN_CHANNELS": json.dumps(channels),
        "DUBAN_CLOCK": START.isoformat(),
    }


def _next(engine: Engine, now: datetime) -> datetime | None:
    """The next minute in which something may leave; None when nothing waits, or waits for longer than anything may."""
    with engine.connect() as connection:
        count, due = connection.execute(_WAITING).one()
    if not count or now > START + timedelta(days=30):
        return None
    following = now + timedelta(minutes=1)
    return max(following, WORK_TIME.next_sending(max(due, following)).astimezone(START.tzinfo))


def _leased(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        # As they stand on the wire, where a word to the operators has other signs in its key.
        return {safe_name(key) for key in connection.execute(_LEASED).scalars()}


def _judge(counts: Counts, engine: Engine, taken: Sequence[str], in_flight: set[str]) -> None:
    times = Counter(taken)
    with engine.connect() as connection:
        counts.waiting = connection.execute(_WAITING).one()[0]
        for row in connection.execute(_FOUND):
            key = safe_name(row.key)
            if times[key] > 1 and key not in in_flight:
                counts.histories.append((key, row.state, row.history))
            # The others are words to the operators of channels that are down.
            if not row.ours:
                continue
            refused = row.channels[-1][1].startswith(REFUSED)
            counts.refused += refused and row.state == "dead"
            counts.sent += row.state == "sent"
            counts.dead += row.state == "dead" and not refused
            counts.lost += row.state != "dead" and not times[key]
    doubled = {key for key, count in times.items() if count > 1}
    counts.in_flight, counts.doubled = len(in_flight), len(doubled & in_flight)
    counts.doubled_otherwise = len(doubled - in_flight)


def main(messages: int = 10_000) -> None:
    """Print the table; raises ``SystemExit`` where a number is not as promised."""
    home = temporary_home()
    server = Server(home)
    engine = server.fresh("delivery")
    migrate(engine)
    engine.dispose()
    counts = run(server.url.set(database="delivery").render_as_string(hide_password=False), home, messages, progress)
    heads = ("messages", "tries", "of them failed", "sent", "refused", "still waiting", "lost", "dead, not refused")
    failed = counts.tries - counts.failed[""]
    first = (messages, counts.tries, failed, counts.sent, counts.refused, counts.waiting, counts.lost, counts.dead)
    show("Messages through servers that fail, one away for two days", heads, [first])
    columns = ("kills", "under way at them", "of these sent twice", "others sent twice", "days passed", "seconds")
    second = (counts.kills, counts.in_flight, counts.doubled, counts.doubled_otherwise)
    show("Senders killed", columns, [(*second, f"{counts.days:.1f}", f"{counts.seconds:.0f}")])
    faults = sorted((fault, count) for fault, count in counts.failed.items() if fault)
    show("What went wrong", ("fault", "tries"), faults)
    if not counts.as_promised:
        raise SystemExit(f"a message was lost, died of nothing, or was doubled without a kill: {counts.histories}")


if __name__ == "__main__":
    serve() if "--sender" in sys.argv else main(*map(int, sys.argv[1:]))
