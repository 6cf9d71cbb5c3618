from typing import Any

from django.db.models.lookups import StartsWith

_LAST = "\U0010ffff"  # no character sorts after it


class Begins(StartsWith):
    """`startswith` that minds case on every database, and that SQLite's indexes serve."""

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"({lhs} >= %s AND {lhs} < %s)", [*params, self.rhs, *params, f"{self.rhs}{_LAST}"]
