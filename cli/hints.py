"""How to do on the command line what a refusal asks for: the sentences themselves say it to whoever reads them."""

from text.refusals import Refusal

HINTS: dict[str, str] = {
    "measure_unknown": "（全部编号：duban ledger）",
    "measure_ambiguous": "（或 --inspection）",
    "inspection_unknown": "（全部轮次：duban inspections）",
    "inspection_ambiguous": "（--inspection）",
    "duty_ambiguous": "（--duty）",
    "period_ambiguous": "（--period）",
    "sheet_ambiguous": "（--sheet）",
    "measure_suspended": "（duban resume {measure}）",
    "period_none_open": "（各期：duban show {measure}）",
    "period_not_submitted": "（duban submit）",
    "text_empty": "（--text）",
    "evidence_missing": "（--evidence）",
    "evidence_not_kept": "（duban evidence add）",
    "reason_empty": "（--reason）",
    "actor_is_unit": "（--by）",
    "actor_may_not": "（--by）",
    "finish_not_excused": "（duban suspend、duban extend）",
    "merge_no_next": "（duban skip）",
    "reviewer_is_author": "（--by）",
    "decider_is_asker": "（--by）",
    "escalation_acknowledged": "（duban instruct）",
    "plan_loaded": "（修改：duban plan import）",
    "supervisors_missing": "（确实不设督办领导的：--without-supervisors）",
    "ledger_empty": "（duban plan load 文件）",
    "actor_empty": "（--by）",
    "actor_unknown": "（duban people add）",
    "anchor_halved": "（--head、--length）",
    "person_unlisted": "（duban people list、duban people add）",
    "person_present": "（duban people remove）",
    "post_unknown": "（duban people list）",
    "office_empty": "（duban people hand-over）",
    "plan_unrecorded": "（duban plan load）",
    "plan_stale": "（duban plan export）",
    "history_edited": "（duban extend）",
    "paper_not_decided": "（duban release items、duban release withhold）",
    "paper_withheld": "（duban release items）",
    "paper_details": "（--disclose）",
    "publication_details": "（--text、--disclose）",
    "publication_nothing": "（--text）",
    "file_exists": "（--force）",
    "workbook_other": "（duban plan import、duban report import）",
    "forecast_backwards": "（--from、--to）",
    "forecast_past": "（已发生的：duban show；预演：--plan）",
    "simulation_backwards": "（--from、--to）",
    "intake_key": "（--key）",
    "intake_fact_missing": "（{option}）",
    "intake_no_findings": "（duban intake 不加 -o）",
    "intake_as_unknown": "（--as）",
    "intake_as_impossible": "（--as）",
    "intake_bad_rows": "（--rows good）",
    "home_space": "（--home）",
    "folder_not_made": "（--home）",
    "folder_not_ours": "（--home）",
}
"""Code of a refusal to what is added to its sentence; the refusal's facts fill it."""


def with_hint(refusal: Refusal) -> str:
    """The sentence of a refusal, and the option or command that answers it.

    Args:
        refusal: as any room raised it.

    Returns:
        One line.
    """
    return str(refusal) + HINTS.get(refusal.code, "").format(**refusal.facts)
