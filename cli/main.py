"""``duban``: the command of operators and of people who prefer not to open a browser."""

import sys

import click
import typer
from pydantic import ValidationError

from cli import act, engine, plans, read
from config.loader import PlanError
from config.policy import PolicyError
from config.settings import settings
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
        app(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        _refuse(wrong.format_message())
    except Refusal as refusal:
        _refuse(refusal.say(settings().language))
    except ValidationError as error:
        _refuse("\n".join(_setting_line(one) for one in error.errors()))
    except (PlanError, PolicyError, click.UsageError) as error:
        _refuse(str(error))


def _setting_line(error: object) -> str:
    assert isinstance(error, dict)
    name = "_".join(str(part) for part in error["loc"]).upper()
    return f"DUBAN_{name}: {error['msg']}"


def _refuse(line: str) -> None:
    print(line, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
