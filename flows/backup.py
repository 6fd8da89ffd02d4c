"""``backup``: once a day everything into one file, and once a month that file restored on trial."""

from typing import Any

from anyio import to_thread
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from tasks.backup import back_up
from tasks.titles import engine_title, entitle_run
from text.catalogue import phrase


@flow(name="backup")
async def backup_flow() -> State[Any]:
    """备份一次：全部内容导出成一个文件，按策略保留；到期的试恢复一次。"""
    done = await to_thread.run_sync(back_up)
    await entitle_run(engine_title("backup", done.at, {"tried": int(done.rehearsed)}))
    if done.error is not None:
        return Failed(message=phrase("backup.not_restored", file=done.path.name, why=done.error))
    return Completed(message=phrase("backup.made", file=done.path.name, rows=done.manifest.rows))
