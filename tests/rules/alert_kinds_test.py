"""Every kind of alert has its facts and its wording, and the ladder takes only kinds that may stand on one."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from plan.policy import Rung
from plan.types import RUNG_KINDS, SHEET_KINDS, AlertKind, Level, PeriodState
from rules.alert_kinds import ALERT_FACTS, COUNTS, Asked, WhileTrue
from rules.message import MessageItem
from text.catalogue import phrase, term


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_its_facts_its_label_its_action_and_its_count(kind: AlertKind) -> None:
    facts = ALERT_FACTS[kind]
    assert term(kind)
    assert phrase(f"action.{kind}")
    assert "1" in phrase(f"count.{facts.count}", n=1)


@pytest.mark.parametrize("asked", Asked)
def test_every_letter_has_words_to_close_with(asked: Asked) -> None:
    assert phrase(f"closing.{asked}")


def test_every_count_of_a_subject_is_worded() -> None:
    assert [phrase(f"count.{count}", n=2)[0] for count in COUNTS] == ["2"] * len(COUNTS)
    assert COUNTS[0] == "overdue"


def test_every_kind_of_a_rung_and_no_other_is_an_event_of_the_forecast() -> None:
    assert {kind for kind, facts in ALERT_FACTS.items() if facts.event} == set(RUNG_KINDS)


@pytest.mark.parametrize("kind", AlertKind)
def test_no_kind_is_moot_in_every_state_of_its_period(kind: AlertKind) -> None:
    alerts = [
        MessageItem(
            "x",
            kind,
            Level.RED,
            period_id=1,
            state=state,
            sheet="督办〔2025〕7号",
            decision_awaited=True,
            part_awaited=True,
            parts_missing="东站",
            stage_awaited=True,
        )
        for state in PeriodState
    ]
    assert any(ALERT_FACTS[kind].matters(alert) for alert in alerts)


@pytest.mark.parametrize("kind", AlertKind)
def test_of_a_closed_period_nothing_is_said_any_more(kind: AlertKind) -> None:
    closed = MessageItem("x", kind, Level.RED, period_id=1, state=PeriodState.CLOSED)
    assert not ALERT_FACTS[kind].matters(closed) or kind in (AlertKind.OPERATOR, AlertKind.SUMMARY, AlertKind.SIGN_IN)


@pytest.mark.parametrize("kind", AlertKind)
def test_who_holds_no_post_of_the_measure_any_more_is_told_nothing_of_it(kind: AlertKind) -> None:
    for state in PeriodState:
        gone = MessageItem("x", kind, Level.RED, period_id=1, state=state, sheet="1号", decision_awaited=True)
        assert not ALERT_FACTS[kind].matters(replace(gone, addressed=False))


@pytest.mark.parametrize("kind", AlertKind)
def test_the_engine_itself_always_matters_whoever_reads_it(kind: AlertKind) -> None:
    of_a_stage = ALERT_FACTS[kind].while_true is WhileTrue.STAGE_AWAITED
    assert ALERT_FACTS[kind].matters(MessageItem("x", kind, Level.ORANGE, addressed=False)) is not of_a_stage


def test_a_request_for_an_extension_that_is_decided_is_not_sent_any_more() -> None:
    asked = MessageItem("x", AlertKind.REQUEST, Level.YELLOW, period_id=1, state=PeriodState.WAITING)
    assert ALERT_FACTS[AlertKind.REQUEST].matters(replace(asked, decision_awaited=True))
    assert not ALERT_FACTS[AlertKind.REQUEST].matters(asked)


def test_a_sheet_that_is_answered_is_not_sent_any_more() -> None:
    sheet = MessageItem("x", AlertKind.ESCALATION, Level.RED, period_id=1, state=PeriodState.WAITING)
    assert ALERT_FACTS[AlertKind.ESCALATION].matters(replace(sheet, sheet="督办〔2025〕7号"))
    assert not ALERT_FACTS[AlertKind.ESCALATION].matters(sheet)


def _rung(kind: object) -> Rung:
    body = {"key": "x", "anchor": "due", "offset": "0d", "kind": kind, "level": "red", "audience": ["head"]}
    if kind == "stale":
        body |= {"anchor": "heard", "offset": "30d"}
    return Rung.model_validate(body | ({"limit": "3d"} if kind in SHEET_KINDS else {}))


@pytest.mark.parametrize("kind", RUNG_KINDS)
def test_a_frozen_ladder_keeps_the_plain_word(kind: AlertKind) -> None:
    assert _rung(kind.value).model_dump(mode="json")["kind"] == kind.value
    assert '"kind":"' + kind.value in _rung(kind.value).model_dump_json()


@pytest.mark.parametrize("kind", ["operator", "gossip", None, []])
def test_a_ladder_takes_no_other_kind(kind: object) -> None:
    known = "'notice', 'stale', 'chase', 'warning', 'escalation', 'interview', 'circular' or 'review'"
    with pytest.raises(ValidationError, match=f"Input should be {known}"):
        _rung(kind)


@pytest.mark.parametrize(
    "changed", [{"anchor": "due"}, {"offset": "0d"}, {"offset": "-3d"}, {"kind": "chase"}, {"kind": "warning"}]
)
def test_silence_counts_from_the_last_word_and_nothing_else_does(changed: dict[str, str]) -> None:
    right = {"key": "x", "anchor": "heard", "offset": "30d", "kind": "stale", "level": "none", "audience": ["handler"]}
    assert Rung.model_validate(right).offset.count == 30
    with pytest.raises(ValidationError, match="久无进展（stale）从末次填报（heard）起算"):
        Rung.model_validate(right | changed)
