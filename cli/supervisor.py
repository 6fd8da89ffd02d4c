"""Keeps the children of ``duban up`` alive: starts them, restarts what dies, stops them in reverse order at the end.

Ctrl-C and SIGTERM both end the ``with`` block quietly; a child that does not leave in time is killed.
"""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from text.files import private_folder

TICK_SECONDS = 0.5
LONGEST_PAUSE = 60.0
LOG_BYTES = 10_000_000
_logger = logging.getLogger("duban.supervisor")


@dataclass
class Child:
    """A process to keep: its command, all of its environment (ours is not inherited), where its output goes."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    grace_seconds: float = 30
    started: Callable[[int], None] = lambda pid: None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)
    born_at: float = field(default=0.0, init=False)
    again_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start it, in a session of its own so that a Ctrl-C in the terminal reaches us alone."""
        private_folder(self.log.parent)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            # Only here: a running child keeps writing to the file it has open.
            self.log.replace(self.log.with_suffix(".1.log"))
        environment = {**self.environment, "DUBAN_SUPERVISOR": str(os.getpid())}
        with self.log.open("ab") as log:
            os.fchmod(log.fileno(), 0o600)
            self.process = subprocess.Popen(  # noqa: S603 (our own commands)
                list(self.command), env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.born_at = time.monotonic()
        self.started(self.process.pid)

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask it to leave, then insist."""
        if self.process is None or not self.alive:
            return
        self.process.terminate()
        try:
            self.process.wait(self.grace_seconds)
        except subprocess.TimeoutExpired:
            _logger.warning("%s 未在 %g 秒内停止，已强行结束", self.name, self.grace_seconds)
            self.process.kill()
            self.process.wait()

    def look_after(self) -> None:
        """Restart it when it died, each time after a longer pause: 1, 2, 4 … 60 seconds."""
        now = time.monotonic()
        if self.alive:
            # Whoever lived for a minute has recovered: its next death waits one second again.
            self.deaths = 0 if now - self.born_at > LONGEST_PAUSE else self.deaths
        elif not self.again_at:
            self.again_at = now + min(2.0**self.deaths, LONGEST_PAUSE)
            self.deaths += 1
            code = self.process.returncode if self.process else None
            _logger.warning("%s 已退出（%s），%.0f 秒后重启；原因见 %s", self.name, code, self.again_at - now, self.log)
        elif now >= self.again_at:
            self.again_at = 0.0
            self.start()


class Supervisor:
    """``with Supervisor() as keep: keep.start(child) … keep.wait()``."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._handler: Any = None

    def __enter__(self) -> Self:
        # SIGTERM raises KeyboardInterrupt as Ctrl-C does: one way out for both.
        self._handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
        return self

    def start(self, child: Child) -> None:
        """Start a child and look after it from now on."""
        self._children.append(child)
        child.start()

    def wait(self, tend: Callable[[], None] = lambda: None, every: float = 10) -> None:
        """Look after the children until Ctrl-C or SIGTERM.

        Args:
            tend: called every ``every`` seconds, for what the children need besides.
            every: seconds.
        """
        tend_at = time.monotonic() + every
        while True:
            time.sleep(TICK_SECONDS)
            for child in self._children:
                child.look_after()
            if time.monotonic() >= tend_at:
                tend()
                tend_at = time.monotonic() + every

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> bool:
        # A second Ctrl-C must not cut the stopping short and leave children behind.
        interrupt = signal.signal(signal.SIGINT, _ignore)
        signal.signal(signal.SIGTERM, _ignore)
        # In reverse: the worker ends its runs while the server still answers.
        for child in reversed(self._children):
            child.stop()
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, self._handler)
        return kind is KeyboardInterrupt


def _ignore(number: int, frame: FrameType | None) -> None:
    """We are leaving already."""
