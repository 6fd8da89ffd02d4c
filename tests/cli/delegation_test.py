"""A matter is handed over on the command line as on the page."""

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def asked(loaded: Run) -> tuple[Run, str]:
    """A report that is asked of the handler."""
    found = loaded("matters", "--person", "水科经办人", "--json").json
    return loaded, str(found[0]["id"])


def _asked_of(run: Run, matter: str) -> list[str]:
    return next(list(one["asked_of"]) for one in run("matters", "--json").json if one["id"] == matter)


def test_a_matter_is_handed_over_and_taken_back(asked: tuple[Run, str]) -> None:
    run, matter = asked
    given = run("delegate", matter, "--to", "水科负责人", "--note", "我在外地", "--by", "水科经办人")
    assert (given.status, given.out) == (0, f"已委托：{matter} 由水科负责人办理\n")
    assert _asked_of(run, matter) == ["水科负责人"]
    assert run("take-back", matter, "--by", "水科经办人").out == f"已收回：{matter}\n"
    assert _asked_of(run, matter) == ["水科经办人"]
    assert "委托" in run("audit", "list").out


@pytest.mark.parametrize(
    ("to", "by", "said"),
    [
        ("整改办", "水科经办人", "不能受托"),
        ("水科负责人", "整改办", "未请整改办办理"),
        ("水科负责人", "查无此人", "查无此人"),
    ],
)
def test_what_cannot_be_handed_over_is_one_line(asked: tuple[Run, str], to: str, by: str, said: str) -> None:
    run, matter = asked
    refused = run("delegate", matter, "--to", to, "--by", by)
    assert (refused.status, refused.err.count("\n"), said in refused.err) == (2, 1, True)
    assert _asked_of(run, matter) == ["水科经办人"]
    assert run("take-back", matter, "--by", "水科经办人").status == 2
