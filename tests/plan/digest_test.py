"""A plan stays the same plan when Duban's own idea of a plan grows, and is another one when its content is."""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import create_model

from plan.digest import is_same_plan, plan_digest
from plan.loader import load_plan
from plan.model import Plan
from tests.plans import duty, measure, one_measure, plan_of


def _grown(plan: Plan) -> Any:
    """The same file, read by a later version: its plans have one field more."""
    later = create_model("Plan", __base__=Plan, objections=(list[str], []))
    return later.model_validate(plan.model_dump(mode="json"))


def test_a_new_field_with_a_default_makes_no_other_plan() -> None:
    plan = one_measure()
    assert plan_digest(_grown(plan)) == plan_digest(plan)
    assert is_same_plan(_grown(plan), plan.model_dump(mode="json"), plan_digest(plan))


def test_a_vocabulary_of_another_name_makes_no_other_plan() -> None:
    class Rhythm(StrEnum):
        EVERY_MONTH = "monthly"

    plan = one_measure()
    spec = plan.findings[0].measures[0].duties[0]
    renamed = spec.model_copy(update={"cadence": Rhythm.EVERY_MONTH})
    measures = [plan.findings[0].measures[0].model_copy(update={"duties": [renamed]})]
    findings = [plan.findings[0].model_copy(update={"measures": measures})]
    assert plan_digest(plan.model_copy(update={"findings": findings})) == plan_digest(plan)


def test_a_default_that_is_written_out_makes_no_other_plan() -> None:
    written = plan_of(measure(duties=[duty(due="end", roll="none")], evidence="optional"))
    assert plan_digest(written) == plan_digest(one_measure())


def test_whatever_is_written_otherwise_makes_another_plan() -> None:
    plan, channels = one_measure(), {"robot": "1", "mail": "a@example.org"}
    roles = {"office": {"name": "整改办", "channels": channels}}
    others = [
        one_measure(title="改过的标题"),
        one_measure(warn_days=5),
        plan_of(measure(), roles=plan.model_dump()["roles"] | roles),
        plan_of(
            measure(),
            roles=plan.model_dump()["roles"]
            | {"office": {"name": "整改办", "channels": dict(reversed(list(channels.items())))}},
        ),
    ]
    assert len({plan_digest(one) for one in (plan, *others)}) == 5  # also by which channel is tried first


def test_a_ledger_with_a_digest_of_before_knows_its_plan() -> None:
    plan = one_measure()
    duties = {"measures": {"__all__": {"duties": {"__all__": {"gather"}}}}}
    later = {"units": {"__all__": {"superior"}}, "findings": {"__all__": {"goal": True} | duties}}
    before = hashlib.sha256(repr(plan.model_dump(mode="python", exclude=later)).encode()).hexdigest()
    for kept in (None, plan.model_dump(mode="json")):
        assert is_same_plan(_grown(plan), kept, before)
        assert not is_same_plan(one_measure(title="改过的标题"), kept, before)


def test_the_digest_says_by_which_rule_it_was_made_and_fits_its_column() -> None:
    assert plan_digest(one_measure()).startswith("2-")
    assert len(plan_digest(one_measure())) == 64


def test_the_file_of_an_earlier_release_is_known_by_its_digest_alone() -> None:
    file = Path(__file__).parents[1] / "ledger" / "data" / "ledger-0002.yaml"
    first = "dc92c23f29b87d49b6742e276933b7f509d5024be060cf4cca0916600a6d3e5b"
    assert is_same_plan(load_plan(file), None, first)
