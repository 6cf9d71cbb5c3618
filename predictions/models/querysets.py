"""Queries that several models share: rows that a user may see, products, Loan_IDs in any Unicode form."""

import unicodedata
from collections.abc import Sequence
from typing import Any, Literal, Self, TypeVar

import msgspec
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, F, Func, Lookup, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, StartsWith
from django.db.models.sql.compiler import SQLCompiler

from ml.applications.values import spellings
from predictions.models.product import BUILT_IN, Product, stored_product

AnyUser = User | AnonymousUser
Owned = TypeVar("Owned", bound=models.Model)
SqlWithParams = tuple[str, tuple[str | int, ...]]


def has_right(user: AnyUser, right: str) -> bool:
    """`user.has_perm`, remembered with the object: Django asks its backends anew at each question.

    An object lives for one request, or as long as a token is remembered.
    """
    known: dict[str, bool] = vars(user).setdefault("known_rights", {})
    if right not in known:
        known[right] = user.has_perm(right)
    return known[right]


class OwnedQuerySet(models.QuerySet[Owned]):
    def visible_to(self, user: AnyUser) -> Self:
        """Return the rows of `user`; all rows if the user may see everybody's."""
        if user.has_perm("predictions.view_all_predictions"):
            return self
        return self.filter(owner_id=user.pk)


class InProductQuerySet(OwnedQuerySet[Owned]):
    """Predictions, whose product column is NULL for the built-in product."""

    def of_product(self, product: Product | int) -> Self:
        """Return the rows of a product, or of the product with this key."""
        if isinstance(product, int):
            return self.filter(in_product("product", stored_product(product)))
        # Where no other product exists, the condition would lead from the index to every row.
        return self if product.alone else self.filter(in_product("product", product.stored_key))


def in_product(field: str, stored: int | Combinable | None) -> Q | Exact:
    """Return the condition that the product column `field` holds `stored`, which may be an expression."""
    if stored is None or isinstance(stored, int):
        return Q(**{field: stored})
    built_in = Value(BUILT_IN)
    return Exact(Coalesce(F(field), built_in), Coalesce(stored, built_in))


_LAST = "\U0010ffff"  # no character sorts after it


class _Begins(StartsWith):
    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> SqlWithParams:
        lhs, params = self.process_lhs(compiler, connection)
        return f"({lhs} >= %s AND {lhs} < %s)", (*params, self.rhs, *params, f"{self.rhs}{_LAST}")


class CaseSensitiveStartsWith(StartsWith):
    """A case-sensitive `startswith` for every database that can use an index on SQLite, too.

    It finds a Loan_ID in any Unicode form in which it may be stored (see `ml.applications.values.spellings`).
    """

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> SqlWithParams:
        any_of = [compiler.compile(_Begins(self.lhs, text)) for text in spellings(self.rhs)]
        sql = " OR ".join(begins for begins, _ in any_of)
        return f"({sql})", tuple(param for _, params in any_of for param in params)


class AmongMany(Lookup[str]):
    """Whether a text is one of many thousands: they are one parameter, where each of an IN is one."""

    prepare_rhs = False  # a list of texts is what it is

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY(%s)", (*params, list(self.rhs))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        lhs, params = self.process_lhs(compiler, connection)
        texts = msgspec.json.encode([*self.rhs]).decode()
        return f"{lhs} IN (SELECT value FROM json_each(%s))", (*params, texts)  # noqa: S608 # a column's name


_IN_SQLITE = "loansite_normalize"


class _Form(Func):
    """A text in Unicode's normal form `NFC` or `NFD`."""

    output_field = CharField()
    template = "NORMALIZE(%(expressions)s, %(form)s)"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str | None
    ) -> SqlWithParams:
        """Define the function on this connection: SQLite has none."""
        connection.ensure_connection()
        connection.connection.create_function(_IN_SQLITE, 2, _normalize, deterministic=True)
        template = f"{_IN_SQLITE}('%(form)s', %(expressions)s)"
        return super().as_sql(compiler, connection, template=template, **context)


def _normalize(form: Literal["NFC", "NFD"], text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize(form, text)


def stored_spellings(loan_id: Combinable) -> Sequence[Combinable]:
    """Return `ml.applications.values.spellings` as expressions, for a Loan_ID in the database."""
    return [loan_id, composed(loan_id), _Form(loan_id, form="NFD")]


def composed(loan_id: Combinable) -> Combinable:
    """Return `ml.applications.values.compose_nfc` as an expression."""
    return _Form(loan_id, form="NFC")
