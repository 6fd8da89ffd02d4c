"""``duban``: the command of operators and of people who prefer not to open a browser."""

import sys

import click
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from cli import act, engine, plans, read
from config import clock
from config.loader import PlanError
from config.policy import PolicyError
from config.settings import settings
from db.embedded import DatabaseNotStarted
from rules.refusal import Refusal

app = typer.Typer(
    name="duban",
    help="督办：整改方案的按期督办。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (read, act, engine):
    part.register(app)
app.add_typer(plans.app, name="plan", help="整改方案：检查、启用。")
app.add_typer(read.audit_app, name="audit", help="审计链。")


def main() -> None:
    """Run the command line: bad input is one line on stderr and exit status 2; faults keep their traceback."""
    try:
        clock.now()
        status = app(standalone_mode=False)
    except typer.Abort:
        sys.exit(1)
    except (typer.TyperException, click.ClickException) as wrong:
        _refuse(wrong.format_message() if isinstance(wrong, typer.BadParameter | click.ClickException) else str(wrong))
    except Refusal as refusal:
        _refuse(refusal.say(settings().language))
    except (PlanError, PolicyError, clock.ClockError, DatabaseNotStarted) as error:
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
