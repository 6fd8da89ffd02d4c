"""``duban``: the command of operators and of people who prefer not to open a browser."""

import errno
import gc
import re
import sys
from importlib import import_module
from io import TextIOWrapper

import click
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from cli.hints import with_hint
from cli.usage import translate_help, usage_fault
from config import clock
from config.settings import Settings
from plan.faults import model_faults
from plan.yaml_reader import FileProblems
from text.clean import line, lines
from text.refusals import Refusal

_HOMES = {
    "read": ("inspections", "board", "ledger", "show", "explain"),
    "act": (
        "submit",
        "review",
        "extend",
        "skip",
        "merge",
        "ack",
        "instruct",
        "interview",
        "circulate",
        "escalate",
        "suspend",
        "resume",
        "close",
        "reopen",
    ),
    "strike_off": ("closure", "lookback"),
    "plans": ("plan",),
    "reports": ("report",),
    "compile": ("compile",),
    "release": ("release",),
    "people": ("people",),
    "evidence_files": ("evidence",),
    "matters": ("matters", "link"),
    "systems": ("system",),
    "passwords": ("password",),
    "trail": ("audit",),
    "intake": ("intake",),
    "forecast": ("forecast",),
    "simulate": ("simulate",),
    "messages": ("messages", "channel"),
    "carry": ("export", "restore", "backup"),
    "operate": ("up", "deploy", "patrol", "calendar", "doctor"),
}
"""The module of every command, in the order of ``duban --help``."""


def application(asked: str | None) -> typer.Typer:
    """The command line; only the module of the command that is ``asked`` for: reading a document needs no database."""
    app = typer.Typer(
        name="duban",
        help="督办：整改方案的按期督办。",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(lambda: None)  # with a single command, too, its name is to be given
    for home in [home for home, names in _HOMES.items() if asked in names] or _HOMES:
        import_module(f"cli.{home}").register(app)
    translate_help(app)
    return app


def collect_rarely() -> None:
    """A large sheet makes millions of small objects and no cycles: a third of its import was the search for them."""
    gc.set_threshold(100_000, 50, 50)


def main() -> None:
    """Run the command line: bad input is one line on stderr and exit status 2; faults keep their traceback."""
    collect_rarely()
    _need_chinese()
    try:
        clock.now()
        status = application(next(iter(sys.argv[1:]), None))(standalone_mode=False)
    except typer.Abort:
        sys.exit(1)
    except typer.TyperException as wrong:
        _refuse(line(usage_fault(wrong)))
    except click.ClickException as wrong:
        _refuse(line(wrong.format_message()))
    except Refusal as refusal:
        _refuse(with_hint(refusal))
    except (FileProblems, clock.ClockError) as error:
        _refuse(str(error))
    except ValidationError as error:
        faults = model_faults(error, Settings)
        _refuse("\n".join(f"DUBAN_{'_'.join(map(str, loc)).upper()}: {what}" for loc, what in faults))
    except SettingsError as error:
        field = re.search('field "(.+?)"', str(error))
        _refuse(f"DUBAN_{field[1].upper() if field else '*'}: 须为 JSON")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        # What was asked for may well be done: the place where it was to be told is full, and perhaps no other.
        sys.stdout = None  # nothing is left to be written at the end
        print("磁盘已满，没有写完；请腾出空间后核对", file=sys.stderr)
        sys.exit(1)
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _need_chinese() -> None:
    """Refuse a terminal that can show nothing of what is said, before anything is done; a lone sign may be missing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        "督办".encode(encoding)
    except UnicodeEncodeError:
        # The one sentence in English: no other could be read there.
        _refuse(f"duban speaks Chinese, which {encoding} cannot show: set PYTHONIOENCODING=utf-8 or LANG=C.UTF-8")


def _refuse(said: str) -> None:
    print(lines(said), file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
