from typing import Any

from django.db.models.lookups import StartsWith

from ml.applications.values import spellings

_LAST = "\U0010ffff"  # no character sorts after it


class _Begins(StartsWith):
    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"({lhs} >= %s AND {lhs} < %s)", [*params, self.rhs, *params, f"{self.rhs}{_LAST}"]


class Begins(StartsWith):
    """`startswith` that minds case on every database, and that SQLite's indexes serve.

    A Loan_ID is found in any form that it may be stored in (see `ml.applications.values.spellings`).
    """

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        any_of = [compiler.compile(_Begins(self.lhs, text)) for text in spellings(self.rhs)]
        sql = " OR ".join(begins for begins, _ in any_of)
        return f"({sql})", [param for _, params in any_of for param in params]
