"""Questions about the notice as a whole."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from intake.documents import DocumentLine
from intake.draft import Ask, DocumentDates, DraftFacts, DraftFinding, Unplaced
from intake.normalise import half_width
from intake.notices.notice_facts import WHOLE_NOTICE
from intake.notices.notice_grammar import load_notice_grammar
from intake.notices.problems import PROMISING
from intake.phrases import read_wording
from intake.states import FINISHED
from intake.years_named import with_dates


def not_printed(finding: DraftFinding) -> Ask:
    """What is asked of a problem whose measures a notice does not print."""
    ask = "通报没有写这个问题的整改措施，措施是什么，由谁负责，何时完成？"
    return Ask(finding.title[:30], ask, "先以问题本身作为一项措施", finding.code)


def earlier_work(facts: DraftFacts, lines: Sequence[DocumentLine]) -> list[Ask]:
    """A question where rectification is described as done before the feedback it answers."""
    wording = load_notice_grammar().earlier
    if facts.feedback_on is None:
        return []
    since = facts.inspected_to or date(facts.feedback_on.year - 1, facts.feedback_on.month, 1)
    after, before = ((day.year, day.month) for day in (since, facts.feedback_on))
    for line in lines:
        text = half_width(line.text)
        for match in wording.work.finditer(text):
            clause = re.split(r"[。;]", text[match.end() :], maxsplit=1)[0][:40]
            is_work = wording.deeds.search(clause) and not wording.inspected.search(clause)
            if is_work and after < (int(match["y"]), int(match["m"])) < before:
                ask = f"通报写{match[0]}已在整改，早于{facts.feedback_on}反馈，反馈日期是否写错，或另有一次反馈？"
                return [Ask(match[0], ask, f"先按通报所写的{facts.feedback_on}", WHOLE_NOTICE)]
    return []


def promised_elsewhere(unplaced: Iterable[Unplaced], facts: DraftFacts) -> list[Ask]:
    """A question for every obligation that stands outside the problems, also one that is read with a doubt:
    下一步…2025年底前完成, 每两个月听取一次汇报, 会后7日内上报.

    The days of the round itself are none, nor is what was due before the notice.
    """
    since = facts.published_on or facts.feedback_on
    known = {str(day) for day in (facts.inspected_from, facts.inspected_to, facts.feedback_on) if day}
    asks: dict[tuple[str, str], Ask] = {}
    for one, dates in with_dates(unplaced, facts):
        where, _, why = one.where.partition(" ")
        if why not in PROMISING:
            continue
        reading = read_wording(one.text, dates)
        over = {
            hint
            for hint in reading.hints
            if hint.due and not hint.cadence and since and "+" not in hint.due and hint.due <= since.isoformat()
        }
        phrases = [hint.phrase for hint in reading.hints if hint not in over and hint.due not in known]
        hinted = {hint.phrase for hint in reading.hints}
        phrases += [ask.phrase for ask in reading.dated if ask.phrase not in hinted]
        for phrase in phrases:
            ask = f"{why}中写有“{phrase}”，是否列为督办事项，由哪项措施承担？"
            asks.setdefault((where, phrase), Ask(phrase, ask, "暂不列入，确认后补作一项措施", where))
    return list(asks.values())


def promised_in_notes(finding: DraftFinding, dates: DocumentDates) -> list[Ask]:
    """A question for every obligation that only the progress of an open measure surely names, a cadence or a day to
    come: 剩余1处2025年6月底前建成."""
    known = {(hint.cadence, hint.due) for one in finding.measures for hint in one.hints}
    known |= {(None, str(one.due)) for one in finding.measures}
    asks: dict[str, Ask] = {}
    for one in finding.measures:
        for hint in read_wording(one.state_note, dates).hints if one.state not in FINISHED else ():
            ahead = hint.due and (dates.read_on is None or hint.due > dates.read_on.isoformat())
            if hint.certain and (hint.cadence or ahead) and (hint.cadence, hint.due) not in known:
                ask = f"进展中写有“{hint.phrase}”，是否列为本项措施的期限或频次？"
                asks.setdefault(hint.phrase, Ask(hint.phrase, ask, "确认后补入；此前不排日程", one.code))
    return list(asks.values())
