"""Which backups are kept: close together what is new, far apart what is old, and the newest one always."""

from datetime import UTC, datetime, timedelta

from rules.retention import kept_backups

NEW_YEAR = datetime(2026, 1, 1, 2, 30, tzinfo=UTC)


def test_of_a_year_of_nights_days_weeks_and_months_stay() -> None:
    made = [NEW_YEAR - timedelta(days=number) for number in range(400)]
    kept = sorted(kept_backups(made, daily=7, weekly=5, monthly=12), reverse=True)
    assert kept[:7] == made[:7]
    assert [at.date().isoformat() for at in kept[7:]] == [
        *("2025-12-21", "2025-12-14", "2025-12-07", "2025-11-30", "2025-10-31", "2025-09-30", "2025-08-31"),
        *("2025-07-31", "2025-06-30", "2025-05-31", "2025-04-30", "2025-03-31", "2025-02-28"),
    ]


def test_of_one_day_the_newest_stays_and_days_without_any_count_for_nothing() -> None:
    made = [NEW_YEAR, NEW_YEAR - timedelta(hours=1), NEW_YEAR - timedelta(days=40), NEW_YEAR - timedelta(days=90)]
    assert kept_backups(made, daily=2, weekly=0, monthly=0) == {made[0], made[2]}
    assert kept_backups([], daily=2, weekly=1, monthly=1) == set()


def test_what_was_thinned_night_after_night_is_what_a_year_at_once_leaves() -> None:
    there: set[datetime] = set()
    for number in range(400):
        there = kept_backups({*there, NEW_YEAR + timedelta(days=number)}, daily=7, weekly=5, monthly=12)
    at_once = kept_backups([NEW_YEAR + timedelta(days=number) for number in range(400)], 7, 5, 12)
    assert there == at_once
