"""What accounts of the database may do: the application's works with the ledger, and its trail it can only lengthen.

The tables belong to the account that migrates. Whoever owns them could drop the trigger that keeps the trail; the
application's account cannot (tests/promises/the_applications_account_only_adds_to_the_trail_test.py).
"""

from sqlalchemy import Connection, text

from db.models import AuditEntry, Base

_WORKS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_RIGHTS = {
    **dict.fromkeys(Base.metadata.tables, _WORKS),
    AuditEntry.__tablename__: ("SELECT", "INSERT"),
    "alembic_version": ("SELECT",),
}
_WANTED = [(table, right) for table, rights in _RIGHTS.items() for right in rights]
_MAY_WORK = text("""
    SELECT bool_and(coalesce(has_table_privilege(to_regclass(name), needed), false))
    FROM unnest(CAST(:tables AS text[]), CAST(:rights AS text[])) AS wanted (name, needed)
""").bindparams(tables=[table for table, _ in _WANTED], rights=[right for _, right in _WANTED])
# By the right itself, as the owner of table, schema or database, or as whoever could make himself that.
_MAY_CHANGE = text("""
    SELECT has_table_privilege(trail.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(trail.oid, 'UPDATE')
        OR pg_has_role(trail.relowner, 'MEMBER')
        OR pg_has_role(space.nspowner, 'MEMBER')
        OR pg_has_role(ledger.datdba, 'MEMBER')
        OR EXISTS (
            SELECT FROM pg_roles WHERE pg_has_role(oid, 'MEMBER') AND (
                rolsuper OR rolcreaterole OR rolname IN ('pg_execute_server_program', 'pg_write_server_files')
            )
        )
    FROM pg_class AS trail
    JOIN pg_namespace AS space ON space.oid = trail.relnamespace
    JOIN pg_database AS ledger ON ledger.datname = current_database()
    WHERE trail.oid = to_regclass(:trail)
""").bindparams(trail=AuditEntry.__tablename__)


def may_work(connection: Connection) -> bool:
    """Whether the account of a connection finds the ledger's tables and has every right that it needs in them."""
    return bool(connection.execute(_MAY_WORK).scalar_one())


def may_change_the_trail(connection: Connection) -> bool:
    """Whether the account of a connection to a migrated ledger could change the trail, and be it by a detour."""
    return bool(connection.execute(_MAY_CHANGE).scalar_one())


def let_work(connection: Connection, account: str) -> None:
    """Give an account the rights that the application needs, and take those over the trail; the owner keeps his.

    Args:
        connection: of the owner of the tables, in a transaction.
        account: who is to work with the ledger.
    """
    if account == connection.execute(text("SELECT current_user")).scalar_one():
        return
    name = connection.dialect.identifier_preparer.quote_identifier(account)
    for table, rights in _RIGHTS.items():
        connection.execute(text(f"REVOKE ALL ON {table} FROM {name}"))
        connection.execute(text(f"GRANT {', '.join(rights)} ON {table} TO {name}"))
