"""The pages of a big office: board, list, matter, ledger as one reader meets them, and fifty readers at once.

``python -m bench pages``: a server process as ``duban up`` starts it, on a ledger whose patrol has just fired.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from statistics import median

import httpx
import psutil
from sqlalchemy import text

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
        with engine.begin() as connection:
            connection.execute(_REPORTS, {"now": NOW})
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
                postmaster = next(home.rglob("postmaster.pid")).read_text().split()[0]
                _measure(periods, {"duban": key}, [psutil.Process(web.pid), psutil.Process(int(postmaster))])
            finally:
                web.terminate()
        progress(f"signed in as {person}")


def _measure(periods: int, cookies: dict[str, str], servers: Sequence[psutil.Process]) -> None:
    with httpx.Client(base_url=ORIGIN, cookies=cookies, timeout=60) as client:
        while True:
            try:
                client.get("/sign-in")
                break
            except httpx.TransportError:
                time.sleep(0.2)
        rows = [(name, *_one_by_one(client, path, servers)) for name, path in _PAGES.items()]
    show(f"Pages, {periods} open periods", ("page", "median ms", "95 % below", "of the processor, ms"), rows)
    took, wall, errors = _at_once(cookies)
    heads = ("readers at once", "pages", "errors", "median ms", "95 % below", "pages/s")
    each = (f"{1000 * median(took):.0f}", f"{1000 * percentile(took, 0.95):.0f}", f"{len(took) / wall:.0f}")
    show("Readers at once", heads, [(READERS, len(took), errors, *each)])


# A returned report for every period, so that there is something to search.
_REPORTS = text(
    """
    INSERT INTO submissions (period_id, round, body, percent, finished, difficulty, help_needed, evidence, submitted_by,
                             submitted_at, accepted, reason, reviewed_by, reviewed_at)
    SELECT id, 1, repeat('本期调度工程进度，泵站土建推进，', 12) || id, 40, false, '', '', '[]', 'Recipient 1',
           CAST(:now AS timestamptz), false, '缺照片', 'Recipient 2', CAST(:now AS timestamptz)
    FROM periods
    """
)
_PAGES = {
    "board": "/",
    "board, one unit's red lamps": "/?unit=unit&lamp=red",
    "all that is late, second page": "/?section=late&page=2",
    "a matter": "/matter/period-1",
    "what is asked of me": "/me",
    "a measure": "/measure/m1",
    "ledger, first page": "/ledger",
    "ledger, two words in ten thousand reports": "/ledger?q=%E6%B3%B5%E7%AB%99+7777",
    "lamps of thirteen weeks": "/trend",
}


def _cpu_seconds(servers: Sequence[psutil.Process]) -> float:
    """What pages and database have spent: on a busy machine the clock says little."""
    everybody = [one for server in servers for one in (server, *server.children(recursive=True))]
    return sum(sum(one.cpu_times()[:2]) for one in everybody)


def _one_by_one(client: httpx.Client, path: str, servers: Sequence[psutil.Process]) -> tuple[str, str, str]:
    def look() -> None:
        client.get(path).raise_for_status()

    look()
    spent = _cpu_seconds(servers)
    took = [1000 * seconds(look) for _ in range(REQUESTS)]
    spent = 1000 * (_cpu_seconds(servers) - spent) / REQUESTS
    return f"{median(took):.0f}", f"{percentile(took, 0.95):.0f}", f"{spent:.0f}"


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
