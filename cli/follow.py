"""After a command changed the ledger, its runs follow at once where a Prefect server is running."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import typer

from cli.server import kept_secret, running_api
from cli.shared import say
from config.settings import settings
from text.catalogue import phrase

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

_LATER = "台账已更新；Prefect 暂未跟上（{fault}），下次巡检会补上"


def use_running_api() -> bool:
    """Point this process at the running Prefect server; ``False`` when there is none. Call before importing Prefect.

    Without a server Prefect's client would silently start one of its own, so it is not imported at all then.
    """
    home = settings().home
    running, asked = running_api(home), os.environ.get("PREFECT_API_URL")
    if running and (not asked or _is_same_server(asked, running)):
        # As it was announced: under another name of this machine somebody else may listen on the same port.
        os.environ["PREFECT_API_URL"] = running
        if secret := kept_secret(home):
            os.environ["PREFECT_API_AUTH_STRING"] = secret
    # Any other server is told what the environment holds for it, never what this home keeps.
    return bool(running or asked)


def _is_same_server(asked: str, running: str) -> bool:
    one, other = urlsplit(asked.rstrip("/")), urlsplit(running)
    here = {"127.0.0.1", "localhost", "::1"}
    same_host = one.hostname == other.hostname or {one.hostname, other.hostname} <= here
    return same_host and (one.scheme, one.port, one.path) == (other.scheme, other.port, other.path)


def said_of(error: Exception) -> str:
    """What is wrong with a Prefect server that did not do what it was asked, in a few words.

    Args:
        error: what its client raised.
    """
    import httpx

    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == httpx.codes.UNAUTHORIZED:
        return phrase("watch.login")
    return type(error).__name__


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Around what cannot go on without Prefect: a server that refuses or is silent is one line, not a traceback."""
    import httpx

    try:
        yield
    except httpx.HTTPError as error:
        raise click.ClickException(f"Prefect 服务没有照办（{said_of(error)}）") from error


def check_channels() -> None:
    """Refuse a channel that can never work, before anything is sent. Raises ``typer.BadParameter``."""
    use_running_api()
    from letters.channels import check_url

    for name, url in settings().channels.items():
        try:
            check_url(name, url)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error


def redeploy_and_reconcile(unreached: str) -> dict[str, Any]:
    """Deployments and schedules first, then the runs; nothing without a server.

    Args:
        unreached: what to say of a server that did not do it, and where ``{fault}`` stands in it.
    """
    if not use_running_api():
        return {}
    from flows import FLOWS
    from tasks.deployments import sync_prefect

    async def follow(client: "PrefectClient") -> dict[str, int]:
        return await sync_prefect(client, FLOWS)

    done = _in_prefect(follow, unreached)
    return done if "unreached" in done else done | {"runs": reconcile_now(whole=True)}


def end_unless_followed(done: Mapping[str, Any]) -> None:
    """Say what Prefect did not take of deployments and runs; the exit status says so, too.

    Args:
        done: the counts of ``sync_prefect``, with those of the reconciliation under ``runs``; empty without a server.

    Raises:
        typer.Exit: with status 1, when something was left.
    """
    runs = done.get("runs", {})
    if done.get("failed"):
        say(phrase("deployments.failed", n=done["failed"]), err=True)
    if runs.get("failed"):
        say(phrase("runs.waiting", n=runs["failed"]), err=True)
    if done.get("failed") or runs.get("failed") or "unreached" in {*done, *runs}:
        raise typer.Exit(1)


def reconcile_now(whole: bool = False) -> dict[str, int]:
    """Bring Prefect to agree with the ledger and say what changed there; nothing without a server.

    A silent server is said (``unreached``), not fatal: the next patrol will do it.

    Args:
        whole: look at all that is open, and not only at what changed.
    """
    if not use_running_api():
        return {}
    from tasks.projection import reconcile

    async def follow(client: "PrefectClient") -> dict[str, int]:
        return asdict(await reconcile(client, tell=False, whole=whole))

    return _in_prefect(follow, _LATER)


def show_patrol_now(totals: dict[str, Any]) -> dict[str, Any]:
    """Let Prefect show what a patrol on the command line found: runs, announcements, pages; nothing without a server.

    Args:
        totals: what ``patrol_at`` returned.

    Returns:
        What was done there; ``unreached`` when it failed.
    """
    if not use_running_api():
        return {}
    from flows import FLOWS
    from tasks.patrol_steps import show_patrol

    async def follow(_: "PrefectClient") -> dict[str, Any]:
        counts, examined = await show_patrol(totals, FLOWS, patrolling=False)
        for one in examined:
            if not one.ok:
                say(f"{one.mark} {one.check}：{one.said}", err=True)
        return counts

    return _in_prefect(follow, _LATER)


def _in_prefect(follow: Callable[["PrefectClient"], Awaitable[dict[str, Any]]], otherwise: str) -> dict[str, Any]:
    """Do it with a client of the running server; where that fails, say so, for the ledger has gone on already."""
    import httpx
    from prefect import get_client

    async def run() -> dict[str, int]:
        async with get_client() as client:
            return await follow(client)

    try:
        return asyncio.run(run())
    except (httpx.HTTPError, RuntimeError, ExceptionGroup) as error:
        say(otherwise.format(fault=said_of(error)), err=True)
        return {"unreached": 1}
