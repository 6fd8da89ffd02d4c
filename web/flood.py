"""How often somebody tries, counted in this process: who does it faster than people or sound programs do must wait."""

import time
from collections import defaultdict, deque

_MOST_KNOWN = 10_000


class TryCounter:
    """The tries of the last seconds, by whoever makes them.

    Args:
        seconds: how long a try counts.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._tries: defaultdict[str, deque[float]] = defaultdict(deque)

    def count(self, who: str) -> int:
        """Note a try of ``who``; returns how many there were lately, this one included."""
        now = time.monotonic()
        if len(self._tries) >= _MOST_KNOWN:
            self._tries = defaultdict(deque, {one: at for one, at in self._tries.items() if self._lately(at, now)})
            # Whoever has so many addresses needs none twice: he gets neither our room nor our time.
            if len(self._tries) >= _MOST_KNOWN:
                self._tries.clear()
        known = self._tries[who]
        self._lately(known, now)
        known.append(now)
        return len(known)

    def _lately(self, known: deque[float], now: float) -> bool:
        while known and known[0] < now - self._seconds:
            known.popleft()
        return bool(known)

    def clear(self) -> None:
        """Forget all tries."""
        self._tries.clear()
