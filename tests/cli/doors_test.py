"""``duban matters`` and ``duban link``: what waits for whom, and a personal link for who lost his message."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

PAGES = "https://duban.example.org"


@pytest.fixture
def shown(loaded: Run, tmp_path: Path) -> Run:
    """An office whose pages were announced."""
    (tmp_path / "web.json").write_text(json.dumps({"url": PAGES, "pid": 0}))
    return loaded


def test_what_waits_is_listed_with_its_address(shown: Run) -> None:
    found = shown("matters", "--json").json
    assert list(found[0]) == [
        *("id", "kind", "inspection", "measure", "period", "asked_of", "due_on", "lamp", "url"),
    ]
    first = found[0]
    assert (first["kind"], first["url"]) == ("report", f"{PAGES}/matter/{first['id']}")
    (person, *_) = first["asked_of"]
    his = shown("matters", "--person", person, "--json").json
    assert his == [one for one in found if person in one["asked_of"]]
    assert shown("matters", "--person", "没有这个人", "--json").json == []
    assert first["measure"] in shown("matters").out


def test_an_operator_gives_a_link_and_takes_it_back(shown: Run) -> None:
    first = shown("matters", "--json").json[0]
    (person, *_) = first["asked_of"]
    given = shown("link", person, "--matter", first["id"], "--json").json
    assert (given["person"], given["matter"]) == (person, first["id"])
    assert given["url"].startswith(f"{PAGES}/m/")
    assert shown("link", person, "--matter", first["id"]).out.strip() == given["url"]
    assert shown("link", person).out.strip() not in (given["url"], "")
    assert shown("link", person, "--revoke").out == "已收回2个\n"
    assert shown("link", person, "--matter", first["id"], "--json").json["url"] != given["url"]
    said = shown("audit", "list").out
    assert f"开具链接 {person} 经命令行" in said
    assert f"收回链接 {person} 经命令行" in said


def test_for_nobody_and_for_nothing_there_is_no_link(shown: Run) -> None:
    refused = shown("link", "没有这个人")
    assert (refused.status, "没有这个人" in refused.err) == (2, True)
    (person, *_) = shown("matters", "--json").json[0]["asked_of"]
    nothing = shown("link", person, "--matter", "period-999")
    assert (nothing.status, nothing.err) == (2, "没有事项“period-999”；请从消息或待办中打开\n")


def test_before_the_pages_were_ever_started_there_is_no_address(loaded: Run) -> None:
    (person, *_) = loaded("matters", "--json").json[0]["asked_of"]
    assert loaded("matters", "--json").json[0]["url"] is None
    refused = loaded("link", person)
    assert (refused.status, "DUBAN_WEB_URL" in refused.err) == (2, True)
