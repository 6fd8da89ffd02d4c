"""Who comes in by a link or a session: given to one person, found again by a digest, expiring, taken back.

Opening a link changes nothing, however often a scanner does it; only a session uses its link up.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from db.ledger import audit
from db.ledger.context import LedgerContext
from db.ledger.known_names import known_name, known_names
from db.ledger.message_queue import notify_operators
from db.models import KeptForm, Link, Password, Person, SignIn
from plan.types import Door
from rules.actors import folded
from text.catalogue import phrase
from text.limits import LONGEST_NAME
from text.refusals import Refusal

CALENDAR_DAYS = 366
MOST_CODES, MOST_TRIES = 3, 5
"""Codes of one person that are good at once; wrong ones that may be typed while they are."""
CALENDAR = "calendar"
"""The matter of a link by which a calendar is given its owner's dates: no subject has such a tag."""
ALL_OF_HIS = ""
"""The matter of a link that opens whatever is asked of its person."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a page: the person, as the plan or the operators spell him, and by which door he came.

    ``matter`` is the tag of the one matter that his link opens, empty for all of his; None for a session.
    """

    person: str
    door: Door
    matter: str | None = None


def digest_of(token: str) -> str:
    """What is kept of something that opens a page.

    Args:
        token: as its holder has it.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def give_links(
    ctx: LedgerContext, wanted: Iterable[tuple[str, str]], sign: Callable[[str], str]
) -> dict[tuple[str, str], str]:
    """Personal links; who has one for a matter gets the same one again, for as long as a new one would last.

    Args:
        ctx: the context; links last from its ``now``.
        wanted: a person, as the plan or the operators spell him, and the tag of a matter (``ALL_OF_HIS`` for all).
        sign: makes of a handle what its holder shows, the same each time.

    Returns:
        What the holder shows, by person and matter.
    """
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    expires_at = ctx.now + timedelta(days=ctx.policy.doors.link_days)
    rows = []
    for person, matter in pairs:
        handle = secrets.token_urlsafe(16)
        rows.append(
            {
                "handle": handle,
                "digest": digest_of(sign(handle)),
                "person": person,
                "matter": matter,
                "created_at": ctx.now,
                "expires_at": expires_at,
            }
        )
    made = insert(Link).values(rows)
    # By the index of what is in force: the row that is there stays, and lasts longer.
    kept = made.on_conflict_do_update(
        index_elements=[Link.person, Link.matter],
        index_where=Link.revoked_at.is_(None) & ~Link.signs_in,
        set_={"expires_at": made.excluded.expires_at},
    ).returning(Link.person, Link.matter, Link.handle, Link.digest)
    found = {}
    for person, matter, handle, digest in ctx.session.execute(kept).tuples():
        token = sign(handle)
        found[person, matter] = token
        if digest_of(token) != digest:  # the office has another secret since
            ctx.session.execute(update(Link).where(Link.handle == handle).values(digest=digest_of(token)))
    return found


def personal_link(ctx: LedgerContext, given: str, matter: str, sign: Callable[[str], str]) -> tuple[str, str]:
    """A link that an operator asks for somebody: to one matter, or to sign in.

    Args:
        ctx: the context; its actor asks.
        given: for whom, however the name is spelt.
        matter: tag of a matter; ``ALL_OF_HIS`` for a link that begins a session, once.
        sign: as for ``give_links``.

    Returns:
        The person, as the plan or the operators spell him, and what he shows.

    Raises:
        Refusal: ``actor_empty``, ``actor_too_long``, ``actor_unknown``.
    """
    person = known_name(given, known_names(ctx.session, ctx.today))
    audit.append(ctx, "give-link", person, matter=matter)
    if matter:
        return person, give_links(ctx, [(person, matter)], sign)[person, matter]
    return person, sign(_sign_in_link(ctx, person, sign))


def _sign_in_link(ctx: LedgerContext, person: str, sign: Callable[[str], str]) -> str:
    handle = secrets.token_urlsafe(16)
    link = Link(
        handle=handle,
        digest=digest_of(sign(handle)),
        person=person,
        matter=ALL_OF_HIS,
        signs_in=True,
        created_at=ctx.now,
        expires_at=ctx.now + timedelta(minutes=ctx.policy.doors.sign_in_minutes),
    )
    ctx.session.add(link)
    return handle


@dataclass(frozen=True, slots=True)
class SignInMessage:
    """What lets a person sign in, and the ways to him: pairs of channel and address, the preferred first."""

    person: str
    handle: str
    channels: tuple[tuple[str, str], ...]


def ask_to_sign_in(ctx: LedgerContext, given: str, sign: Callable[[str], str]) -> SignInMessage | None:
    """A link and code that sign a person in, to be sent to him by his own channels.

    Args:
        ctx: the context.
        given: his name, however it is spelt, from anywhere.
        sign: as for ``give_links``.

    Returns:
        None for a name that nobody bears who may act, for one without a channel, and for one that has asked too often
        of late; who asks must not learn which.
    """
    names = known_names(ctx.session, ctx.today)
    person = names.get(folded(given[:LONGEST_NAME]))
    channels = ctx.session.execute(select(Person.channels).where(Person.name == person)).scalars().first()
    if person is None or not channels or len(_good_sign_ins(ctx, person)) >= MOST_CODES:
        return None
    handle = _sign_in_link(ctx, person, sign)
    return SignInMessage(person, handle, tuple((name, address) for name, address in channels))


def enter_by_code(ctx: LedgerContext, given: str, code: str, code_of: Callable[[str], str]) -> str | None:
    """Sign somebody in by the code that was sent to him; codes that were guessed at too often are good no more.

    Args:
        ctx: the context.
        given: his name, however it is spelt, from anywhere.
        code: as it was typed.
        code_of: the code of a handle.

    Returns:
        What his browser keeps; None where the code is wrong.
    """
    person = known_names(ctx.session, ctx.today).get(folded(given[:LONGEST_NAME]), "")
    good = _good_sign_ins(ctx, person)
    for link in good:
        if secrets.compare_digest(code_of(link.handle).encode(), "".join(code.split()).encode()):
            return begin_session(ctx, link)
    for link in good:
        link.tries += 1
        if link.tries >= MOST_TRIES:
            link.revoked_at = ctx.now
            notify_operators(ctx, f"locked-out:{link.handle}", phrase("web.locked_out", person=person))
    return None


def _good_sign_ins(ctx: LedgerContext, person: str) -> Sequence[Link]:
    good = select(Link).where(
        Link.person == person, Link.signs_in, Link.revoked_at.is_(None), Link.expires_at > ctx.now
    )
    return ctx.session.execute(good.order_by(Link.created_at, Link.handle).with_for_update()).scalars().all()


def link_holder(ctx: LedgerContext, handle: str, token: str) -> Link:
    """The link that somebody shows, if it opens anything; looking changes nothing.

    Args:
        ctx: the context.
        handle: what ``token`` signs.
        token: as it was shown.

    Raises:
        Refusal: ``link_wrong`` for one that was never given, ``link_revoked``, ``link_expired``, ``link_left`` when its
            person is no longer one who acts.
    """
    link = ctx.session.get(Link, handle)
    if link is None or not secrets.compare_digest(link.digest, digest_of(token)):
        raise Refusal("link_wrong")
    # First, for it is why the others were taken back.
    if folded(link.person) not in known_names(ctx.session, ctx.today):
        raise Refusal("link_left", person=link.person)
    if link.revoked_at is not None:
        raise Refusal("link_revoked")
    if link.expires_at <= ctx.now:
        raise Refusal("link_expired")
    return link


def calendar_link(ctx: LedgerContext) -> Link | None:
    """The link by which the calendar of the context's actor is given his dates; None where he has none in force.

    Args:
        ctx: its actor is the person, as the plan or the operators spell him.
    """
    his = select(Link).where(Link.person == ctx.actor, Link.matter == CALENDAR, Link.revoked_at.is_(None))
    return ctx.session.execute(his.where(Link.expires_at > ctx.now)).scalar_one_or_none()


def subscribe(ctx: LedgerContext, sign: Callable[[str], str]) -> str:
    """Give the context's actor an address for his calendar; the one that he had opens nothing any more.

    Args:
        ctx: its actor is the person.
        sign: makes of a handle what the calendar shows.

    Returns:
        What the calendar shows; it is good for a year.

    Raises:
        Refusal: those of ``LedgerContext.acting``.
    """
    ctx = ctx.acting()
    audit.append(ctx, "subscribe", ctx.actor)
    before = update(Link).where(Link.person == ctx.actor, Link.matter == CALENDAR, Link.revoked_at.is_(None))
    ctx.session.execute(before.values(revoked_at=ctx.now))
    handle = secrets.token_urlsafe(16)
    token = sign(handle)
    expires_at = ctx.now + timedelta(days=CALENDAR_DAYS)
    made = Link(handle=handle, digest=digest_of(token), person=ctx.actor, matter=CALENDAR, created_at=ctx.now)
    made.expires_at = expires_at
    ctx.session.add(made)
    return token


def revoke_links(ctx: LedgerContext, given: str, matter: str | None = None) -> int:
    """Take links and sessions of a person back.

    Args:
        ctx: the context; its actor takes them back.
        given: whose, however the name is spelt; also of somebody who left.
        matter: the links to this one alone (its tag), no session then; None: all.

    Returns:
        How many links and sessions open nothing any more.
    """
    person = known_names(ctx.session, ctx.today).get(folded(given), given)
    of_his = update(Link).where(Link.person == person, Link.revoked_at.is_(None))
    if matter is not None:
        of_his = of_his.where(Link.matter == matter)
    count: int = ctx.session.execute(of_his.values(revoked_at=ctx.now)).rowcount  # type: ignore[attr-defined]
    if matter is None:
        count += end_sessions(ctx, person)
    audit.append(ctx, "revoke-links", person, matter=matter, count=count)
    return count


def close_doors(ctx: LedgerContext, names: Sequence[str]) -> None:
    """Take back all links, sessions and passwords of people who left.

    Args:
        ctx: the context; its ``now`` is when they are taken back.
        names: as the roster spells them.
    """
    of_links = Link.person.in_(names) & Link.revoked_at.is_(None)
    ctx.session.execute(update(Link).where(of_links).values(revoked_at=ctx.now))
    of_sessions = SignIn.person.in_(names) & SignIn.ended_at.is_(None)
    ctx.session.execute(update(SignIn).where(of_sessions).values(ended_at=ctx.now))
    theirs = select(Person.id).where(Person.name.in_(names))
    ctx.session.execute(delete(Password).where(Password.person_id.in_(theirs)))


def begin_session(ctx: LedgerContext, link: Link) -> str:
    """Sign the person of a link in; the link is used up.

    Args:
        ctx: the context.
        link: what ``link_holder`` gave, one that signs in.

    Returns:
        What his browser keeps.

    Raises:
        Refusal: ``link_wrong`` for a link that opens a matter only, ``link_revoked`` when another was quicker.
    """
    if not link.signs_in:
        raise Refusal("link_wrong")
    used = update(Link).where(Link.handle == link.handle, Link.revoked_at.is_(None)).values(revoked_at=ctx.now)
    if not ctx.session.execute(used).rowcount:  # type: ignore[attr-defined]
        raise Refusal("link_revoked")
    return new_session(ctx, link.person, "code")


def new_session(ctx: LedgerContext, person: str, way: str) -> str:
    """Sign somebody in of whom it is known who he is; the key is new each time, so that nobody can have it beforehand.

    Args:
        ctx: the context.
        person: as the plan or the operators spell him.
        way: how he was known: ``code``, ``password`` or ``oidc``.

    Returns:
        What his browser keeps.
    """
    key = secrets.token_urlsafe(32)
    expires_at = ctx.now + timedelta(hours=ctx.policy.doors.session_hours)
    ctx.session.add(SignIn(digest=digest_of(key), person=person, began_at=ctx.now, expires_at=expires_at))
    audit.append(replace(ctx, actor=person), "sign-in", person, way=way)
    return key


def end_sessions(ctx: LedgerContext, person: str) -> int:
    """End all sessions of somebody.

    Args:
        ctx: the context.
        person: as the plan or the operators spell him.

    Returns:
        How many lasted.
    """
    ended = update(SignIn).where(SignIn.person == person, SignIn.ended_at.is_(None)).values(ended_at=ctx.now)
    count: int = ctx.session.execute(ended).rowcount  # type: ignore[attr-defined]
    return count


def signed_in(ctx: LedgerContext, key: str) -> str | None:
    """Whose session a browser shows; None when it is over, or when its person acts no more.

    Args:
        ctx: the context.
        key: what the browser keeps.
    """
    found = ctx.session.get(SignIn, digest_of(key))
    if found is None or found.ended_at is not None or found.expires_at <= ctx.now:
        return None
    return known_names(ctx.session, ctx.today).get(folded(found.person))


def end_session(ctx: LedgerContext, key: str) -> None:
    """End a session, if it lasts.

    Args:
        ctx: the context.
        key: what the browser keeps.
    """
    of_it = update(SignIn).where(SignIn.digest == digest_of(key), SignIn.ended_at.is_(None))
    ctx.session.execute(of_it.values(ended_at=ctx.now))


def keep_written(ctx: LedgerContext, person: str, matter: str, values: Mapping[str, Any]) -> None:
    """Keep what somebody wrote into a form until he hands it in.

    Args:
        ctx: the context.
        person: who writes.
        matter: tag of the matter.
        values: of the form's fields, by their names.
    """
    made = insert(KeptForm).values(person=person, matter=matter, values=dict(values), kept_at=ctx.now)
    renewed = {"values": made.excluded["values"], "kept_at": made.excluded.kept_at}
    ctx.session.execute(made.on_conflict_do_update(index_elements=[KeptForm.person, KeptForm.matter], set_=renewed))


def kept_form(ctx: LedgerContext, person: str, matter: str) -> KeptForm | None:
    """What somebody wrote and has not handed in.

    Args:
        ctx: the context.
        person: who wrote.
        matter: tag of the matter.
    """
    return ctx.session.execute(
        select(KeptForm).where(KeptForm.person == person, KeptForm.matter == matter)
    ).scalar_one_or_none()


def drop_kept_form(ctx: LedgerContext, person: str, matter: str) -> None:
    """Forget what somebody wrote, because he handed it in.

    Args:
        ctx: the context.
        person: who wrote.
        matter: tag of the matter.
    """
    kept = kept_form(ctx, person, matter)
    if kept is not None:
        ctx.session.delete(kept)
