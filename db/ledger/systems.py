"""Systems of the office that speak for the people who work in them: made and taken back by the operators.

A token is shown once and kept as a digest. What a system may do is said in the words of the table of rights and
narrows what the person may for whom it speaks: both must be allowed it.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from db.ledger import audit
from db.ledger.channels import forget
from db.ledger.context import LedgerContext, SystemAccess
from db.ledger.deciders import authorised
from db.ledger.doors import digest_of
from db.ledger.known_names import checked_name, known_name, known_names
from db.ledger.message_queue import SYSTEM_CHANNEL, drop_events, notify_operators
from db.models import KeptAnswer, System
from plan.types import Act
from rules.actors import folded
from text.catalogue import phrase
from text.limits import LONGEST_NAME
from text.refusals import Refusal

LONGEST_RETRY_KEY = 200
_ANSWERS_KEPT = timedelta(days=7)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SystemLine:
    """A system as operators look at it; instants are aware, ``revoked_at`` and ``used_at`` None while there is none.

    ``told_at`` is the address under which it is told what happens, without its query; empty where it asks.
    """

    name: str
    acts: tuple[str, ...]
    people: tuple[str, ...]
    told_at: str
    made_by: str
    made_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def add_system(ctx: LedgerContext, name: str, acts: Sequence[str], people: Sequence[str] = ()) -> str:
    """Let a system speak for people.

    Args:
        ctx: the context; its actor is an operator.
        name: what it is called, on one line.
        acts: what it may do, in the words of the table of rights; none: it only looks.
        people: for whom alone, however the names are spelt; none: for everybody.

    Returns:
        Its token, which nobody can be shown again.

    Raises:
        Refusal: ``system_act_unknown``, ``system_known``, ``actor_empty`` or ``actor_too_long`` for the name,
            ``actor_unknown``, and those of ``authorised``.
    """
    ctx = authorised(ctx, Act.CONFIGURE)
    audit.queue(ctx.session)  # of two who add one at once the second sees the first
    called = checked_name(name, LONGEST_NAME)
    if wrong := [one for one in acts if one not in tuple(Act)]:
        raise Refusal("system_act_unknown", act=wrong[0], known="、".join(Act))
    names = known_names(ctx.session, ctx.today)
    whom = [known_name(one, names) for one in people]
    if present := [one.name for one in _in_force(ctx) if one.folded == folded(called)]:
        raise Refusal("system_known", name=present[0])
    token = f"duban-{secrets.token_urlsafe(32)}"
    made = System(
        name=called,
        folded=folded(called),
        digest=digest_of(token),
        acts=[one.value for one in Act if one in acts],
        people=list(dict.fromkeys(whom)),
        made_by=ctx.actor,
        made_at=ctx.now,
    )
    ctx.session.add(made)
    ctx.session.flush()
    audit.append(ctx, "add-system", called, acts=made.acts, people=made.people)
    return token


def _configured(ctx: LedgerContext, name: str) -> tuple[LedgerContext, System]:
    """The context in the name of an operator, and the system he means; two who change one come one after the other."""
    ctx = authorised(ctx, Act.CONFIGURE)
    audit.queue(ctx.session)
    return ctx, system_called(ctx, name)


def revoke_system(ctx: LedgerContext, name: str) -> str:
    """Take the token of a system back: from now on it is nobody.

    Args:
        ctx: the context; its actor is an operator.
        name: however it is spelt.

    Returns:
        What it is called.

    Raises:
        Refusal: ``system_unlisted``, and those of ``authorised``.
    """
    ctx, found = _configured(ctx, name)
    found.revoked_at = ctx.now
    _untell(ctx, found)
    audit.append(ctx, "revoke-system", found.name)
    return found.name


def subscribe_system(ctx: LedgerContext, name: str, address: str) -> str:
    """Tell a system what happens from now on; what it was told elsewhere and did not take goes there, too.

    Args:
        ctx: the context; its actor is an operator.
        name: however it is spelt.
        address: where it is told; that it may be reached was looked at.

    Returns:
        The ledger's name of the secret that signs what it is told: a new one each time.

    Raises:
        Refusal: ``system_unlisted``, and those of ``authorised``.
    """
    ctx, found = _configured(ctx, name)
    found.hook_address, found.hook_handle = address, secrets.token_urlsafe(16)
    found.channel = f"{SYSTEM_CHANNEL}{found.id}:{found.name[:10]}"
    forget(ctx, found.channel)
    if found.told_upto is None:
        found.told_upto, _ = audit.trail_end(ctx.session)
    audit.append(ctx, "subscribe-system", found.name, address=_without_secret(address))
    return found.hook_handle


def unsubscribe_system(ctx: LedgerContext, name: str) -> str:
    """Tell a system nothing more; what waits for it is laid aside.

    Args:
        ctx: the context; its actor is an operator.
        name: however it is spelt.

    Returns:
        What it is called.

    Raises:
        Refusal: ``system_unlisted``, ``system_not_told``, and those of ``authorised``.
    """
    ctx, found = _configured(ctx, name)
    if found.hook_address is None:
        raise Refusal("system_not_told", name=found.name)
    _untell(ctx, found)
    audit.append(ctx, "unsubscribe-system", found.name)
    return found.name


def _untell(ctx: LedgerContext, system: System) -> None:
    system.hook_address = system.hook_handle = system.told_upto = None
    drop_events(ctx, system.id)
    if system.channel is not None:
        forget(ctx, system.channel)


def _without_secret(address: str) -> str:
    """An address as the trail and the operators may see it: systems like to put a key into its query."""
    return address.partition("?")[0]


def system_called(ctx: LedgerContext, name: str) -> System:
    """A system in force.

    Args:
        ctx: the context.
        name: however it is spelt.

    Raises:
        Refusal: ``system_unlisted``.
    """
    present = _in_force(ctx)
    found = next((one for one in present if one.folded == folded(name)), None)
    if found is None:
        raise Refusal("system_unlisted", name=name, known="、".join(one.name for one in present) or "无")
    return found


def _in_force(ctx: LedgerContext) -> Sequence[System]:
    return ctx.session.execute(select(System).where(System.revoked_at.is_(None)).order_by(System.id)).scalars().all()


def system_lines(ctx: LedgerContext) -> list[SystemLine]:
    """All systems there ever were, in the order in which they came, in the ledger of ``ctx``."""
    return [
        SystemLine(
            name=one.name,
            acts=tuple(one.acts),
            people=tuple(one.people),
            told_at=_without_secret(one.hook_address or ""),
            made_by=one.made_by,
            made_at=one.made_at,
            used_at=one.used_at,
            revoked_at=one.revoked_at,
        )
        for one in ctx.session.execute(select(System).order_by(System.id)).scalars()
    ]


def system_showing(ctx: LedgerContext, token: str) -> SystemAccess | None:
    """The system that a token belongs to; None for one that is not in force, whatever is wrong with it.

    Args:
        ctx: the context; that the system was there is noted to the minute.
        token: as it was shown, from anywhere.
    """
    digest = digest_of(token)
    found = ctx.session.execute(select(System).where(System.digest == digest)).scalar_one_or_none()
    if found is None or not secrets.compare_digest(found.digest, digest) or found.revoked_at is not None:
        return None
    long_ago = or_(System.used_at.is_(None), System.used_at <= ctx.now - _MINUTE)
    ctx.session.execute(update(System).where(System.id == found.id, long_ago).values(used_at=ctx.now))
    acts = frozenset(Act(one) for one in found.acts if one in tuple(Act))
    return SystemAccess(found.id, found.name, acts, frozenset(found.people))


def tell_guessed_tokens(ctx: LedgerContext, address: str) -> None:
    """Tell the operators, once a day, that a machine shows tokens that belong to nobody.

    Args:
        ctx: the context.
        address: of the machine.
    """
    notify_operators(ctx, f"token-guessed:{address}:{ctx.today}", phrase("web.token_guessed", address=address))


def answered_once(
    ctx: LedgerContext, key: str, asked: bytes, act: Callable[[], Mapping[str, Any]]
) -> tuple[Mapping[str, Any], bool]:
    """Act, unless the system of the context was answered under this key: then the same answer, and nothing is done.

    Act and answer are one transaction. Of two requests that come at once the second waits for the first.

    Args:
        ctx: the context of a system.
        key: the system's own for this request.
        asked: what is asked, all of it.
        act: acts in the same transaction; what it returns can be said as JSON.

    Returns:
        The answer, and whether it was given before.

    Raises:
        Refusal: ``retry_key_wrong``, ``retry_key_used`` when something else was asked under this key, and those of
            ``act``: a refusal is not kept.
    """
    assert ctx.system is not None
    if not 0 < len(key) <= LONGEST_RETRY_KEY or not key.isprintable():
        raise Refusal("retry_key_wrong", limit=LONGEST_RETRY_KEY)
    digest = hashlib.sha256(asked).hexdigest()
    ctx.session.execute(delete(KeptAnswer).where(KeptAnswer.kept_at < ctx.now - _ANSWERS_KEPT))
    row = {"system_id": ctx.system.id, "key": key, "digest": digest, "answer": {}, "kept_at": ctx.now}
    taken = insert(KeptAnswer).values(row).on_conflict_do_nothing().returning(KeptAnswer.key)
    first = ctx.session.execute(taken).first() is not None
    kept = ctx.session.get_one(KeptAnswer, (ctx.system.id, key))
    if not first:
        if kept.digest != digest:
            raise Refusal("retry_key_used")
        return kept.answer, True
    kept.answer = dict(act())
    return kept.answer, False
