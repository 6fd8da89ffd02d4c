"""The card of a measure: the description of its deployment, in Markdown; what came from outside is made harmless."""

import re

from db.models import Measure
from text.catalogue import term

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def plain(text: object) -> str:
    """Text from outside, made harmless inside Markdown: one line, no markup, no HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def measure_card(measure: Measure) -> str:
    """A deployment's description: what the measure is, who answers for it, and what it owes."""
    duties = [
        f"- **{plain(duty.title)}**（{term(duty.cadence)}）"
        f"{'　〔推定，待确认〕' if duty.assumed else ''} — {plain(duty.source)}"
        for duty in measure.owed
    ]
    questions = [f"- 「{plain(q.phrase)}」{plain(q.ask)}（暂按：{plain(q.suggest)}）" for q in measure.questions]
    return "\n".join(
        [
            f"**{plain(measure.text)}**",
            "",
            f"反馈问题 {measure.finding.code}：{plain(measure.finding.title)}",
            "",
            f"牵头单位：{plain(measure.lead_unit)}　·　{term(measure.duration_class)}　·　{plain(measure.state_note)}",
            "",
            *duties,
            *(["", "待确认：", *questions] if questions else []),
        ]
    )
