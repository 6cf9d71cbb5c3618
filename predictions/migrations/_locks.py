"""Keeping other connections out of tables while a migration makes a rule of what it has filled."""

from typing import Any


def lock_tables(schema_editor: Any, *tables: str) -> None:
    """Let nobody else read or write `tables` until the migration's transaction ends.

    On SQLite a migration is alone from its first statement on: its transaction begins with the writers' lock.
    """
    if schema_editor.connection.vendor == "postgresql":
        names = ", ".join(map(schema_editor.quote_name, tables))
        schema_editor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")


def check_constraints_now(schema_editor: Any) -> None:
    """Check foreign keys of written rows: PostgreSQL alters no table that has checks to come."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")
