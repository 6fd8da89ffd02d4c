"""Who may do what: the policy's table of rights, the same at every door, and nobody about his own work."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from db.ledger.context import LedgerContext, recipients_of
from db.models import Inspection, Measure, Person
from plan.types import JUDGING, LISTED, PROVED, UNIT, Act, Audience
from rules.actors import folded, is_one_of
from text.catalogue import phrase, term
from text.refusals import Refusal

_NAMED = 5
"""How many names a refusal gives at most."""


def authorised(
    ctx: LedgerContext, act: Act, measure: Measure | None = None, asked: Sequence[int] = ()
) -> LedgerContext:
    """The same context in the name of whoever acts, who has the right to.

    Args:
        ctx: its actor acts, by its door.
        act: what he does.
        measure: about which; None for what is of the whole ledger.
        asked: ids of the recipients who are asked to: they may whatever the table says, even where it is their own.

    Raises:
        Refusal: ``system_may_not`` for a system that may not do it for anybody, ``proof_needed`` at a door where nobody
            knows who acts, ``actor_is_unit`` or ``actor_is_late_unit`` for
            a post of the unit that would judge its own work, ``actor_may_not`` for whoever has no such right, and those
            of ``LedgerContext.acting``.
    """
    ctx = ctx.acting()
    right = ctx.policy.right(act)
    if ctx.system is not None and act not in ctx.system.acts:
        raise Refusal("system_may_not", system=ctx.system.name, act=term(act))
    if right.proved and ctx.door not in PROVED:
        raise Refusal("proof_needed", act=term(act))
    if measure is not None and is_one_of(ctx.actor, ctx.acting_names(asked)):
        return ctx
    if measure is not None and act in JUDGING and is_one_of(ctx.actor, post_names(ctx, measure, *UNIT)):
        code = "actor_is_late_unit" if act is Act.INSTRUCT else "actor_is_unit"
        raise Refusal(code, actor=ctx.actor, measure=measure.full_code)
    having = ctx.acting_names(
        with_right(ctx, act, measure) if measure is not None else _of_the_rounds(ctx, right.posts)
    )
    if is_one_of(ctx.actor, having) or (LISTED in right.posts and _is_listed(ctx)):
        return ctx
    who = "、".join(dict.fromkeys([*ctx.acting_names(asked), *having][:_NAMED])) or phrase("right.nobody")
    raise Refusal("actor_may_not", actor=ctx.actor, act=term(act), who=who)


def decided_for(ctx: LedgerContext, act: Act, measure: Measure) -> dict[str, str]:
    """For whom the actor decides while he stands in, for the trail; nothing where he decides as himself.

    Args:
        ctx: as ``authorised`` gave it.
        act: what he decides.
        measure: about which.
    """
    return ctx.instead_of(with_right(ctx, act, measure))


def with_right(ctx: LedgerContext, act: Act, measure: Measure) -> list[int]:
    """Whose act about a measure is taken because of the post he holds; of judging nobody of its own unit.

    Args:
        ctx: its policy has the table.
        act: what is to be done.
        measure: says who stands for which audience.

    Returns:
        Ids of recipients, each once.
    """
    own = recipients_of(measure, UNIT) if act in JUDGING else ()
    return [one for one in recipients_of(measure, ctx.policy.right(act).posts) if one not in own]


def may(ctx: LedgerContext, act: Act, measure: Measure, person: str) -> bool:
    """Whether somebody has a right about a measure, so that a page offers it.

    Args:
        ctx: the context.
        act: what he would do.
        measure: about which.
        person: as the plan or the operators spell him.
    """
    return is_one_of(person, ctx.acting_names(with_right(ctx, act, measure)))


def operators(ctx: LedgerContext) -> list[str]:
    """The names of those who run the engine: whoever the table lets configure it, of whichever inspection.

    Args:
        ctx: reads the posts.
    """
    posts = ctx.policy.right(Act.CONFIGURE).posts
    added = select(Person.name).where(Person.added, Person.removed_at.is_(None)).order_by(Person.id)
    listed = ctx.session.execute(added).scalars() if LISTED in posts else ()
    return list(dict.fromkeys([*ctx.acting_names(_of_the_rounds(ctx, posts)), *listed]))


def post_names(ctx: LedgerContext, measure: Measure, *audiences: Audience) -> list[str]:
    """The names of those who may act for some audiences of a measure, each once: also of him who is away.

    Args:
        ctx: reads the posts.
        measure: says who stands for which audience.
        audiences: whose.
    """
    return list(ctx.acting_names(recipients_of(measure, audiences)))


def _of_the_rounds(ctx: LedgerContext, posts: Collection[str]) -> list[int]:
    tables = ctx.session.execute(select(Inspection.audiences)).scalars()
    return [one for audiences in tables for post in posts for one in audiences.get(post, ())]


def _is_listed(ctx: LedgerContext) -> bool:
    named = (Person.folded == folded(ctx.actor), Person.added, Person.removed_at.is_(None))
    return ctx.session.execute(select(Person.id).where(*named)).first() is not None
