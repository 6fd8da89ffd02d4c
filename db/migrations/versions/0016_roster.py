"""The roster: people hold posts from day to day, stand in, are absent; messages are theirs and not the posts'."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from rules.actors import folded
from rules.roster import same_person

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INSTANT = sa.DateTime(timezone=True)
_PEOPLE = sa.table(
    "people",
    sa.column("id"),
    sa.column("name"),
    sa.column("folded"),
    sa.column("channels", JSONB()),
    sa.column("added"),
)
_HOLDINGS = sa.table(
    "holdings",
    *(sa.column(name) for name in ("recipient_id", "person_id", "from_on", "until_on", "told_at")),
)


def upgrade() -> None:
    op.alter_column("people", "name", type_=sa.String(200), existing_type=sa.String(100))
    for name in ("channels", "urgent_channels"):
        op.add_column("people", sa.Column(name, JSONB(), nullable=False, server_default="[]"))
    op.add_column("people", sa.Column("hours", sa.String(11), nullable=False, server_default=""))
    # Whoever stands here already was let act by the operators.
    op.add_column("people", sa.Column("added", sa.Boolean(), nullable=False, server_default="true"))
    op.alter_column("people", "added", server_default="false")
    op.create_table(
        "holdings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("recipient_id", sa.BigInteger(), sa.ForeignKey("recipients.id"), nullable=False, index=True),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("stand_in", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("told_at", _INSTANT, nullable=True),
    )
    without_end = sa.text("until_on IS NULL AND NOT stand_in")
    op.create_index("holdings_without_end", "holdings", ["recipient_id"], unique=True, postgresql_where=without_end)
    op.create_index("holdings_to_tell", "holdings", ["from_on"], postgresql_where=sa.text("told_at IS NULL"))
    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
    )
    op.add_column("messages", sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("people.id"), nullable=True))
    _people_of_posts(op.get_bind())
    op.execute(
        "UPDATE messages SET person_id = held.person_id FROM holdings AS held"
        " WHERE held.recipient_id = messages.recipient_id"
    )
    # Letters on their way count channels by their place in the list that was their post's.
    op.execute(
        "UPDATE messages SET channel_index = 0, attempts = 0 FROM recipients, people WHERE next_try_at IS NOT NULL"
        " AND recipients.id = recipient_id AND people.id = person_id AND recipients.channels <> people.channels"
    )
    op.alter_column("messages", "person_id", nullable=False)
    op.drop_index("messages_of_recipient", "messages")
    op.drop_column("messages", "recipient_id")
    op.create_index("messages_of_person", "messages", ["person_id", "day"])
    op.drop_column("recipients", "channels")


def _people_of_posts(connection: sa.Connection) -> None:
    """Every post is held by the person whose name it bears; alike names are one person where their channels allow."""
    rows = connection.execute(sa.text("SELECT id, name, folded, channels FROM people")).mappings()
    people: dict[str, dict[str, Any]] = {row["folded"]: dict(row) for row in rows}
    since = connection.execute(sa.text("SELECT min(activated_at) FROM inspections")).scalar_one()
    if since is None:
        return  # nothing was ever supervised: there are no posts
    posts = sa.text("SELECT id, key, name, channels, retired_at FROM recipients ORDER BY retired_at NULLS FIRST, id")
    for post in connection.execute(posts).all():
        name = post.name
        if (known := people.get(folded(name))) and same_person(known["channels"], post.channels) is None:
            name = f"{name}（{post.key}）"
        person = people.get(folded(name))
        if person is None:
            made = _PEOPLE.insert().values(name=name, folded=folded(name), channels=post.channels, added=False)
            number = connection.execute(made.returning(_PEOPLE.c.id)).scalar_one()
            person = people[folded(name)] = {"id": number, "channels": post.channels}
        elif (ways := same_person(person["channels"], post.channels)) and ways != person["channels"]:
            person["channels"] = ways
            connection.execute(_PEOPLE.update().where(_PEOPLE.c.id == person["id"]).values(channels=ways))
        held = {
            "recipient_id": post.id,
            "person_id": person["id"],
            # A day earlier: the office's day may have begun before that of UTC.
            "from_on": since.date() - timedelta(days=1),
            "until_on": post.retired_at.date() - timedelta(days=1) if post.retired_at else None,
            "told_at": since,
        }
        connection.execute(_HOLDINGS.insert().values(**held))


def downgrade() -> None:
    op.add_column("recipients", sa.Column("channels", JSONB(), nullable=False, server_default='[["outbox", ""]]'))
    op.alter_column("recipients", "channels", server_default=None)
    op.execute(
        "UPDATE recipients SET channels = people.channels, name = people.name FROM holdings, people"
        " WHERE recipient_id = recipients.id AND people.id = person_id AND NOT stand_in AND until_on IS NULL"
    )
    op.add_column("messages", sa.Column("recipient_id", sa.BigInteger(), sa.ForeignKey("recipients.id")))
    op.execute(
        "UPDATE messages SET recipient_id = coalesce("
        "(SELECT min(alerts.recipient_id) FROM alerts WHERE message_id = messages.id),"
        " (SELECT min(holdings.recipient_id) FROM holdings WHERE holdings.person_id = messages.person_id))"
    )
    op.alter_column("messages", "recipient_id", nullable=False)
    op.drop_index("messages_of_person", "messages")
    op.drop_column("messages", "person_id")
    op.create_index("messages_of_recipient", "messages", ["recipient_id", "day"])
    op.drop_table("absences")
    op.drop_table("holdings")
    op.execute("DELETE FROM people WHERE NOT added")
    for name in ("added", "hours", "urgent_channels", "channels"):
        op.drop_column("people", name)
    op.execute("UPDATE people SET name = left(name, 100)")
    op.alter_column("people", "name", type_=sa.String(100), existing_type=sa.String(200))
