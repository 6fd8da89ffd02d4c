"""The child processes of ``duban up``: started in groups of their own, kept alive, stopped without orphans."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 20
FASTEST_RESTART_SECONDS = 1.0
SLOWEST_RESTART_SECONDS = 60.0


@dataclass(slots=True)
class Child:
    """One child process and its log."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _wait: float = field(default=FASTEST_RESTART_SECONDS)
    _started: float = 0.0

    def start(self) -> None:
        """Start it; Ctrl-C at the terminal reaches it only through us."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self._started = time.monotonic()

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> bool:
        """Start it again if it has ended, after a pause that grows while it keeps failing; says whether it did."""
        if self.alive():
            return False
        lived = time.monotonic() - self._started
        self._wait = FASTEST_RESTART_SECONDS if lived > SLOWEST_RESTART_SECONDS else self._wait * 2
        time.sleep(min(self._wait, SLOWEST_RESTART_SECONDS))
        self.start()
        return True

    def stop(self) -> None:
        """Ask it to end, then end it; its whole group goes."""
        if self.process is None:
            return
        if self.alive():
            self._signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, which: signal.Signals) -> None:
        assert self.process is not None
        try:
            os.killpg(self.process.pid, which)
        except ProcessLookupError:
            return
