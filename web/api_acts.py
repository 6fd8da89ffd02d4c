"""What a system may do for the people who work in it: answer a matter by the form of its kind, hand in evidence."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Form, Header, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, create_model
from pydantic_core import PydanticUndefined

from db import matters
from db.ledger.context import SystemAccess
from db.ledger.evidence import add_evidence
from db.ledger.systems import LONGEST_RETRY_KEY, answered_once
from db.matters import MATTERS, Answer, Matter, MatterKind
from db.matters.kind import Button
from papers.evidence import keep_file
from plan.types import Door
from rules.actors import is_one_of
from tasks.context import ledger_context
from tasks.follow import follow_ledger
from tasks.kept_evidence import evidence_store
from text.limits import LONGEST_NAME
from text.refusals import Refusal
from web.api_door import AskingSystem
from web.api_reads import MatterId, MatterState, acts_of, matter_state

RetryKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", description=f"重试键，1至{LONGEST_RETRY_KEY}个字符：同键再发只办理一次，七天内有效"
    ),
]
Question = Annotated[
    str, Query(description="GET /matters/{id} 所给的 question；已另有一问的，答复不登记", max_length=64)
]


class EvidenceLine(BaseModel):
    """一份收下的佐证文件。"""

    id: int
    name: str
    bytes: int
    sha256: str


def acting_router() -> APIRouter:
    """The acts of every kind of matter that the registry has, each with the form of its kind."""
    router = APIRouter()
    for kind in MATTERS.values():
        for act, button in acts_of(kind).items():
            router.add_api_route(
                f"/matters/{{matter}}/{act}",
                _acting(kind, button, act_form(kind, button, act)),
                methods=["POST"],
                response_model=MatterState,
                summary=button.label,
                name=f"{kind.key}_{act}",
            )
    router.add_api_route(
        "/matters/{matter}/evidence", _evidence, methods=["POST"], status_code=201, summary="上传佐证文件"
    )
    return router


def act_form(kind: MatterKind[Any], button: Button, act: str) -> type[BaseModel]:
    """The form of a kind without what its button says already; what the button needs must be given.

    Args:
        kind: of the matter.
        button: one of its answers.
        act: what that answer is called here.
    """
    fields: dict[str, Any] = {}
    for name, field in kind.form.model_fields.items():
        if name in button.sets:
            continue
        shown = copy(field)
        if name in button.needs:
            shown.default = PydanticUndefined
        fields[name] = (field.annotation, shown)
    name = "".join(part.title() for part in (kind.key, *act.split("-")))
    return create_model(name, __config__=ConfigDict(extra="forbid"), __doc__=kind.form.__doc__, **fields)


def _acting(kind: MatterKind[Any], button: Button, form: type[BaseModel]) -> Callable[..., dict[str, Any]]:
    def act(
        matter: MatterId,
        filled: form,  # type: ignore[valid-type]
        system: AskingSystem,
        answer: Response,
        after: BackgroundTasks,
        retry_key: RetryKey = None,
        question: Question = "",
    ) -> dict[str, Any]:
        assert isinstance(filled, BaseModel)
        taken, again = _take(system, kind, button, matter, question, filled, retry_key)
        if again:
            answer.headers["Idempotency-Replayed"] = "true"
        after.add_task(follow_ledger)
        return dict(taken)

    act.__doc__ = f"{kind.about}by 是系统所代的人；他与系统都须有权。"
    return act


def _take(
    system: SystemAccess,
    kind: MatterKind[Any],
    button: Button,
    matter: str,
    question: str,
    filled: BaseModel,
    retry_key: str | None,
) -> tuple[Mapping[str, Any], bool]:
    answer = kind.form.model_validate(filled.model_dump() | dict(button.sets))
    with ledger_context(answer.by, door=Door.API, system=system) as ctx:

        def act() -> Mapping[str, Any]:
            found = matters.found_by_tag(ctx, matter)
            if found.kind != kind.key or (question and not matters.asks_still(found, question)):
                raise Refusal("matter_moved_on")
            _check_asked(found, answer)
            if empty := [name for name in button.needs if not str(getattr(answer, name)).strip()]:
                raise Refusal("answer_missing", field=kind.form.model_fields[empty[0]].title)
            if not matters.answer(ctx, found, answer):
                raise Refusal("matter_moved_on")
            ctx.session.flush()
            said = MatterState(**matter_state(ctx, matters.matter(ctx, found.subject, found.id)))
            return said.model_dump(mode="json")

        if retry_key is None:
            return act(), False
        asked = f"{matter}\n{button.key}\n{question}\n{filled.model_dump_json()}"
        return answered_once(ctx, retry_key, asked.encode(), act)


def _check_asked(found: Matter, answer: Answer) -> None:
    """Whoever is not asked is refused alike, whether he exists or not."""
    if not is_one_of(answer.by, found.may_answer):
        raise Refusal("matter_not_asked", person=answer.by, asked="、".join(found.asked))


def _evidence(
    matter: MatterId,
    system: AskingSystem,
    file: UploadFile,
    by: Annotated[str, Form(description="系统所代的人", min_length=1, max_length=LONGEST_NAME)],
) -> EvidenceLine:
    """待填报的一期的佐证文件；下一次填报自动列入。同一文件再传不重复。"""
    with ledger_context(by, door=Door.API, system=system) as ctx:
        found = matters.found_by_tag(ctx, matter)
        if not found.kind or not MATTERS[found.kind].takes_files or found.period_id is None:
            raise Refusal("matter_moved_on")
        if not is_one_of(by, found.may_answer):
            raise Refusal("matter_not_asked", person=by, asked="、".join(found.asked))
        most = ctx.policy.evidence.file_megabytes * 2**20
        stored = keep_file(evidence_store(), file.filename or "", file.file, most)
        kept = add_evidence(ctx, found.period_id, stored, found.keeps_files)
        return EvidenceLine(id=kept.id, name=kept.name, bytes=kept.size, sha256=kept.sha256)
