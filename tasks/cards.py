"""The card of a measure: the description of its deployment, in Markdown; what came from outside is made harmless."""

from db.models import Measure
from text.catalogue import phrase, term
from text.clean import markdown
from text.links import page_link


def measure_card(measure: Measure) -> str:
    """The description of a deployment: what ``measure`` is, who answers for it, and what it owes."""
    duties = [
        f"- **{markdown(duty.title)}**（{term(duty.cadence)}）"
        f"{'　〔推定，待确认〕' if duty.assumed else ''} — {markdown(duty.source)}"
        for duty in measure.owed
    ]
    questions = [
        f"- 「{markdown(q.phrase)}」{markdown(q.ask)}（暂按：{markdown(q.suggest)}）" for q in measure.questions
    ]
    lead, note = markdown(measure.lead_unit), markdown(measure.state_note)
    return "\n".join(
        [
            f"[{phrase('page.link')}]({page_link('')})",
            "",
            f"**{markdown(measure.text)}**",
            "",
            f"反馈问题 {measure.finding.code}：{markdown(measure.finding.title)}",
            "",
            f"牵头单位：{lead}　·　{term(measure.duration_class)}　·　{note}",
            "",
            *duties,
            *(["", "待确认：", *questions] if questions else []),
        ]
    )
