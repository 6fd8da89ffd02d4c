"""Where a new thing goes, by CONTRIBUTING: the places exist, and what is there today is whole at each of them."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from db.ledger.events import TYPES
from db.matters import MATTERS, MatterKind
from flows import FLOWS
from intake.documents.formats import FORMATS
from intake.documents.guard import KINDS
from intake.interpreters import INTERPRETERS
from plan.due import DueRule, due_text
from plan.types import RUNG_KINDS, AlertKind, Cadence
from rules.alert_kinds import ALERT_FACTS
from rules.cadence import CadenceRule, cron_for, window_at
from rules.calendar import WorkCalendar
from tests.rules.windows import windows
from text.catalogue import phrase, term

ROOT = Path(__file__).parents[2]
CHANNELS = ROOT / "letters" / "channels"
CALENDAR = WorkCalendar.china([])
FIRST, LAST = date(2025, 1, 1), date(2026, 1, 1)
SECTIONS = re.split(r"^### ", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
_FILE = re.compile(r"`([a-z_]+/[\w./-]+)`")


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
def test_every_place_that_a_new_thing_touches_exists(section: str) -> None:
    named = _FILE.findall(section)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_channel_has_a_test_of_its_name_or_is_named_by_the_registrys() -> None:
    tests = ROOT / "tests" / "letters" / "channels"
    registry = (tests / "registry_test.py").read_text(encoding="utf-8")
    channels = sorted(path.stem for path in CHANNELS.glob("*.py") if path.stem != "__init__")
    tested = [name for name in channels if (tests / f"{name}_test.py").exists()]

    assert len(tested) >= 6
    assert [name for name in channels if name not in tested and name not in registry] == []


def _rule(cadence: Cadence) -> CadenceRule:
    if cadence is Cadence.ONCE:
        return CadenceRule(cadence=cadence, opens_on=FIRST, due_on=date(2025, 5, 31))
    return CadenceRule(cadence=cadence)


@pytest.mark.parametrize("cadence", Cadence)
def test_every_cadence_has_windows_that_follow_each_other_a_label_and_a_cron(cadence: Cadence) -> None:
    rule = _rule(cadence)
    found = list(windows(rule, FIRST, LAST, CALENDAR))

    assert found
    assert len({one.label for one in found}) == len(found)
    assert [one.ends_on for one in found[:-1]] == [one.starts_on for one in found[1:]]
    assert window_at(rule, found[0].starts_on, CALENDAR) == found[0]
    assert len((cron_for(rule, 7) or "").split()) == 5


@pytest.mark.parametrize("cadence", Cadence)
def test_every_cadence_has_its_word_and_says_its_due_rules_apart(cadence: Cadence) -> None:
    rules = [DueRule.parse(text) for text in ("end", "end-3wd", "start+9d", "workday 3", "day 25", "after day 5")]

    assert term(cadence)
    assert len({due_text(rule, cadence) for rule in rules}) == len(rules)


def test_every_kind_of_alert_has_its_row_its_word_its_action_and_its_count() -> None:
    assert set(ALERT_FACTS) == set(AlertKind)
    assert set(RUNG_KINDS) <= set(AlertKind)
    for kind, facts in ALERT_FACTS.items():
        assert term(kind)
        assert phrase(f"action.{kind}")
        assert phrase(f"count.{facts.count}", n=1)


def test_every_matter_is_in_the_registry_under_its_key_and_has_a_flow() -> None:
    files = {path.stem for path in (ROOT / "db" / "matters").glob("*.py")} - {"__init__", "kind"}

    assert {type(kind).__module__.rpartition(".")[2] for kind in MATTERS.values()} == files
    assert [key for key, kind in MATTERS.items() if key != kind.key or kind.flow not in FLOWS] == []


def test_a_whole_kind_of_matter_fits_into_one_file() -> None:
    from tests.tasks import sign_off

    kinds = [one for one in vars(sign_off).values() if isinstance(one, type) and issubclass(one, MatterKind)]

    assert [kind.key for kind in kinds if kind.__module__ == sign_off.__name__] == ["signature"]


def test_the_page_for_other_systems_names_every_type_of_event() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = re.sub(r"\s+", " ", page.partition("- Types: ")[2].partition(". There will be more")[0])
    named = {
        f"{group.partition('.')[0].strip(' `')}.{one}"
        for group in listed.split(";")
        for one in re.findall(r"\.([a-z-]+)", group)
    }

    assert named == {*TYPES.values(), "period.late", "sheet.opened"}


@pytest.mark.parametrize(
    ("folder", "found"),
    [("intake/documents/formats", FORMATS), ("intake/interpreters", INTERPRETERS)],
    ids=["formats", "kinds of paper"],
)
def test_every_format_and_every_kind_of_paper_is_one_file(folder: str, found: Mapping[str, object]) -> None:
    files = {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}

    assert len(found) == len(files)
    assert [key for key, one in found.items() if key != getattr(one, "kind", getattr(one, "key", None))] == []


def test_every_kind_of_paper_has_its_name() -> None:
    assert all(phrase(f"interpreter.{key}") for key in INTERPRETERS)


def test_the_help_of_intake_names_every_suffix_that_may_be_read() -> None:
    said = (ROOT / "cli" / "intake.py").read_text(encoding="utf-8")

    assert [suffix for suffix in KINDS if suffix != ".htm" and suffix not in said] == []
