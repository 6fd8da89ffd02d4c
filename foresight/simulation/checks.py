"""What always holds, looked at from outside: what was recorded and sent, against what the calendar demanded."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta

from db.ledger.context import recipients_for
from db.ledger.drafts import PAPER_DRAFTED
from db.ledger.records import AlertRecord, MessageRecord, PeriodRecord
from foresight.simulation.records import Records
from foresight.simulation.result import Check
from plan.types import SHEET_KINDS, AlertKind, DeliveryResult, MessageState, PeriodState, WorkState
from rules.alert_kinds import ALERT_FACTS
from rules.ladder import PeriodDates, steps

SHOWN = 5
"""Faults named of each check."""
Found = Iterator[str | None]
"""One item per case: ``None``, or what is wrong with it."""


def run_checks(records: Records) -> tuple[Check, ...]:
    """Every check of ``records``, in the order of the report."""
    return tuple(_check(key, title, found(records)) for key, (title, found) in CHECKS.items())


def _check(key: str, title: str, found: Iterable[str | None]) -> Check:
    cases, faults = 0, list[str]()
    for fault in found:
        cases += 1
        if fault is not None and len(faults) < SHOWN:
            faults.append(fault)
    return Check(key, title, cases, tuple(faults))


def _demanded(records: Records) -> Iterator[tuple[int, str, date]]:
    """Every escalation rung that fell due while its period waited for a report: period, rung, and limit.

    Of several missed periods of one duty the one that is due first climbs; the next one takes over at the opening of
    the working day after that one is missed no more.
    """
    by_duty: dict[tuple[str, str], list[PeriodRecord]] = defaultdict(list)
    for row in records.periods:
        by_duty[row.measure, row.key].append(row)
    for row in records.periods:
        # A rung that fell due in several intervals is demanded once, in the order of time.
        found = dict[tuple[str, date], None]()
        for interval in records.waiting[row.id]:
            dates = PeriodDates(row.opens_on, interval.due_on, None, 1, row.warn_days, climbs_from=interval.climbs_from)
            for step in steps(records.ladders[row.ladder_id], dates, PeriodState.WAITING, records.work_time):
                # A rung that fell due before the report was awaited again, or under a hold, fires when that is over.
                if step.rung.kind not in SHEET_KINDS:
                    continue
                fires_at = max(step.at, interval.since, interval.hold_until or step.at)
                while fires_at < interval.until and _led(records, row, by_duty[row.measure, row.key], fires_at):
                    tomorrow = records.work_time.day_of(fires_at) + timedelta(days=1)
                    fires_at = records.work_time.at_opening(records.work_time.calendar.next_workday(tomorrow))
                if fires_at < interval.until:
                    found[step.key, interval.due_on] = None
        yield from ((row.id, key, due_on) for key, due_on in found)


def _led(records: Records, row: PeriodRecord, same_duty: Iterable[PeriodRecord], at: datetime) -> bool:
    """Whether an older period of the duty was missed, and waited for its report, at that instant."""
    today = records.work_time.day_of(at)
    due_on = next((one.due_on for one in records.waiting[row.id] if one.since <= at < one.until), row.due_on)
    return any(
        one.since <= at < one.until and one.due_on < today and (one.due_on, other.id) < (due_on, row.id)
        for other in same_duty
        if other.id != row.id
        for one in records.waiting[other.id]
    )


def _escalations_recorded(records: Records) -> Found:
    rows = {row.id: row for row in records.periods}
    told = Counter((alert.period_id, alert.rung, alert.limit_on) for alert in records.alerts)
    for period, rung, due_on in _demanded(records):
        row = rows[period]
        (step,) = (one for one in records.ladders[row.ladder_id].rungs if one.key == rung)
        audience = len(recipients_for(row.audiences, step.audience))
        # What fired for a limit that a later one replaced carries it.
        times = row.fired.count(rung if due_on == row.due_on else f"{rung}@{due_on}")
        count = told[period, rung, due_on]
        right = times == 1 and count == audience
        yield None if right else f"{row.measure} {row.label} {rung} {due_on}: {times} times, {count} of {audience}"


def _escalations_arrive(records: Records) -> Found:
    """Each alert of an escalation left in a letter that says so, still waits for its hour, or had become untrue."""
    said = {(letter.key, entry.period_id) for letter in records.letters for entry in letter.entries}
    for alert in records.alerts:
        if alert.kind in SHEET_KINDS and alert.period_id is not None:
            letter = records.messages[alert.message_id]
            arrived = (letter.key, alert.period_id) in said
            waits = letter.next_try_at is not None and letter.next_try_at > records.end
            right = arrived or waits or _untrue(records, alert, letter.history) or _told_dead(records, letter)
            yield None if right else f"{alert.period_id} {alert.rung} → {letter.key} {letter.state}"


def _untrue(records: Records, alert: AlertRecord, history: list[dict[str, str]]) -> bool:
    """Whether no report was awaited by its limit any more when the letter left, or was found to have nothing to say; or
    a supervisor had instructed meanwhile."""
    done = (DeliveryResult.SENT, DeliveryResult.MOOT)
    left = [datetime.fromisoformat(one["at"]) for one in history if one["result"] in done]
    if not left:
        return False
    instructed = (one.instructed_at for one in records.escalations if one.period_id == alert.period_id)
    if any(at is not None and alert.recorded_at <= at <= left[0] for at in instructed):
        return True
    waiting = records.waiting[alert.period_id or 0]
    return not any(one.since <= left[0] < one.until and one.due_on == alert.limit_on for one in waiting)


def _told_dead(records: Records, letter: MessageRecord) -> bool:
    """Whether the letter could not be delivered and the operators know it, be it among all that its channel gave up."""
    if letter.state != MessageState.DEAD:
        return False
    told = (f"dead-letter:{letter.key}", f"channel:{letter.history[-1]['channel']}:gave-up:")
    return any(alert.rung.startswith(told) for alert in records.alerts)


def _one_digest_a_day(records: Records) -> Found:
    per_day = Counter((one.recipient, one.at.date()) for one in records.letters if one.digest and not one.resend)
    for (recipient, day), count in per_day.items():
        yield None if count == 1 else f"{recipient} {day}: {count}"


def _few_chases(records: Records) -> Found:
    chases = Counter(
        (one.period_id, one.limit_on, one.recipient_id) for one in records.alerts if one.kind == AlertKind.CHASE
    )
    for (period, limit, recipient), count in chases.items():
        yield None if count <= records.chases else f"period {period}, limit {limit}, recipient {recipient}: {count}"


def _quiet_hours(records: Records) -> Found:
    for letter in records.letters:
        right = letter.channel in records.work_time.hours.exempt or records.work_time.may_send(letter.at)
        yield None if right else f"{letter.at:%Y-%m-%d %H:%M} {letter.recipient} {letter.channel}"


def _a_report_stops_the_ladder(records: Records) -> Found:
    """Nothing that urges is recorded, and nothing that urges leaves, while no report is awaited."""
    for alert in records.alerts:
        if alert.period_id is not None and ALERT_FACTS[AlertKind(alert.kind)].urges:
            right = _awaited(records, alert.period_id, alert.recorded_at)
            yield None if right else f"period {alert.period_id} {alert.rung} at {alert.recorded_at}"
    for letter in records.letters:
        for entry in letter.entries:
            if entry.period_id is not None and ALERT_FACTS[entry.kind].urges:
                right = _awaited(records, entry.period_id, letter.at)
                yield None if right else f"{letter.key}: {entry.measure} {entry.label} {entry.kind}"


def _awaited(records: Records, period: int, moment: datetime) -> bool:
    return any(interval.since <= moment <= interval.until for interval in records.waiting[period])


def _no_letter_is_lost(records: Records) -> Found:
    sent = Counter(letter.key for letter in records.letters)
    for letter in records.messages.values():
        future = letter.next_try_at is not None and letter.next_try_at > records.end
        ended = letter.state == MessageState.MOOT or (letter.state == MessageState.SENT and sent[letter.key] == 1)
        # About a letter to the operators themselves nobody is left to be told.
        own = letter.key.startswith(("dead-letter:", "fallback:")) and letter.state == MessageState.DEAD
        right = future or ended or own or _told_dead(records, letter)
        yield None if right else f"{letter.key} {letter.state}, sent {sent[letter.key]} times"


def _nothing_overlooked(records: Records) -> Found:
    for name in ("overlooked", "unarmed"):
        count = records.health[name]
        yield None if count == 0 else f"{name}: {count}"


def _chain_holds(records: Records) -> Found:
    for number, _ in enumerate(records.acts, 1):
        yield None if number != records.chain_broken_at else f"entry {number}"


def _every_claim_goes_on(records: Records) -> Found:
    """Work that was claimed to be done is on its way to be struck off, and what was filed stands or is asked anew."""
    for one in records.closures:
        # Where there are no stages of closure, what was accepted waits for the office's own decision.
        claimed = one.state == WorkState.DONE_CLAIMED or (one.state == WorkState.ACCEPTED and one.begun)
        right = not claimed or one.is_open or one.to_finish
        yield None if right else f"{one.code} {one.state}"


def _no_paper_is_forgotten(records: Records) -> Found:
    """Every paper that the calendar demands was put before the office, which was told of it, or had been handed in; of
    one that nobody released the period is chased once it is missed."""
    reported = {row.id: row.reported_at for row in records.periods}
    drafts = {(one.kind, one.span): one for one in records.papers}
    told = {alert.rung for alert in records.alerts}
    chased = {alert.period_id for alert in records.alerts if ALERT_FACTS[alert.kind].urges}
    for owed in records.owed_papers:
        draft = drafts.get((owed.kind, owed.span))
        if draft is None:
            handed_in = reported.get(owed.period_id or 0)
            right = handed_in is not None and handed_in <= owed.since
        else:
            missed = draft.due_on is not None and records.work_time.end_of(draft.due_on) <= records.end
            right = draft.over or (f"{PAPER_DRAFTED}:{draft.id}" in told and (not missed or owed.period_id in chased))
        yield None if right else f"{owed.kind} {owed.span.label}"


CHECKS: dict[str, tuple[str, Callable[[Records], Found]]] = {
    "escalations_recorded": ("到点的督办都已记录，一次不少、一次不多", _escalations_recorded),
    "escalations_arrive": ("每份督办都送达到人", _escalations_arrive),
    "one_digest_a_day": ("每人每天至多一封汇总", _one_digest_a_day),
    "few_chases": ("每期催办不超过限额", _few_chases),
    "quiet_hours": ("非工作时间不打扰", _quiet_hours),
    "a_report_stops_the_ladder": ("一经填报，催办即停", _a_report_stops_the_ladder),
    "no_letter_is_lost": ("消息不丢、不重", _no_letter_is_lost),
    "nothing_overlooked": ("无漏检、无失联的期次", _nothing_overlooked),
    "every_claim_goes_on": ("申报完成的都在销号路上，没有遗忘", _every_claim_goes_on),
    "no_paper_is_forgotten": ("到期的文书都已交整改办，发布了的算报送，没有发布的照样催办", _no_paper_is_forgotten),
    "chain_holds": ("审计链完整", _chain_holds),
}
