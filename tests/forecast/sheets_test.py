"""The forecast as a workbook: dates are dates, text is text, whatever it looks like."""

from datetime import date, time
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from foresight.forecast_workbook import forecast_workbook
from foresight.listing import Forecast, ForecastSpan
from foresight.planned import planned
from plan.model import Plan
from plan.policy import Policy
from rules.work_time import WorkTime
from tests.conftest import at
from tests.plans import duty, one_measure

NOW = at("2025-03-03T09:00")


@pytest.fixture
def book(work_time: WorkTime, policy: Policy):  # type: ignore[no-untyped-def]
    def of(plan: Plan) -> Workbook:
        made = Forecast(
            planned(plan, policy, work_time, NOW), policy, work_time, ForecastSpan(NOW, NOW.date(), date(2025, 4, 30))
        )
        return load_workbook(BytesIO(forecast_workbook(made)))

    return of


def test_events_are_rows_under_a_frozen_header_with_filters(book) -> None:  # type: ignore[no-untyped-def]
    found = book(one_measure(duties=[duty(ends_on="2025-03-31")]))
    assert found.sheetnames == ["预测", "每人每周", "每单位每周", "注意"]
    sheet = found["预测"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    first = [cell.value for cell in sheet[2]]
    assert first[1:5] == [time(9), "开启", "无色", "01-1"]
    assert [value.date() for value in (first[0], first[9])] == [date(2025, 3, 3), date(2025, 3, 31)]
    due = next(row for row in sheet.iter_rows(min_row=2, values_only=True) if row[2] == "到期")
    assert (due[0].date(), due[1], due[10]) == (date(2025, 3, 31), "全天", None)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)", '=HYPERLINK("http://x")', "_x000D_"])
def test_text_that_looks_like_a_formula_stays_text(book, text: str) -> None:  # type: ignore[no-untyped-def]
    sheet = book(one_measure(title=text))["预测"]
    cell = sheet["F2"]
    assert cell.data_type == "s"
    assert cell.value.replace("\u2060", "") == text
    assert cell.quotePrefix == text.startswith(("=", "+", "-", "@"))


def test_weeks_count_letters_and_requests(book) -> None:  # type: ignore[no-untyped-def]
    found = book(one_measure(duties=[duty(), duty("second", title="又一份月报")]))
    people = [row for row in found["每人每周"].iter_rows(min_row=2, values_only=True) if row[1] == "handler"]
    assert people[0] == ("2025-W10", "handler", 2, 1)  # two openings, one letter
    units = list(found["每单位每周"].iter_rows(min_row=2, values_only=True))
    assert units[0] == ("2025-W10", "水科", 2, 0, 2)
    assert ("2025-W14", "水科", 2, 2, 4) in units
