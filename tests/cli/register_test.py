"""Every module of commands registers them the same way, and each command bears its name on the command line."""

from collections.abc import Sequence
from importlib import import_module

import pytest
import typer
from typer.main import get_command

HOMES = {
    "act": (
        "submit",
        "part",
        "review",
        "extend",
        "ack",
        "instruct",
        "interview",
        "circulate",
        "escalate",
        "suspend",
        "resume",
        "skip",
        "merge",
        "close",
        "reopen",
    ),
    "strike_off": ("closure", "lookback"),
    "evidence_files": ("evidence",),
    "forecast": ("forecast",),
    "intake": ("intake",),
    "operate": ("up", "deploy", "patrol", "calendar", "doctor"),
    "people": ("people",),
    "plans": ("plan",),
    "matters": ("matters", "link", "delegate", "take-back"),
    "messages": ("messages", "channel"),
    "read": ("inspections", "board", "ledger", "show", "explain"),
    "carry": ("export", "restore", "backup"),
    "reports": ("report",),
    "simulate": ("simulate",),
    "systems": ("system",),
    "passwords": ("password",),
    "trail": ("audit",),
}


@pytest.mark.parametrize(("home", "names"), HOMES.items())
def test_a_module_registers_its_commands_under_their_names(home: str, names: Sequence[str]) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    import_module(f"cli.{home}").register(app)
    assert set(get_command(app).commands) == set(names)  # type: ignore[attr-defined]
