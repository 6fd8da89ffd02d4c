"""One monthly report through two months: what each behaviour leads to, day by day."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest

from db.ledger import message_queue
from foresight.simulation import Simulation
from plan.policy import Policy
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime
from tests.conftest import SHANGHAI, at
from tests.plans import ROLES, duty, gathering, measure, one_measure, plan_of
from tests.simulation.conftest import Simulate
from text.refusals import Refusal


def _letters(found: Simulation) -> list[str]:
    """When, to whom, what about; the first two months of a plan that starts on 2025-02-05."""
    return [
        f"{one.at:%m-%d %H:%M} {one.recipient} {'+'.join(f'{e.kind} {e.label[5:]}' for e in one.entries)}"
        for one in found.letters
    ]


def _kept(found: Simulation) -> bool:
    broken = [check for check in found.checks if not check.kept]
    assert not broken, broken
    return all(check.cases for check in found.checks if check.key in ("one_digest_a_day", "quiet_hours"))


def _acts(found: Simulation, names: Sequence[str]) -> list[str]:
    return [f"{one.at:%m-%d %H:%M} {one.actor} {one.command}" for one in found.acts if one.command in names]


def test_in_time(simulated: Simulate) -> None:
    found = simulated({}, last="2025-03-03")
    assert _kept(found)
    assert _letters(found) == [
        "02-05 09:00 handler notice 2月",
        "02-25 08:30 handler chase 2月",
        "02-26 10:00 office review 2月",
        # The brief of February waits for the office when the month is over; its letter goes into the folder.
        "03-01 07:30 office paper ",
        "03-03 08:30 handler notice 3月",
    ]
    (february, march) = found.periods
    assert (february.outcome, march.outcome) == ("on_time", "open")
    assert _acts(found, ["submit", "accept"]) == ["02-26 10:00 水科经办人 submit", "02-27 10:00 整改办 accept"]
    assert (found.sheets, found.refused, found.failures) == ((), (), ())


def test_silent_the_ladder_climbs_and_the_nagging_never_ends(simulated: Simulate) -> None:
    found = simulated({"default": {"report": "never"}}, last="2025-03-25")
    assert _kept(found)
    february = [
        f"{one.at:%m-%d} {one.recipient} {e.level}" for one in found.letters for e in one.entries if "2月" in e.label
    ]
    assert february == [
        "02-05 handler none",
        "02-25 handler blue",
        "02-28 handler blue",
        "03-03 handler yellow",
        "03-03 leader yellow",
        "03-05 deputy orange",
        "03-11 head red",
        "03-11 discipline red",
        *[f"03-{day} {who} red" for day in (12, 14, 20) for who in ("deputy", "head")],
    ]
    assert [(one.level, one.state, one.to) for one in found.sheets] == [
        ("orange", "superseded", ("deputy",)),
        ("red", "open", ("head", "discipline")),
    ]
    assert found.periods[0].outcome == "overdue"
    assert {one.name: one.alerts for one in found.people()} == {
        "handler": 5, "head": 4, "deputy": 4, "leader": 1, "discipline": 1, "office": 1
    }  # fmt: skip


def test_returned_once_and_reported_again(simulated: Simulate) -> None:
    found = simulated({"default": {"returned": 1, "again": "+2wd"}}, last="2025-03-07")
    assert _kept(found)
    assert _acts(found, ["submit", "accept", "return"]) == [
        "02-26 10:00 水科经办人 submit",
        "02-27 10:00 整改办 return",
        "03-03 10:00 水科经办人 submit",
        "03-04 10:00 整改办 accept",
    ]
    # Two days were left when the report came in; they are given back, at least three working days.
    assert (found.periods[0].rounds, found.periods[0].outcome) == (2, "on_time")
    assert found.periods[0].due_on == date(2025, 3, 4)


def test_a_supervisor_acknowledges_and_instructs_and_the_climb_waits(simulated: Simulate) -> None:
    late = {"report": "due+9wd", "acknowledge": "+1wd", "instruct": "+2wd", "limit": "+3wd"}
    found = simulated({"default": late}, last="2025-03-25")
    assert _kept(found)
    assert _acts(found, ["acknowledge", "instruct", "submit"]) == [
        "03-06 10:00 deputy acknowledge",
        "03-07 10:00 deputy instruct",
        "03-13 10:00 水科经办人 submit",
    ]
    (orange, red) = found.sheets
    assert (orange.state, orange.new_limit_on, red.level, red.state) == (
        "instructed",
        date(2025, 3, 12),
        "red",
        "closed",
    )
    assert f"{red.opened_at:%m-%d}" == "03-13"  # the day after the new limit; without it 03-11


def test_what_stays_late_is_interviewed_and_named_and_the_circular_goes_out(
    simulated: Simulate, whole_ladders: Policy
) -> None:
    late = {"report": "due+40wd", "instruct": "+1wd", "limit": "+1wd"}
    found = simulated({"default": late}, last="2025-05-09", rules=whole_ladders)
    assert _kept(found)
    of_march = [one for one in _acts(found, ["instruct", "interview", "circulate", "release"]) if one < "04-04"]
    assert of_march == [
        "03-04 10:00 整改办 release",  # February's brief
        "03-06 10:00 deputy instruct",
        "03-12 10:00 head instruct",
        "03-19 10:00 head interview",
        "03-31 10:00 head circulate",
        "04-02 10:00 整改办 release",
        "04-03 10:00 整改办 release",  # March's brief
    ]
    assert {one.label: one.outcome for one in found.papers}["通报〔2025〕1号"] == "released"


@pytest.mark.parametrize("grant", [True, False])
def test_an_extension_moves_the_report_with_the_limit(simulated: Simulate, grant: bool) -> None:
    found = simulated({"default": {"ask": "due-5wd", "longer": "+10d", "report": "due", "grant": grant}})
    assert _kept(found)
    february = found.periods[0]
    assert february.reported_at is not None
    told = (str(february.due_on), str(february.reported_at.date()), february.outcome)
    assert told == (("2025-03-10", "2025-03-10", "on_time") if grant else ("2025-02-28", "2025-02-28", "on_time"))


def test_a_channel_that_fails_is_tried_again_then_another_then_the_operators_hear(simulated: Simulate) -> None:
    roles: dict[str, object] = {name: {"name": name} for name in ROLES}
    roles["handler"] = {"name": "handler", "channels": {"phone": "1", "mail": "a"}}
    plan = plan_of(measure(), roles=roles)
    down = {"from": "2025-02-25T00:00", "to": "2025-02-28T12:00"}
    found = simulated({"outages": [{"channel": "phone"} | down]}, plan=plan, last="2025-02-25")
    assert _kept(found)
    assert [(f"{one.at:%H:%M}", one.channel, one.result) for one in found.failures] == [
        ("08:30", "phone", "retry"),
        ("08:31", "phone", "retry"),
        ("08:36", "phone", "fallback"),
    ]
    assert [(f"{one.at:%m-%d %H:%M}", one.recipient, one.channel) for one in found.letters[1:]] == [
        ("02-25 08:36", "office", "outbox"),
        ("02-25 08:36", "handler", "mail"),
    ]
    both = [{"channel": name} | down for name in ("phone", "mail")]
    away = simulated({"outages": both, "default": {"report": "never"}}, plan=plan, last="2025-03-03")
    assert _kept(away)
    assert {str(one.result) for one in away.failures} == {"retry", "fallback"}  # away for days, and still not given up
    assert any("中断" in (entry.note or "") for one in away.letters for entry in one.entries)
    to_handler = [one.at for one in away.letters if one.recipient == "handler"]
    assert at("2025-02-28T12:00") < to_handler[1] < at("2025-03-03T09:00")


def test_rules_by_ordinal_and_duty(simulated: Simulate) -> None:
    plan = one_measure(duties=[duty(), duty("weekly", cadence="weekly", title="每周调度")])
    second = {"where": {"duty": "report", "ordinal": 2}, "report": "never"}
    found = simulated({"rules": [second]}, plan=plan, last="2025-05-10")
    assert _kept(found)
    assert [one.outcome for one in found.periods if one.duty == "每月报送"] == ["on_time", "overdue", "on_time", "open"]
    assert {one.outcome for one in found.periods if one.duty == "每周调度"} == {"on_time"}


def test_what_the_ledger_refuses_is_noted(simulated: Simulate, policy: Policy) -> None:
    longest = policy.extensions.longest_days
    found = simulated({"default": {"ask": "due-5wd", "longer": f"+{longest + 1}d"}}, last="2025-02-28")
    (refused,) = found.refused
    assert (refused.act, f"超过上限{longest}天" in refused.reason) == ("ask", True)
    assert found.periods[0].outcome == "on_time"


def test_the_same_input_gives_the_same_result(simulated: Simulate) -> None:
    assert simulated({"default": {"report": "due+5wd"}}) == simulated({"default": {"report": "due+5wd"}})


def test_a_simulation_that_ends_before_it_begins_or_never_is_refused(simulated: Simulate) -> None:
    with pytest.raises(Refusal, match="早于起始日"):
        simulated({}, first="2025-03-01", last="2025-02-28")
    with pytest.raises(Refusal, match="超过上限3660天"):
        simulated({}, first="2025-03-01", last="2095-02-28")


def test_letters_that_are_due_and_may_never_leave_are_a_fault_and_no_endless_loop(
    simulated: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_queue, "lease", lambda *_: [])
    with pytest.raises(RuntimeError, match="none may leave"):
        simulated({})


def test_after_an_outage_of_days_each_person_gets_one_letter(
    simulated: Simulate, policy: Policy, calendar: WorkCalendar
) -> None:
    hours = policy.hours.model_copy(update={"exempt": frozenset()})
    plan = one_measure(duties=[duty("daily", cadence="daily"), duty("weekly", cadence="weekly")])
    away = {"channel": "outbox", "from": "2025-02-13T19:00", "to": "2025-02-19T12:00"}
    found = simulated(
        {"outages": [away]},
        plan=plan,
        last="2025-02-21",
        where=WorkTime(calendar, hours, SHANGHAI),
        rules=policy.model_copy(update={"hours": hours}),
    )
    assert _kept(found)
    to_handler = Counter(f"{one.at:%m-%d}" for one in found.letters if one.recipient == "handler")
    assert (to_handler["02-19"], to_handler["02-17"]) == (1, 0)


def test_units_that_give_parts_are_asked_and_give_them(simulated: Simulate) -> None:
    found = simulated({}, last="2025-03-03", plan=gathering())
    assert _kept(found)
    assert [one for one in _letters(found) if " east " in one] == [
        "02-05 09:00 east part 2月",
        "02-24 08:30 east part 2月",
        "03-03 08:30 east part 3月",
    ]
    given = [f"{one.at:%m-%d} {one.actor} {one.command}" for one in found.acts if one.command in ("part", "submit")]
    assert given == ["02-24 east part", "02-24 law part", "02-26 水科经办人 submit"]


def test_a_silent_unit_is_reminded_of_its_part_and_the_lead_unit_told(simulated: Simulate) -> None:
    found = simulated({"default": {"report": "never"}}, last="2025-03-03", plan=gathering())
    assert _kept(found)
    assert [one for one in _letters(found) if " east " in one] == [
        "02-05 09:00 east part 2月",
        "02-24 08:30 east part 2月",
        "02-26 08:30 east part 2月",
        "03-03 08:30 east part 3月",
    ]
    assert "02-26 08:30 handler part_missing 2月" in _letters(found)


def test_what_the_office_releases_is_the_report_in_time_late_or_never(simulated: Simulate) -> None:
    plan = one_measure(duties=[duty(cadence="bimonthly", receiver="省厅", title="双月报送")])
    papers = {
        "after": "+1wd",
        "rules": [
            {"kind": "province", "ordinal": 2, "after": "+9wd"},
            {"kind": ["province", "dispatch"], "ordinal": 3, "after": "never"},
        ],
    }
    found = simulated({"default": {"returned": 1}, "papers": papers}, plan=plan, last="2025-07-31")
    assert _kept(found)
    assert [f"{one.kind} {one.label[5:]} {one.begun_at:%m-%d} {one.outcome}" for one in found.papers] == [
        "province 1—2月 02-21 released",
        "dispatch 2月 03-01 released",
        "dispatch 3月 04-01 released",
        "province 3—4月 04-23 late",
        "dispatch 4月 05-01 left",
        "dispatch 5月 06-01 released",
        "province 5—6月 06-23 left",
        "dispatch 6月 07-01 released",
    ]
    # Returned, it goes out again as another version, and whoever released it does not review it.
    assert _acts(found, ["submit", "return", "accept"])[:4] == [
        "02-24 10:00 整改办 submit",
        "02-25 10:00 分管领导 return",
        "02-27 10:00 整改办 submit",
        "02-28 10:00 分管领导 accept",
    ]
    assert [one.outcome for one in found.periods] == ["on_time", "late", "overdue", "open"]
    late = {entry.label[5:] for one in found.letters for entry in one.entries if entry.days_late}
    assert late == {"3—4月", "5—6月"}


def test_of_what_a_channel_gave_up_after_a_week_the_operators_know(simulated: Simulate) -> None:
    plan = plan_of(measure(), roles={name: {"name": name, "channels": {"phone": "1"}} for name in ROLES})
    away = {"channel": "phone", "from": "2025-02-04T00:00", "to": "2025-02-14T20:00"}
    found = simulated({"outages": [away]}, plan=plan, last="2025-02-28")
    assert _kept(found)
