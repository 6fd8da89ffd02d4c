"""Small plans for tests."""

from typing import Any

from plan.model import Plan

ROLES = ("handler", "leader", "deputy", "head", "discipline", "office")


def duty(key: str = "report", **changes: Any) -> dict[str, Any]:
    """A monthly report, with changes."""
    base = {"key": key, "kind": "report", "title": "每月报送", "cadence": "monthly", "source": "整改措施一"}
    return base | changes


def measure(code: str = "01-1", **changes: Any) -> dict[str, Any]:
    """A measure in progress with one monthly report, with changes."""
    base = {
        "code": code,
        "title": "每月调度工程进度",
        "text": "每月调度一次工程进度",
        "duration": "staged",
        "state": "in_progress",
        "state_note": "正在推进",
        "lead": "water",
        "duties": [duty()],
    }
    return base | changes


def plan_of(*measures: dict[str, Any], **changes: Any) -> Plan:
    """A plan with these measures under as many findings as their codes name."""
    codes = list(dict.fromkeys(one["code"].split("-")[0] for one in measures))
    base: dict[str, Any] = {
        "inspection": {
            "key": "test-round",
            "title": "第一轮巡察",
            "organisation": "某局党组",
            "inspector": "某巡察组",
            "kind": "party",
            "feedback_on": "2024-12-20",
            "source": "通报",
        },
        "roles": {name: {"name": name} for name in ROLES},
        "units": {"water": {"name": "水科", "handler": ["handler"], "leader": ["leader"]}},
        "audiences": {"deputy": ["deputy"], "head": ["head"], "discipline": ["discipline"], "office": ["office"]},
        "findings": [
            {"code": code, "title": f"问题{code}", "measures": [m for m in measures if m["code"].split("-")[0] == code]}
            for code in codes
        ],
    }
    return Plan.model_validate(base | changes)


def one_measure(**changes: Any) -> Plan:
    """A plan of one measure, with changes to it."""
    return plan_of(measure(**changes))


def gathering(written: Any = "assisting", **changes: Any) -> Plan:
    """A plan of one measure whose monthly report is gathered as it is written, from two stations below the lead unit
    and from one that stands apart; with changes to the measure."""
    units: dict[str, Any] = {
        "water": {"name": "水科", "handler": ["handler"], "leader": ["leader"]},
        "east": {"name": "东站", "handler": ["east"], "leader": ["east-chief"], "superior": "water"},
        "west": {"name": "西站", "handler": ["west"], "superior": "water"},
        "law": {"name": "法规科", "handler": ["law"]},
    }
    posts = {name: {"name": name} for name in (*ROLES, "east", "east-chief", "west", "law")}
    duties = {"duties": [duty(gather=written)], "assisting": ["east", "law"]}
    return plan_of(measure(**(duties | changes)), units=units, roles=posts)


def of_inspection(key: str, plan: Plan, **changes: str) -> Plan:
    """The same plan as that of another inspection, with changes to what is said of the inspection itself."""
    return plan.model_copy(update={"inspection": plan.inspection.model_copy(update={"key": key} | changes)})
