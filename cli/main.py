"""``duban``: the command of operators and of people who prefer not to open a browser."""

import gc
import sys
from importlib import import_module

import click
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from config import clock
from plan.loader import PlanError
from plan.policy import PolicyError
from text.refusals import Refusal

_HOMES = {
    "read": ("ledger", "show", "explain", "audit"),
    "act": ("submit", "review", "extend", "ack", "instruct"),
    "plans": ("plan",),
    "reports": ("report",),
    "intake": ("intake",),
    "forecast": ("forecast",),
    "simulate": ("simulate",),
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
    return app


def collect_rarely() -> None:
    """A large sheet makes millions of small objects and no cycles: a third of its import was the search for them."""
    gc.set_threshold(100_000, 50, 50)


def main() -> None:
    """Run the command line: bad input is one line on stderr and exit status 2; faults keep their traceback."""
    collect_rarely()
    try:
        clock.now()
        status = application(next(iter(sys.argv[1:]), None))(standalone_mode=False)
    except typer.Abort:
        sys.exit(1)
    except (typer.TyperException, click.ClickException) as wrong:
        _refuse(wrong.format_message() if isinstance(wrong, typer.BadParameter | click.ClickException) else str(wrong))
    except Refusal as refusal:
        _refuse(str(refusal))
    except (PlanError, PolicyError, clock.ClockError) as error:
        _refuse(str(error))
    except ValidationError as error:
        _refuse("\n".join(f"DUBAN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()))
    except SettingsError as error:
        _refuse(f"DUBAN_*: {error}")
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _refuse(line: str) -> None:
    print(line, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
