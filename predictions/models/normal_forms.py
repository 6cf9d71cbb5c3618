"""Unicode's normal forms of a text in a query."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, Func

_IN_SQLITE = "loansite_normalize"


class _Form(Func):
    """A text in the form `NFC` or `NFD`, which names it in SQL."""

    output_field = CharField()
    template = "NORMALIZE(%(expressions)s, %(form)s)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite has no such function: this connection gets one."""
        connection.ensure_connection()
        connection.connection.create_function(_IN_SQLITE, 2, _normalize, deterministic=True)
        template = f"{_IN_SQLITE}('%(form)s', %(expressions)s)"
        return super().as_sql(compiler, connection, template=template, **context)


def _normalize(form: Any, text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize(form, text)


def stored_spellings(loan_id: Any) -> Sequence[Any]:
    """Return what `ml.applications.values.spellings` returns, for a Loan_ID that the database knows."""
    return [loan_id, _Form(loan_id, form="NFC"), _Form(loan_id, form="NFD")]
