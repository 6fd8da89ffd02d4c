"""Questions about the notice as a whole."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from intake.documents import Line
from intake.draft import Ask, DraftMeasure, Facts
from intake.notices.facts import WHOLE
from intake.notices.tokens import folded

_WORK = re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})日|份?)")
_DONE = re.compile(r"整改|学习|召开|印发|开展|成立|部署|修订|制定|完成|清退")


def who_leads(measures: Iterable[DraftMeasure]) -> list[Ask]:
    """One question for the whole notice: public notices seldom print who leads."""
    if all(measure.lead for measure in measures):
        return []
    return [
        Ask(
            "牵头单位",
            "通报没有写明各项措施由谁牵头、由谁承办，各是哪个单位？",
            "先由整改办代管，启用前逐项填上牵头单位",
            WHOLE,
        )
    ]


def earlier_work(facts: Facts, lines: Sequence[Line]) -> list[Ask]:
    """A question where rectification is described as done before the feedback it answers."""
    if facts.feedback_on is None:
        return []
    since = facts.inspected_to or date(facts.feedback_on.year - 1, facts.feedback_on.month, 1)
    for line in lines:
        text = folded(line.text)
        for match in _WORK.finditer(text):
            clause = re.split(r"[。;]", text[match.end() :], maxsplit=1)[0][:40]
            if _month(since) < _of(match) < _month(facts.feedback_on) and _DONE.search(clause):
                return [_too_early(match[0], facts.feedback_on)]
    return []


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _of(match: re.Match[str]) -> tuple[int, int]:
    return int(match["y"]), int(match["m"])


def _too_early(phrase: str, feedback: date) -> Ask:
    ask = f"通报写{phrase}已在整改，早于{feedback}反馈，反馈日期是否写错，或另有一次反馈？"
    return Ask(phrase, ask, f"先按通报所写的{feedback}", WHOLE)
