"""The office of Ezhou with its roster, the inspection that the plan is about, and a second one beside it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import HERE
from tests.stack.office import Office, until

PLAN, BESIDE = (HERE / "plans" / f"{name}.yaml" for name in ("ezhou-2024", "ezhou-env-2025"))
SECOND = "ezhou-env-2025"
SHOWN = {
    **{"逾期·红": 53, "逾期·橙": 8, "逾期·黄": 1, "临期": 1, "待填报": 60, "待批示": 2, "待定通报": 43},
    **{"逾期未分报": 2, "待分报": 2},
}
"""How many runs wait under which name; of several late periods of one duty the oldest alone has a sheet."""
HOLDERS = {
    "head": "周建国",
    "deputy-enforcement": "陈立",
    "deputy-water-soil": "林涛",
    "inspection-handler": "王敏",
    "enforcement-handler": "刘洋",
    "water-handler": "赵磊",
}
"""Who holds which post, in both inspections."""
SPARE = ("何川", "马超", "高远")
"""People who hold nothing yet."""


def _roster(prefix: str = "") -> dict[str, Any]:
    holdings = [{"post": f"{prefix}{post}", "name": name} for post, name in HOLDERS.items()]
    return {"people": [{"name": name} for name in (*HOLDERS.values(), *SPARE)], "holdings": holdings}


def _two_acknowledge(folder: Path) -> Path:
    """The shipped policy, but that all red sheets ask deputy and head, and wait for the word of both."""
    policy = yaml.safe_load((HERE / "policy.yaml").read_text())
    for ladder in ("short", "long"):
        for rung in policy[ladder]["rungs"]:
            if rung["key"] in ("red", "interview", "circular"):
                rung |= {"audience": ["deputy", "head", "discipline"], "acknowledge": 2}
    file = folder / "policy.yaml"
    file.write_text(yaml.safe_dump(policy, allow_unicode=True))
    return file


@pytest.fixture(scope="package")
def ezhou(office_of: Callable[..., Office], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office on the morning of 2025-05-12, once all its runs wait; the worker was killed while they came."""
    folder = tmp_path_factory.mktemp("roster")
    first, second = folder / "first.yaml", folder / "second.yaml"
    first.write_text(yaml.safe_dump(_roster(), allow_unicode=True))
    second.write_text(yaml.safe_dump(_roster(f"{SECOND}/"), allow_unicode=True))
    office = office_of(DUBAN_CLOCK="2025-05-12T09:00")
    in_january, in_march = {"DUBAN_CLOCK": "2025-01-17T09:00"}, {"DUBAN_CLOCK": "2025-03-24T09:00"}
    office.duban("plan", "load", str(PLAN), "--yes", **in_january)
    office.duban("people", "import", str(first), "--yes", **in_january)
    office.duban("plan", "load", str(BESIDE), "--yes", DUBAN_POLICY=str(_two_acknowledge(folder)), **in_march)
    office.duban("people", "import", str(second), "--yes", **in_march)
    office.duban("people", "add", "分管副局长", "执法支队经办人")
    start = office.up()
    began = time.monotonic()
    until("some runs wait", lambda: office.count(*SHOWN) > 20, seconds=120, every=0.5)
    office.worker().kill()
    until("all runs wait", lambda: office.count(*SHOWN) == sum(SHOWN.values()), seconds=300, every=1)
    took = time.monotonic() - began
    print(f"\nEzhou: UI and deployments {start:.1f} s, {sum(SHOWN.values())} runs {took:.1f} s, the worker killed once")
    office.quieten()
    yield office
    office.stop()
