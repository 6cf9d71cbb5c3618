"""The index on Loan_IDs: a sorted table on SQLite, a view of predictions on PostgreSQL.

A thousand random Loan_IDs change a thousand pages of a large index, while their call waits. So entries are
in *runs*, as in a log-structured merge tree: a new one goes to the young run of its time, which is small, and
the worker moves complete young runs into the settled one, several entries to a page
(`services.retention.settling`). An entry is in one run at every moment, and look-ups read all three.

Triggers of the table of predictions write and delete entries. On PostgreSQL the view serves the same queries
by the index `prediction_loan_id`, which a migration made and Django's state does not know.
"""

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Min, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact

from ml.applications.values import LOAN_ID_LENGTH, spellings
from predictions.models.product import Product
from predictions.models.querysets import (
    AmongMany,
    AnyUser,
    CaseSensitiveStartsWith,
    InProductQuerySet,
    in_product,
    stored_spellings,
)

LoanIdKey = str | Combinable  # a value, or an expression of another query
OwnerKey = AnyUser | int | Combinable
ProductKey = int | Combinable | None  # as stored: the built-in product is None

SETTLED, YOUNG = 0, (1, 2)
RUNS = (SETTLED, *YOUNG)
RUN_BITS = 16  # 65,536 predictions go to one young run, then to the other

models.CharField.register_lookup(CaseSensitiveStartsWith, "begins")
models.CharField.register_lookup(AmongMany, "among")


def young_run(prediction_id: int) -> int:
    """Return the run that the trigger gives to the entry of a new prediction."""
    return YOUNG[(prediction_id >> RUN_BITS) % len(YOUNG)]


class LoanIdEntryQuerySet(InProductQuerySet["LoanIdEntry"]):
    def of_application(self, loan_id: LoanIdKey, owner: OwnerKey, product: ProductKey) -> Self:
        """Return the entries of one application. The keys may be expressions of a query."""
        return self.filter(*of_application("", loan_id, owner, product))

    def with_ids(self, loan_ids: Iterable[str]) -> Self:
        """Return the entries that have one of these texts as they are stored."""
        return self.filter(run__in=RUNS, loan_id__in=list(loan_ids))

    def with_many_ids(self, loan_ids: Iterable[str]) -> Self:
        """Return the same as `with_ids`, for many thousands in one query."""
        return self.filter(run__in=RUNS, loan_id__among=list(loan_ids))

    def beginning(self, text: str) -> Self:
        """Return the entries whose Loan_ID begins with a text, in any Unicode form."""
        return self.filter(run__in=RUNS, loan_id__begins=text)


class LoanIdEntry(models.Model):
    """The place of a prediction in the index on Loan_IDs. Only triggers and the worker write it."""

    prediction = models.OneToOneField(
        "predictions.Prediction", models.DO_NOTHING, primary_key=True, related_name="entry"
    )
    run = models.SmallIntegerField(help_text="0 if it is settled.")
    loan_id = models.CharField(max_length=LOAN_ID_LENGTH)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    product = models.ForeignKey(Product, models.DO_NOTHING, null=True, related_name="+")

    objects = LoanIdEntryQuerySet.as_manager()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"Entry of prediction {self.pk}"


class SharedLoanIds(models.Model):
    """The Loan_IDs of a product that several of the `owners` use, among predictions up to the id `until`.

    The worker keeps them; whoever reads them looks for newer ones.
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="+")
    owners = models.JSONField(help_text="Ids of the staff's accounts, in order.")
    until = models.BigIntegerField()
    loan_ids = models.JSONField(null=True, help_text="Empty if they are too many to keep.")

    def __str__(self) -> str:
        return f"Shared Loan_IDs up to prediction {self.until}"


def of_application(path: str, loan_id: LoanIdKey, owner: OwnerKey, product: ProductKey) -> list[Q | Exact]:
    """Return the conditions of one application on entries, to which `path` leads, such as ``"entry__"``."""
    texts = spellings(loan_id) if isinstance(loan_id, str) else stored_spellings(loan_id)
    entry: dict[str, Any] = {"run__in": RUNS, "loan_id__in": texts, "owner": owner}
    return [
        in_product(f"{path}product", product),
        Q(**{f"{path}{name}": value for name, value in entry.items()}),
    ]


def outer_application(path: str = "") -> tuple[OuterRef, OuterRef, OuterRef]:
    """Return the keys of the application of a row of the outer query, such as ``"prediction__"`` leads to."""
    loan_id, owner, product = (OuterRef(f"{path}{name}") for name in ("loan_id", "owner", "product"))
    return loan_id, owner, product


def newest_of(loan_id: LoanIdKey, owner: OwnerKey, product: ProductKey) -> Subquery:
    """Return a subquery for the id of an application's newest prediction."""
    same = LoanIdEntry.objects.of_application(loan_id, owner, product)
    return Subquery(same.values("owner").annotate(newest=Max("prediction_id")).values("newest"))


def first_of(loan_id: LoanIdKey, owner: OwnerKey, product: ProductKey) -> Subquery:
    """Return a subquery for an application's number, the id of its first prediction."""
    same = LoanIdEntry.objects.of_application(loan_id, owner, product)
    return Subquery(same.values("owner").annotate(first=Min("prediction_id")).values("first"))
