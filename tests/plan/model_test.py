"""The shipped plan says what the notice says: its counts, its dated facts, and what it only assumes."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from plan.due import DueRule
from plan.loader import load_plan
from plan.model import DutySpec, FindingSpec, MeasureSpec, Plan
from plan.types import Cadence, DutyKind, EvidenceRule, Precision, WorkState

EZHOU = Path(__file__).parents[2] / "config" / "plans" / "ezhou-2024.yaml"


VAGUE = ("定期", "定时", "不定期", "常态化", "适时", "及时", "第一时间", "持续")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(EZHOU)


def measures(plan: Plan) -> dict[str, MeasureSpec]:
    return {measure.code: measure for finding in plan.findings for measure in finding.measures}


def duties(plan: Plan, code: str) -> dict[str, DutySpec]:
    return {duty.key: duty for duty in measures(plan)[code].duties}


class TestTheEzhouPlan:
    def test_has_23_findings_numbered_in_order(self, plan: Plan) -> None:
        assert [finding.code for finding in plan.findings] == [f"{number:02d}" for number in range(1, 24)]

    def test_has_55_measures_spread_as_in_the_notice(self, plan: Plan) -> None:
        spread = [1, 4, 4, 3, 4, 3, 3, 2, 3, 3, 2, 3, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 2]
        assert [len(finding.measures) for finding in plan.findings] == spread
        assert sum(spread) == len(measures(plan)) == 55

    def test_numbers_the_measures_of_every_finding_from_one(self, plan: Plan) -> None:
        def expected(finding: FindingSpec) -> list[str]:
            return [f"{finding.code}-{place}" for place in range(1, len(finding.measures) + 1)]

        for finding in plan.findings:
            assert [measure.code for measure in finding.measures] == expected(finding)

    def test_counts_what_is_done_and_what_goes_on(self, plan: Plan) -> None:
        assert Counter(measure.state for measure in measures(plan).values()) == {
            WorkState.IN_PROGRESS: 44,
            WorkState.CLOSED: 11,
        }

    def test_records_the_round(self, plan: Plan) -> None:
        assert (plan.inspection.feedback_on, plan.inspection.published_on) == (date(2024, 12, 20), date(2025, 1, 17))

    def test_02_3_reports_every_two_months_and_every_quarter_to_the_province(self, plan: Plan) -> None:
        found = duties(plan, "02-3")
        assert set(found) == {"report-central", "report-provincial"}
        central, provincial = found["report-central"], found["report-provincial"]
        assert (central.kind, central.cadence, central.anchor) == (DutyKind.REPORT, Cadence.BIMONTHLY, date(2025, 1, 1))
        assert (provincial.kind, provincial.cadence) == (DutyKind.REPORT, Cadence.QUARTERLY)
        assert {duty.receiver for duty in found.values()} == {"省生态环境厅"}
        assert not any(duty.assumed for duty in found.values())
        assert "双月" in {question.phrase for question in measures(plan)["02-3"].questions}

    @pytest.mark.parametrize(
        ("code", "kind", "cadence"),
        [
            ("07-1", DutyKind.DISPATCH, Cadence.MONTHLY),
            ("08-2", DutyKind.DISPATCH, Cadence.MONTHLY),
            ("11-1", DutyKind.CHECK, Cadence.QUARTERLY),
            ("22-2", DutyKind.STUDY, Cadence.MONTHLY),
        ],
    )
    def test_a_stated_rhythm_is_not_assumed(self, plan: Plan, code: str, kind: DutyKind, cadence: Cadence) -> None:
        (duty,) = duties(plan, code).values()
        assert (duty.kind, duty.cadence, duty.assumed) == (kind, cadence, False)

    def test_07_3_finishes_by_the_end_of_may_as_forecast(self, plan: Plan) -> None:
        (duty,) = duties(plan, "07-3").values()
        assert (duty.kind, duty.cadence, duty.due_on) == (DutyKind.FINISH, Cadence.ONCE, date(2025, 5, 31))
        assert (duty.precision, duty.assumed) == (Precision.MONTH, False)
        assert "预测" in duty.source
        assert measures(plan)["07-3"].evidence is EvidenceRule.ON_FINISH

    def test_20_2_falls_at_the_end_of_the_year_and_asks_which_year(self, plan: Plan) -> None:
        (duty,) = duties(plan, "20-2").values()
        assert (duty.kind, duty.cadence, duty.due) == (DutyKind.CHECK, Cadence.YEARLY, DueRule.parse("end"))
        assert duty.assumed
        assert any(one.phrase == "今年年末" and "2025" in one.suggest for one in measures(plan)["20-2"].questions)

    def test_what_is_done_is_only_looked_back_at(self, plan: Plan) -> None:
        closed = [measure for measure in measures(plan).values() if measure.state is WorkState.CLOSED]
        for measure in closed:
            (duty,) = measure.duties
            assert (duty.kind, duty.assumed) == (DutyKind.CONFIRM, True), measure.code
            assert duty.cadence in (Cadence.HALF_YEARLY, Cadence.YEARLY), measure.code

    def test_every_assumption_about_open_work_is_asked_about(self, plan: Plan) -> None:
        silent = [
            measure.code
            for measure in measures(plan).values()
            if measure.state is WorkState.IN_PROGRESS and any(duty.assumed for duty in measure.duties)
            if not measure.questions
        ]
        assert silent == []

    def test_vague_words_never_become_a_stated_rhythm(self, plan: Plan) -> None:
        every = [duty for measure in measures(plan).values() for duty in measure.duties]
        vague = [duty for duty in every if any(word in duty.source for word in VAGUE)]
        assert len(vague) == 11
        assert all(duty.assumed for duty in vague)

    def test_only_the_stated_duties_are_not_assumed(self, plan: Plan) -> None:
        stated = {code for code, one in measures(plan).items() for duty in one.duties if not duty.assumed}
        assert stated == {"02-3", "07-1", "07-3", "08-2", "11-1", "22-2"}

    def test_titles_fit_the_lists_they_are_shown_in(self, plan: Plan) -> None:
        assert max(len(measure.title) for measure in measures(plan).values()) <= 24
        assert max(len(duty.title) for measure in measures(plan).values() for duty in measure.duties) <= 12

    def test_names_no_telephone_and_no_mail_address(self) -> None:
        text = EZHOU.read_text(encoding="utf-8")
        assert "@" not in text
        assert "027-" not in text
