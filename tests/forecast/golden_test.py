"""The forecast of the Ezhou plan is under version control: a rule that moves a date shows every date it moves."""

from difflib import unified_diff

from tests.forecast.golden import GOLDEN, RENEW, lines


def test_no_rule_moves_a_date_of_ezhou_unnoticed() -> None:
    known = GOLDEN.read_text(encoding="utf-8").splitlines()
    moved = list(unified_diff(known, lines(), GOLDEN.name, "now", lineterm="", n=0))
    shown = "\n".join([*moved[:100], f"{len(moved)} lines of difference; if they are meant: {RENEW}"])
    assert not moved, shown


def test_it_tells_the_reports_the_notice_asks_for() -> None:
    """02-3 owes the provincial office a report every two months and every quarter, 06-1 the half-year."""
    due = [line for line in lines() if line.split()[5:7] == ["到期", "-"]]
    of_023 = [line.split()[0] for line in due if " 02-3 report-central " in line]
    assert of_023[:3] == ["2025-02-28", "2025-04-30", "2025-06-30"]
    quarterly = [line.split()[0] for line in due if " 02-3 report-provincial " in line]
    assert quarterly == ["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"]
