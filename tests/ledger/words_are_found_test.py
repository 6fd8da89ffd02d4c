"""Words of two characters, as most Chinese ones are, are found by an index that any database has."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, func, or_, select, text

from bench.ground import SHEET, contexts, fill
from db.board import BoardFilter
from db.models import Submission
from db.search import found_measures
from tests.conftest import ContextAt
from tests.ledger.query_plan_test import explained, listening
from tests.plans import measure, plan_of

PERIODS = 3_000
REPORTS = """
INSERT INTO submissions (period_id, round, body, percent, finished, difficulty, help_needed, evidence, submitted_by,
                         submitted_at)
SELECT id, 1, repeat('本期调度工程进度，泵站土建推进，', 12) || CASE WHEN id = 77 THEN '涵闸漏水' ELSE '' END,
       40, false, '', '', '[]', '经办人', now()
FROM periods
"""


@pytest.mark.slow
def test_a_word_of_two_characters_reads_no_report_in_which_it_cannot_stand(owners_engine: Engine) -> None:
    fill(owners_engine, PERIODS, 10, SHEET)
    with owners_engine.begin() as connection:
        connection.execute(text(REPORTS))
    with owners_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    plans: list[str] = []

    def note(cursor: Any, statement: str, parameters: Any) -> None:
        if "word_pairs" in statement and "OVER" in statement:
            plans.append("\n".join(explained(cursor, statement, parameters)))

    with contexts(owners_engine)() as ctx, listening(owners_engine, note):
        count, found = found_measures(ctx, BoardFilter(), ["涵闸"], 0, 50)
    assert (count, ["涵闸漏水" in one.text for one in found[0].passages]) == (1, [True])
    (plan,) = plans
    for name in ("submissions", "measures"):
        assert f"Index Scan on {name}_by_pairs" in plan, plan
    assert "Seq Scan on submissions" not in plan
    with owners_engine.connect() as connection:
        assert connection.execute(text("SELECT extname FROM pg_extension")).scalars().all() == ["plpgsql"]


@pytest.fixture
def reported(activated: Callable[..., Any], ledger_at: ContextAt) -> list[str]:
    """A report for each of these texts."""
    said = ["泵站土建", "Phase II已完成", "100%，_完_\\成", "施工😀队", "İstanbul Straße", "漏水\n涵闸", "%%", "水"]
    codes = [f"01-{number}" for number in range(1, len(said) + 1)]
    activated("2025-02-03T09:00", plan_of(*(measure(code, title="措施", text="内容") for code in codes)))
    with ledger_at("2025-02-10T09:00") as ctx:
        for number, body in enumerate(said, 1):
            facts = {"percent": 1, "finished": False, "evidence": [], "submitted_by": "甲", "submitted_at": ctx.now}
            ctx.session.add(Submission(period_id=number, round=1, body=body, difficulty="", help_needed="", **facts))
    return said


@pytest.mark.parametrize(
    "word",
    [
        "泵站",
        "站土",
        "phase ii",
        "PHASE",
        "0%",
        "_完",
        "\\成",
        "😀队",
        "straße",
        "涵",
        "水涵",
        "%%",
        "%",
        "没有",
        "10_",
    ],
)
def test_whatever_a_word_holds_it_is_found_where_it_stands(
    reported: list[str], ledger_at: ContextAt, word: str
) -> None:
    with ledger_at("2025-02-10T10:00") as ctx:
        _, found = found_measures(ctx, BoardFilter(), [word], 0, 50)
    expected = [f"01-{number}" for number, body in enumerate(reported, 1) if word.lower() in body.lower()]
    assert [one.full_code for one in found] == expected


def test_pairs_miss_nothing_that_a_plain_look_finds(reported: list[str], ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-10T10:00") as ctx:
        for body in reported:
            for start in range(len(body) - 1):
                word = body[start : start + 2]
                plain = select(func.count()).where(or_(Submission.body.icontains(word, autoescape=True)))
                by_index = (
                    select(func.count())
                    .select_from(Submission)
                    .where(text("word_pairs(ARRAY[body, difficulty, help_needed, reason]) @> word_pairs(ARRAY[:word])"))
                )
                assert (
                    ctx.session.execute(by_index, {"word": word}).scalar_one()
                    >= ctx.session.execute(plain).scalar_one()
                )


def test_a_page_behind_the_last_still_says_how_many_there_are(reported: list[str], ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-10T10:00") as ctx:
        assert found_measures(ctx, BoardFilter(), [], 50, 50) == (len(reported), [])
