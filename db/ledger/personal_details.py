"""What is known of somebody who left, beyond his name and what he did: taken away, with an entry of the trail.

His name stays wherever he acted, because the file of a rectification is kept with the names of those who answered for
it; so do addresses that earlier entries of the trail state, for the trail takes no change.
"""

from sqlalchemy import delete, select

from db.ledger import audit
from db.ledger.appointments import person_called
from db.ledger.context import LedgerContext
from db.ledger.known_names import checked_name
from db.models import Absence, KeptForm, Link, Password, Person, ReadReceipt, SignIn
from rules.actors import folded
from text.limits import LONGEST_NAME
from text.refusals import Refusal


def erase_details(ctx: LedgerContext, given: str) -> str:
    """Take away the addresses, hours, reasons of absence, password, sessions, links, unfinished forms and receipts of
    somebody who was removed.

    Args:
        ctx: the context.
        given: his name, however it is spelt.

    Returns:
        The name as it was written down.

    Raises:
        Refusal: ``person_present`` for somebody who still acts, and those of ``person_called`` for one who never did.
    """
    audit.queue(ctx.session)
    name = checked_name(given, LONGEST_NAME)
    query = select(Person).where(Person.folded == folded(name), Person.removed_at.is_not(None))
    person = ctx.session.execute(query).scalar_one_or_none()
    if person is None:
        raise Refusal("person_present", name=person_called(ctx, given).name)
    person.channels, person.urgent_channels, person.hours = [], [], ""
    for absence in ctx.session.execute(select(Absence).where(Absence.person_id == person.id)).scalars():
        absence.reason = ""
    ctx.session.execute(delete(Password).where(Password.person_id == person.id))
    for table in (SignIn, Link, KeptForm, ReadReceipt):
        ctx.session.execute(delete(table).where(table.person == person.name))
    audit.append(ctx, "erase-details", person.name, name=person.name)
    return person.name
