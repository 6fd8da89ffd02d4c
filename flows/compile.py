"""``compile``: a paper that is due by the calendar is put before the office; what it says is read when it is opened."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from db.ledger.context import SYSTEM_ACTOR
from db.ledger.drafts import begin_drafts
from tasks.matters import in_ledger
from text.catalogue import phrase


@flow(name="compile")
async def compile_flow(paper: str) -> State[Any]:
    """文书：到期的一期，草稿交整改办阅改、定稿并发布。

    Args:
        paper: key of the paper.
    """
    begun = await in_ledger(SYSTEM_ACTOR, lambda ctx: begin_drafts(ctx, paper))
    return Completed(name=phrase("paper.begun", n=begun) if begun else phrase("name.nothing"))
