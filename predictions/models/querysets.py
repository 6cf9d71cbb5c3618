"""Who may see rows that belong to a user."""

import unicodedata
from collections.abc import Sequence
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import CharField, Func
from django.db.models.lookups import StartsWith

from ml.applications.values import spellings

AnyUser = User | AnonymousUser


class OwnedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: AnyUser) -> Self:
        """Rows of the user, or of everybody for those who may see all."""
        if user.has_perm("predictions.view_all_predictions"):
            return self
        return self.filter(owner_id=user.pk)


_LAST = "\U0010ffff"  # no character sorts after it


class _Begins(StartsWith):
    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"({lhs} >= %s AND {lhs} < %s)", [*params, self.rhs, *params, f"{self.rhs}{_LAST}"]


class CaseSensitiveStartsWith(StartsWith):
    """`startswith` that minds case on every database, and that SQLite's indexes serve.

    A Loan_ID is found in any form that it may be stored in (see `ml.applications.values.spellings`).
    """

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        any_of = [compiler.compile(_Begins(self.lhs, text)) for text in spellings(self.rhs)]
        sql = " OR ".join(begins for begins, _ in any_of)
        return f"({sql})", [param for _, params in any_of for param in params]


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
