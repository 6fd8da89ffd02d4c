"""A thousand alerts that fall due at once for a hundred people: how soon each of them has his one letter.

``python -m bench.alerts``: an office as ``duban up`` runs it, with Prefect, worker and pages, and a mail server
on loopback. The instant at which all is due is one at which the patrol comes by its schedule.
"""

import json
import time
from datetime import datetime
from statistics import median
from typing import Any

from bench.ground import temporary_home
from bench.measuring import machine, percentile, progress, show
from bench.unreliable import Server, mail_server
from tests.stack.office import Office, until

PEOPLE, DUTIES = 100, 10
OPENED, DUE = "2025-03-03T09:00", "2025-03-26T08:30"
"""A Monday; and the third working day before the end of the month, when the first reminder falls due."""


def _plan() -> dict[str, Any]:
    """A unit and a measure for everybody, with ten monthly reports each."""
    people = [f"{number:03d}" for number in range(PEOPLE)]
    roles: dict[str, Any] = {
        f"p{one}": {"name": f"经办人{one}", "channels": {"mail": f"p{one}@office.example"}} for one in people
    }
    duties = [
        {"key": f"d{number}", "kind": "report", "title": f"月报{number}", "cadence": "monthly", "source": "bench"}
        for number in range(DUTIES)
    ]
    about = {"duration": "standing", "state": "in_progress", "state_note": "正在推进"}
    measures = [
        {"code": f"01-{one}", "title": f"措施{one}", "text": "每月报送。", "lead": f"u{one}", "duties": duties, **about}
        for one in people
    ]
    return {
        "inspection": {
            "key": "bench",
            "title": "一千条提醒",
            "organisation": "某局",
            "inspector": "某组",
            "kind": "party",
            "feedback_on": "2025-02-20",
            "source": "bench",
        },
        "roles": roles | {"head": {"name": "局长"}, "office": {"name": "整改办"}},
        "units": {f"u{one}": {"name": f"单位{one}", "handler": [f"p{one}"]} for one in people},
        "audiences": {"deputy": ["head"], "head": ["head"], "discipline": ["head"], "office": ["office"]},
        "findings": [{"code": "01", "title": "问题", "measures": measures}],
    }


def main() -> None:
    """Measure and print."""
    print(machine(), flush=True)
    home, taken = temporary_home(), list[float]()
    plan = home / "plan.yaml"
    plan.write_text(json.dumps(_plan(), ensure_ascii=False))  # JSON is YAML, and repeats what is shared
    with mail_server(Server(on_taken=lambda _: taken.append(time.time()))) as port:
        channels = {"mail": f"mailto://127.0.0.1:{port}/?from=duban@office.example&to={{address}}"}
        office = Office(home / "office", plan, DUBAN_CLOCK=OPENED, DUBAN_CHANNELS=json.dumps(channels))
        try:
            office.up()
            progress(f"{PEOPLE * DUTIES} runs come to wait")
            until("all wait", lambda: office.count("待填报") == PEOPLE * DUTIES, seconds=1800, every=5)
            office.run_once("deliver", seconds=300)
            office.stop()
            before = len(taken)
            office.environment["DUBAN_CLOCK"] = DUE
            office.up()
            progress("the instant is there")
            until("everybody has his letter", lambda: len(taken) >= before + PEOPLE, seconds=600)
            # The one that fired; it still brings Prefect's runs up to date while the letters leave.
            patrol = max(office.runs(flow="patrol"), key=lambda run: run["start_time"] or "")
            alerts = office.rows("SELECT count(*) FROM alerts WHERE rung = 'remind'")[0][0]
        finally:
            office.clean_up()
    due, start = (datetime.fromisoformat(patrol[name]).timestamp() for name in ("expected_start_time", "start_time"))
    letters = taken[before:]
    rows = [
        ("due instant", *_spread([one - due for one in letters])),
        ("start of the patrol", *_spread([one - start for one in letters])),
    ]
    heads = ("seconds to acceptance from", "median", "95 % below", "last")
    show(f"{alerts} alerts due at once, {len(letters)} letters for {PEOPLE} people", heads, rows)


def _spread(values: list[float]) -> tuple[str, str, str]:
    return f"{median(values):.1f}", f"{percentile(values, 0.95):.1f}", f"{max(values):.1f}"


if __name__ == "__main__":
    main()
