"""Whole plans at random: every one of them is a plan that the loader accepts."""

from typing import Any

from hypothesis import strategies as st

from config.dates import EARLIEST, LATEST
from plan.checks import check_plan
from plan.due import WEEKDAYS
from plan.model import Plan
from plan.types import (
    Cadence,
    DurationClass,
    DutyKind,
    EvidenceRule,
    InspectionKind,
    Precision,
    Roll,
    WorkState,
)
from text.clean import hidden_character

NASTY = (
    "=1+1",
    "+86 711",
    "-",
    "@SUM(A1)",
    "'quoted'",
    '"',
    "01",
    "1.10",
    "1E5",
    "2025-05-31",
    "2025年5月31日",
    "TRUE",
    "#REF!",
    "#N/A",
    "_x000D_",
    "_x005F_x000D_",
    "a_x0041_b",
    "x005F_",
    "=cmd|' /C calc'!A0",
    "<b>&amp;</b>",
    "😀督办",
    "a、b，c；d",
    "水科〔water〕",
    "\\n",
    "{=A1}",
    "0x1F",
    "是",
    "期末",
)
"""What a spreadsheet, an XML reader or our own reading might take for something else."""

_shown = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp")).filter(
    lambda char: hidden_character(char) is None
)
_loose = st.one_of(st.text(_shown, min_size=1, max_size=12), st.sampled_from(NASTY))
lines = _loose.map(str.strip).filter(bool)
texts = st.one_of(
    lines,
    st.lists(st.one_of(_loose, st.sampled_from(["", " ", "　", "\u00a0"])), min_size=2, max_size=4).map("\n".join),
    st.sampled_from(["督" * 4000, "😀" * 4000, "\n  前后有空白 \n\n", "=" * 4000]),
).filter(lambda text: bool(text.strip()) and len(text) <= 4000 and hidden_character(text) is None)
days = st.dates(EARLIEST, LATEST).map(str)
codes = st.one_of(
    st.sampled_from(["01", "1", "1.10", "1E5", "2025-05-31", "TRUE", "A-1", "A"]),
    st.from_regex(r"[0-9A-Za-z]{1,4}", fullmatch=True),
)
keys = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)
addresses = st.one_of(
    st.just(""),
    st.from_regex(r"[@+]?\w[\w.+-]{0,40}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9]{0,9}@[a-z]{1,9}[.]gov[.]cn", fullmatch=True),
)
channels = st.dictionaries(st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True), addresses, min_size=1, max_size=4)
dues = st.one_of(
    st.just("end"),
    st.builds("{}{}".format, st.integers(-999, 999).map("end{:+d}".format), st.sampled_from(["d", "wd"])),
    st.builds("start+{}{}".format, st.integers(0, 999), st.sampled_from(["d", "wd"])),
    st.builds("{} {}".format, st.sampled_from(WEEKDAYS), st.sampled_from([-4, -1, 1, 4])),
    st.builds("workday {}".format, st.integers(-99, 99).filter(bool)),
    st.builds("{} {}".format, st.sampled_from(["day", "after day", "month 2 day", "month 12 day"]), st.integers(1, 31)),
)


@st.composite
def _duties(draw: st.DrawFn, key: str) -> dict[str, Any]:
    cadence = draw(st.sampled_from(Cadence))
    given = {
        "key": st.just(key),
        "kind": st.sampled_from(DutyKind),
        "title": lines,
        "cadence": st.just(cadence),
        "source": lines,
    }
    optional = {
        "anchor": days,
        "due": dues,
        "ends_on": days,
        "roll": st.sampled_from(Roll),
        "roll_workdays": st.integers(1, 10).map(str),
        "precision": st.sampled_from(Precision),
        "receiver": lines,
        "assumed": st.sampled_from(["true", "false"]),
    }
    fields: dict[str, Any] = draw(st.fixed_dictionaries(given, optional=optional))
    opens, due = sorted([draw(days), draw(days)])
    if cadence is Cadence.ONCE:
        fields["due_on"] = due
    if draw(st.booleans()):
        fields["opens_on"] = opens
    return fields


@st.composite
def _measures(draw: st.DrawFn, code: str, units: list[str], roles: list[str]) -> dict[str, Any]:
    duty_keys = draw(st.lists(keys, max_size=3, unique=True))
    given = {
        "code": st.just(code),
        "title": lines,
        "text": texts,
        "duration": st.sampled_from(DurationClass),
        "state": st.sampled_from(WorkState),
        "state_note": lines,
        "lead": st.sampled_from(units),
        "duties": st.tuples(*[_duties(key) for key in duty_keys]).map(list),
        "questions": st.lists(st.fixed_dictionaries({"phrase": lines, "ask": lines, "suggest": lines}), max_size=2),
    }
    optional = {
        "assisting": st.lists(st.sampled_from(units), max_size=3),
        "deputy": st.lists(st.sampled_from(roles), max_size=2),
        "evidence": st.sampled_from(EvidenceRule),
        "warn_days": st.integers(1, 60).map(str),
    }
    return draw(st.fixed_dictionaries(given, optional=optional))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan with a few of everything."""
    roles = draw(st.lists(keys, min_size=1, max_size=4, unique=True))
    units = draw(st.lists(keys, min_size=1, max_size=3, unique=True))
    called = draw(st.lists(lines, min_size=len(units), max_size=len(units), unique=True))
    some_roles = st.lists(st.sampled_from(roles), min_size=1, max_size=3)
    inspection = {"key": keys, "title": lines, "organisation": lines, "inspector": lines, "source": lines}
    inspection |= {"kind": st.sampled_from(InspectionKind), "feedback_on": days}
    phases = {name: days for name in ("plan_due", "concentrated_end", "progress_report_due", "publish_due")}
    later = {"published_on": days, "phases": st.fixed_dictionaries({}, optional=phases)}
    role = st.fixed_dictionaries({"name": lines}, optional={"channels": channels})
    unit = st.fixed_dictionaries({"name": lines, "handler": some_roles}, optional={"leader": some_roles})
    upper = {name: some_roles for name in ("deputy", "head", "discipline")}
    used: set[str] = set()
    findings = []
    for code in draw(st.lists(codes, min_size=1, max_size=3, unique=True)):
        count = draw(st.integers(1, 3))
        names = [name for place in range(1, count + 1) if (name := f"{code}-{place}") not in used]
        used.update(names)
        if names:
            made = [draw(_measures(name, units, roles)) for name in names]
            named = st.fixed_dictionaries({"title": lines}, optional={"goal": texts})
            findings.append({"code": code, "measures": made} | draw(named))
    data = {
        "inspection": draw(st.fixed_dictionaries(inspection, optional=later)),
        "roles": {key: draw(role) for key in roles},
        "units": {key: draw(unit) | {"name": name} for key, name in zip(units, called, strict=True)},
        "audiences": draw(st.fixed_dictionaries({"office": some_roles}, optional=upper)),
        "findings": findings,
    }
    plan, faults = check_plan(data, str)
    assert not faults
    assert plan is not None
    return plan
