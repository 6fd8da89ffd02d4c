"""Who decides about a unit's work: the office where only it may, and nobody about his own."""

from db.ledger.context import LedgerContext, recipients_of
from db.ledger.inspections import operators_posts
from db.models import Measure
from plan.types import Audience
from rules.actors import is_one_of
from text.refusals import Refusal


def as_other(ctx: LedgerContext, measure: Measure) -> str:
    """Who acts, as somebody other than the unit whose work it is.

    Args:
        ctx: its actor acts.
        measure: the unit's.

    Returns:
        The actor, as the plan or the operators spell him.

    Raises:
        Refusal: ``actor_is_unit`` for a post that handles or leads the measure, and those of ``LedgerContext.acting``.
    """
    actor = ctx.acting().actor
    refuse_unit(ctx, actor, measure)
    return actor


def refuse_unit(ctx: LedgerContext, actor: str, measure: Measure, *asked: Audience) -> None:
    """Refuse whoever would decide about the work of his own unit.

    Args:
        ctx: reads the posts.
        actor: who acts, as the plan or the operators spell him.
        measure: the unit's.
        asked: who is asked to decide; a post that is one of them may, even where it is the unit's own.

    Raises:
        Refusal: ``actor_is_unit`` for a post that handles or leads the measure.
    """
    own = post_names(ctx, measure, Audience.HANDLER, Audience.LEADER)
    if is_one_of(actor, own) and not is_one_of(actor, post_names(ctx, measure, *asked)):
        raise Refusal("actor_is_unit", actor=actor, measure=measure.full_code)


def as_office(ctx: LedgerContext, measure: Measure) -> str:
    """Who acts, as the rectification office.

    Args:
        ctx: its actor acts.
        measure: which the office supervises.

    Returns:
        The actor, as the plan spells the post.

    Raises:
        Refusal: ``actor_not_office`` for whoever is no post of it, and those of ``as_other``.
    """
    actor = as_other(ctx, measure)
    office = post_names(ctx, measure, Audience.OFFICE)
    if not is_one_of(actor, office):
        raise Refusal("actor_not_office", actor=actor, office="、".join(office))
    return actor


def operators(ctx: LedgerContext) -> list[str]:
    """The names of those who run the engine: who may act for the rectification office, of whichever inspection.

    Args:
        ctx: reads the posts.
    """
    return list(ctx.acting_names(operators_posts(ctx.session)))


def post_names(ctx: LedgerContext, measure: Measure, *audiences: Audience) -> list[str]:
    """The names of those who may act for some audiences of a measure, each once: also of him who is away.

    Args:
        ctx: reads the posts.
        measure: says who stands for which audience.
        audiences: whose.
    """
    return list(ctx.acting_names(recipients_of(measure, audiences)))
