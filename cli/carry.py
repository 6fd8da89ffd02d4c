"""``duban export``, ``restore`` and ``backup``: a whole office in one file, and a new home from it."""

from pathlib import Path
from typing import Annotated

import typer

from cli.shared import Force, existing_file, new_file, say
from config import clock
from papers.export_file import Manifest
from tasks.backup import back_up
from tasks.export import export_office, restore_office
from text.catalogue import phrase
from text.refusals import REFUSALS

ACTOR = "duban restore"
FileArg = Annotated[Path, typer.Argument(metavar="FILE", help="导出文件（.zip）。")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("export")(export_command)
    app.command("restore")(restore_command)
    app.command("backup")(backup_command)


def export_command(file: FileArg, force: Force = False) -> None:
    """导出全部：台账、人员名册、佐证材料、审计链和核对用的清单，成一个文件；有材料缺失时退出码为 1。"""
    path = new_file(file, force, ".zip")
    manifest = export_office(path, clock.now())
    say(phrase("export.written", file=path, **carried_counts(manifest)))
    _tell_faults(manifest)


def restore_command(file: FileArg) -> None:
    """由导出文件恢复到空的数据目录：先全部核对，再一次写入；此后的消息另起编号。"""
    manifest, epoch = restore_office(existing_file(file), ACTOR)
    say(phrase("export.restored", file=file, epoch=epoch, **carried_counts(manifest)))
    _tell_faults(manifest)


def backup_command(
    rehearse: Annotated[bool, typer.Option("--rehearse", help="随即试恢复一次，不论是否到期。")] = False,
) -> None:
    """备份一次：全部内容导出到备份目录，按策略保留，到期的试恢复一次；不成功时退出码为 1。"""
    done = back_up(rehearse)
    say(phrase("export.written", file=done.path, **carried_counts(done.manifest)))
    if done.dropped:
        say(phrase("backup.dropped", files="、".join(done.dropped)))
    if done.discarded:
        say(phrase("backup.discarded", n=done.discarded))
    if done.rehearsed and done.error is None:
        say(phrase("backup.rehearsed"))
    if done.error is not None:
        say(phrase("backup.not_restored", file=done.path.name, why=done.error), err=True)
        raise typer.Exit(1)
    _tell_faults(done.manifest)


def carried_counts(manifest: Manifest) -> dict[str, object]:
    """What a sentence about an export says of its contents.

    Args:
        manifest: of the export.
    """
    return {
        "rows": manifest.rows,
        "contents": len(manifest.contents),
        "entries": manifest.trail.length,
        "head": manifest.trail.head,
    }


def _tell_faults(manifest: Manifest) -> None:
    """What was not whole already where it was exported; status 1, for it is carried on and not mended."""
    for one in manifest.missing:
        say(REFUSALS[one.why].format(name=one.name, sha256=one.sha256[:12]), err=True)
    if manifest.trail.broken_at is not None:
        say(phrase("audit.broken", entry=manifest.trail.broken_at), err=True)
    if manifest.missing or manifest.trail.broken_at is not None:
        raise typer.Exit(1)
