"""The card of a measure: the description of its deployment, in Markdown; what came from outside is made harmless."""

from collections.abc import Mapping, Sequence

from db.models import Measure
from text.catalogue import missed_text, phrase, term
from text.clean import markdown
from text.links import page_link, runs_link


def measure_card(measure: Measure, missed: Mapping[int, Sequence[str]], round_title: str = "") -> str:
    """The description of a deployment: what the measure is, who answers for it, what it owes and what of it is missed.

    Prefect lists a deployment's runs by its own names of states and finds none of ours: so the card leads to them.

    Args:
        measure: with its finding, duties and questions.
        missed: the labels of the missed periods by the id of their duty, the earliest first.
        round_title: what its inspection is called where the ledger has several; else empty.
    """
    duties = [
        f"- **{markdown(duty.title)}**（{term(duty.cadence)}）"
        f"{'　〔推定，待确认〕' if duty.assumed else ''} — {markdown(duty.source)}"
        f"{markdown(missed_text(missed.get(duty.id, ())))}"
        for duty in measure.owed
    ]
    questions = [
        f"- 「{markdown(q.phrase)}」{markdown(q.ask)}（暂按：{markdown(q.suggest)}）" for q in measure.questions
    ]
    # As runs and sheets are called: with the blank, 1-1 finds none of 1-10. What another inspection has under the same
    # code ends alike.
    tags = [phrase("tag.inspection", inspection=measure.inspection.key)] if round_title else []
    runs = runs_link("", tags, named=f"{measure.full_code} ")
    lead, note = markdown(measure.lead_unit), markdown(measure.state_note)
    return "\n".join(
        [
            f"[{phrase('page.link')}]({page_link('')})　·　[{phrase('page.runs')}]({runs})",
            "",
            f"**{markdown(measure.text)}**",
            "",
            *([phrase("round", title=markdown(round_title)), ""] if round_title else []),
            f"反馈问题 {measure.finding.code}：{markdown(measure.finding.title)}",
            "",
            f"牵头单位：{lead}　·　{term(measure.duration_class)}　·　{note}",
            "",
            *duties,
            *(["", "待确认：", *questions] if questions else []),
        ]
    )
