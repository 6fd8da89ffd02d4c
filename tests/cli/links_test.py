"""Letters that a command sends lead to the office's pages; the doctor says when nobody else can open them."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from text.links import is_loopback


def _shown(tmp_path: Path, url: str) -> None:
    """``duban up`` has run in this home and shown its pages there; it runs no more."""
    (tmp_path / "web.json").write_text(json.dumps({"url": url, "pid": 0}))


def _letters(tmp_path: Path) -> str:
    return "".join(file.read_text() for file in (tmp_path / "outbox").rglob("*.md"))


def test_letters_of_a_patrol_on_the_command_line_bear_personal_links(loaded: Run, tmp_path: Path) -> None:
    _shown(tmp_path, "https://duban.example.org")
    assert loaded("patrol").status == 0
    assert "(https://duban.example.org/m/" in _letters(tmp_path)


def test_an_address_of_the_settings_comes_before_the_one_that_was_shown(loaded: Run, tmp_path: Path) -> None:
    _shown(tmp_path, "https://old.example.org")
    assert loaded("patrol", DUBAN_WEB_URL="https://new.example.org/").status == 0
    assert "(https://new.example.org/m/" in _letters(tmp_path)
    assert "old.example.org" not in _letters(tmp_path)


@pytest.mark.parametrize(
    ("url", "warned"), [("http://127.0.0.1:4280", True), (None, True), ("https://duban.example.org", False)]
)
def test_the_doctor_warns_of_links_that_only_this_machine_can_open(
    loaded: Run, tmp_path: Path, url: str | None, warned: bool
) -> None:
    if url:
        _shown(tmp_path, url)
    loaded("patrol")
    (found,) = [one for one in loaded("doctor", "--json").json if one["check"] == "消息中的链接"]
    assert (found["ok"], found["warned"]) == (True, warned)
    assert ("DUBAN_WEB_URL" in found["said"]) is warned


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:4200", True),
        ("http://[::1]:4200/", True),
        ("http://127.8.0.1", True),
        ("http://0.0.0.0:4200", True),
        ("http://10.0.0.5:4200", False),
        ("https://duban.example.org", False),
        ("http://[bad", False),
        ("", False),
    ],
)
def test_whether_an_address_is_of_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) is here
