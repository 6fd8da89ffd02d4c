"""The pages of a big office: board, list, matter, ledger as one reader meets them, and fifty readers at once.

``python -m bench pages``: a server process as ``duban up`` starts it, on a ledger whose patrol has just fired.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from statistics import median

import httpx

from bench.ground import NOW, SHEET, Server, contexts, temporary_home
from bench.measuring import percentile, progress, seconds, show

PORT = 4431
ORIGIN = f"http://127.0.0.1:{PORT}"
READERS, PAGES_EACH = 50, 4
REQUESTS = 15


def main(periods: int = 10_000) -> None:
    """Measure and print; a fifth of the periods are late and escalated."""
    from db.ledger.doors import ALL_OF_HIS, begin_session, link_holder, personal_link
    from db.ledger.patrol import patrol

    home = temporary_home()
    server = Server(home)
    environment = {**os.environ, "DUBAN_HOME": str(home), "DUBAN_CLOCK": f"{NOW:%Y-%m-%dT%H:%M}"}
    with server.ledger(periods, periods // 5, SHEET) as template, server.copy(template) as engine:
        progress(f"{periods} open periods, a patrol fires {periods // 5}")
        patrol(contexts(engine))
        with contexts(engine)() as ctx:
            person, token = personal_link(ctx, "Recipient 1", ALL_OF_HIS, str)
        with contexts(engine)() as ctx:
            key = begin_session(ctx, link_holder(ctx, token, token))
        environment |= {
            "DUBAN_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "DUBAN_WEB_ORIGINS": ORIGIN,
        }
        command = [sys.executable, "-m", "uvicorn", "web.application:guarded_pages", "--factory", "--port", str(PORT)]
        with subprocess.Popen([*command, "--log-level", "warning"], env=environment) as web:
            try:
                _measure(periods, {"duban": key})
            finally:
                web.terminate()
        progress(f"signed in as {person}")


def _measure(periods: int, cookies: dict[str, str]) -> None:
    with httpx.Client(base_url=ORIGIN, cookies=cookies, timeout=60) as client:
        while True:
            try:
                client.get("/sign-in")
                break
            except httpx.TransportError:
                time.sleep(0.2)
        rows = [(name, *_one_by_one(client, path)) for name, path in _PAGES.items()]
    show(f"Pages, {periods} open periods", ("page", "median ms", "95 % below"), rows)
    took, wall, errors = _at_once(cookies)
    heads = ("readers at once", "pages", "errors", "median ms", "95 % below", "pages/s")
    each = (f"{1000 * median(took):.0f}", f"{1000 * percentile(took, 0.95):.0f}", f"{len(took) / wall:.0f}")
    show("Readers at once", heads, [(READERS, len(took), errors, *each)])


_PAGES = {
    "board": "/",
    "board, one unit's red lamps": "/?unit=unit&lamp=red",
    "all that is late, second page": "/?section=late&page=2",
    "a matter": "/matter/period-1",
    "what is asked of me": "/me",
    "a measure": "/measure/m1",
}


def _one_by_one(client: httpx.Client, path: str) -> tuple[str, str]:
    def look() -> None:
        client.get(path).raise_for_status()

    look()
    took = [1000 * seconds(look) for _ in range(REQUESTS)]
    return f"{median(took):.0f}", f"{percentile(took, 0.95):.0f}"


def _at_once(cookies: dict[str, str]) -> tuple[list[float], float, int]:
    """Everybody opens the board, then matters: seconds of each page, of all of them, and how many failed."""
    took: list[float] = []
    failed: list[int] = []

    def reader(number: int) -> None:
        with httpx.Client(base_url=ORIGIN, cookies=cookies, timeout=120) as client:
            for page in range(PAGES_EACH):
                path = "/" if page == 0 else f"/matter/period-{1 + number * PAGES_EACH + page}"
                began = time.perf_counter()
                if client.get(path).status_code != httpx.codes.OK:
                    failed.append(number)
                took.append(time.perf_counter() - began)

    threads: list[threading.Thread] = [threading.Thread(target=reader, args=(one,)) for one in range(READERS)]
    all_of_them: Callable[[], None] = lambda: [one.start() for one in threads] and [one.join() for one in threads]  # noqa: E731
    wall = seconds(all_of_them)
    return took, wall, len(failed)


if __name__ == "__main__":
    main()
