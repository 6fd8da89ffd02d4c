"""Passwords, for whoever wants one beside the codes that come by his own channel: kept as argon2 hashes.

A wrong password takes as long as a wrong name; after a few of one person his password is not taken for a while, and the
operators are told. Whoever knows a code or holds a link still comes in.
"""

import unicodedata
from datetime import timedelta

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import func, select

from db.ledger import audit
from db.ledger.context import LedgerContext
from db.ledger.deciders import authorised
from db.ledger.doors import digest_of, end_session, end_sessions, new_session
from db.ledger.known_names import known_name, known_names
from db.ledger.message_queue import notify_operators
from db.models import Password, Person
from plan.types import Act
from rules.actors import folded
from text.catalogue import phrase
from text.limits import LONGEST_NAME
from text.refusals import Refusal

LONGEST_PASSWORD, FEWEST_KINDS = 256, 5
MOST_WRONG, LOCKED = 5, timedelta(minutes=30)
_HASHES = PasswordHash((Argon2Hasher(),))
_NOBODYS = _HASHES.hash("nobody")
"""What is compared with where there is no password, so that it takes as long; made beforehand for the same reason."""


def passwords_are_set(ctx: LedgerContext) -> bool:
    """Whether anybody in the ledger of ``ctx`` signs in by a password, so that a page asks for one."""
    return ctx.session.execute(select(Password.person_id).limit(1)).first() is not None


def has_password(ctx: LedgerContext, person: str) -> bool:
    """Whether somebody has a password.

    Args:
        ctx: the context.
        person: as the plan or the operators spell him.
    """
    return _of(ctx, folded(person)) is not None


def _of(ctx: LedgerContext, folded_name: str) -> Password | None:
    of_his = select(Password).join(Person, Person.id == Password.person_id).where(Person.folded == folded_name)
    return ctx.session.execute(of_his.with_for_update(of=Password)).scalar_one_or_none()


def give_password(ctx: LedgerContext, given: str, password: str) -> str:
    """Set the password of somebody; his sessions end.

    Args:
        ctx: the context; its actor is an operator.
        given: whose, however the name is spelt.
        password: the new one.

    Returns:
        The person, as the plan or the operators spell him.

    Raises:
        Refusal: those of ``authorised``, of ``known_name``, and ``password_short``, ``password_long``,
            ``password_plain``.
    """
    ctx = authorised(ctx, Act.CONFIGURE)
    person = known_name(given, known_names(ctx.session, ctx.today))
    _set(ctx, person, password)
    return person


def change_password(ctx: LedgerContext, old: str, password: str) -> str:
    """Set the password of the context's actor, who is signed in; all his sessions end and a new one begins.

    Args:
        ctx: its actor, and nobody else, changes his own.
        old: the one that he has; whatever it is where he has none.
        password: the new one.

    Returns:
        What his browser keeps from now on.

    Raises:
        Refusal: ``password_old_wrong``, those of ``give_password`` about the new one, and those of
            ``LedgerContext.acting``.
    """
    ctx = ctx.acting()
    present = _of(ctx, folded(ctx.actor))
    if present is not None and not _is_right(old, present.hash):
        raise Refusal("password_old_wrong")
    _set(ctx, ctx.actor, password)
    return new_session(ctx, ctx.actor, "password")


def _set(ctx: LedgerContext, person: str, password: str) -> None:
    plain, least = _normal(password), ctx.policy.doors.password_least
    if len(plain) < least:
        raise Refusal("password_short", least=least)
    if len(plain) > LONGEST_PASSWORD:
        raise Refusal("password_long", most=LONGEST_PASSWORD)
    if len(set(plain)) < FEWEST_KINDS or folded(person) in folded(plain):
        raise Refusal("password_plain", kinds=FEWEST_KINDS)
    row = _of(ctx, folded(person))
    if row is None:
        person_id = ctx.session.execute(select(Person.id).where(Person.folded == folded(person))).scalar_one()
        row = Password(person_id=person_id)
        ctx.session.add(row)
    row.hash, row.set_at, row.failures, row.locked_until = _HASHES.hash(plain), ctx.now, 0, None
    end_sessions(ctx, person)
    audit.append(ctx, "set-password", person)


def remove_password(ctx: LedgerContext, given: str) -> str:
    """Take the password of somebody back; his sessions end, and he signs in by a code.

    Args:
        ctx: the context; its actor is an operator.
        given: whose, however the name is spelt.

    Returns:
        The person, as the plan or the operators spell him.

    Raises:
        Refusal: ``password_none``, and those of ``authorised`` and ``known_name``.
    """
    ctx = authorised(ctx, Act.CONFIGURE)
    person = known_name(given, known_names(ctx.session, ctx.today))
    row = _of(ctx, folded(person))
    if row is None:
        raise Refusal("password_none", person=person)
    ctx.session.delete(row)
    end_sessions(ctx, person)
    audit.append(ctx, "remove-password", person)
    return person


def enter_by_password(ctx: LedgerContext, given: str, password: str, before: str | None = None) -> str | None:
    """Sign somebody in by his password.

    Args:
        ctx: the context.
        given: his name, however it is spelt, from anywhere.
        password: as it was typed.
        before: the session that his browser showed until now, which ends; None where it showed none.

    Returns:
        What his browser keeps; None for a wrong name or password, or one that is locked: nobody is told which.
    """
    name = folded(given[:LONGEST_NAME])
    # One after the other for each name, known or not: guesses that come at once are counted, too.
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"password:{name}"))))
    person = known_names(ctx.session, ctx.today).get(name)
    row = _of(ctx, name) if person is not None else None
    right = _is_right(password, row.hash if row else _NOBODYS)
    if person is None or row is None or (row.locked_until is not None and row.locked_until > ctx.now):
        return None
    if right:
        row.failures, row.locked_until = 0, None
        if before is not None:
            end_session(ctx, before)
        return new_session(ctx, person, "password")
    row.failures += 1
    if row.failures >= MOST_WRONG:
        row.failures, row.locked_until = 0, ctx.now + LOCKED
        minutes = int(LOCKED.total_seconds()) // 60
        rung = f"password-locked:{digest_of(name)[:12]}:{ctx.now.isoformat()}"
        notify_operators(ctx, rung, phrase("web.password_locked", person=person, minutes=minutes))
    return None


def _is_right(password: str, hashed: str) -> bool:
    try:
        return _HASHES.verify(_normal(password[: 4 * LONGEST_PASSWORD]), hashed)
    except UnknownHashError:  # changed by hand: nobody comes in by it
        return False


def _normal(password: str) -> str:
    """The same signs for the same keys, whatever keyboard or system they were typed on (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)
