"""What may be asked of a database of others: one question, and nothing that changes it."""

from typing import NoReturn

import sqlglot
from sqlglot import exp

from predictions.errors import BadSource

_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.DDL, exp.Command, exp.Lock)


def check_statement(sql: str, dialect: str) -> None:
    """Raise `BadSource` for all but one SELECT, with or without WITH."""
    try:
        statements = [found for found in sqlglot.parse(sql, dialect=dialect) if found is not None]
    except sqlglot.errors.SqlglotError as error:
        _refuse(f"it cannot be read: {_first_line(error)}")
    if len(statements) != 1:
        _refuse(f"there are {len(statements)} statements")
    statement = statements[0]
    if not isinstance(statement, exp.Select | exp.SetOperation | exp.Subquery):
        _refuse(f"it is {statement.key.upper()}")
    for part in statement.walk():
        if isinstance(part, _CHANGES):
            _refuse(f"it holds {part.key.upper()}")
    if dialect == "mysql" and ("/*!" in sql or "/*M!" in sql):
        _refuse("it holds a comment that the database would carry out")


def _refuse(why: str) -> NoReturn:
    raise BadSource(f"--from-sql takes exactly one SELECT (or WITH ... SELECT) statement; {why}.")


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0].rstrip(". ")
