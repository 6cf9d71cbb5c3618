"""Loan_IDs that several accounts of the staff use, from before such an ID was of one application."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, F, Func, IntegerField, Max, OuterRef, Subquery
from django.db.models.functions import Length
from django.db.models.sql.compiler import SQLCompiler

from ml.applications.values import compose_nfc, spellings
from predictions.models import ApplicationEvent, LoanIdEntry, Prediction, Product, SharedLoanIds
from predictions.models.loan_id_entry import RUNS, SETTLED, YOUNG, LoanIdEntryQuerySet
from predictions.models.querysets import composed, stored_spellings
from predictions.reading.rankings import MOST_NEWER

_PER_QUERY = 100
_Key = tuple[str, int]  # the composed Loan_ID and the owner
_Kind = ApplicationEvent.Kind


class _Bytes(Func):
    """The length of a text in UTF-8."""

    output_field = IntegerField()
    template = "OCTET_LENGTH(%(expressions)s)"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str | None
    ) -> tuple[str, tuple[str | int, ...]]:
        template = "LENGTH(CAST(%(expressions)s AS BLOB))"
        return super().as_sql(compiler, connection, template=template, **context)


class SameId(NamedTuple):
    """A Loan_ID, and the newest prediction of each application that it has."""

    loan_id: str
    newest: list[int]


def undecided_groups(product: Product, owners: Collection[int], most: int) -> list[SameId]:
    """Return Loan_IDs with several applications that nobody has merged or kept apart, at most `most`."""
    of_owners = LoanIdEntry.objects.of_product(product).filter(owner__in=owners)
    return list(islice(_undecided(of_owners, _candidates(product, owners)), most))


def _candidates(product: Product, owners: Collection[int]) -> list[str]:
    """Return the Loan_IDs that the worker has kept for these owners, and newer ones; or look for all."""
    newest = Subquery(Prediction.objects.order_by("-pk").values("pk")[:1])
    kept = SharedLoanIds.objects.filter(product=product.pk, until__gte=newest - MOST_NEWER).first()
    if kept and kept.loan_ids is not None and kept.owners == sorted(owners):
        return sorted({*kept.loan_ids, *shared_since(product, owners, kept.until)})
    return sorted(shared_ids(product, owners))


def shared_since(product: Product, owners: Collection[int], until: int) -> set[str]:
    """Return the composed Loan_IDs of predictions newer than the id `until` that several owners use."""
    others = LoanIdEntry.objects.of_product(product).filter(
        run__in=RUNS, loan_id__in=stored_spellings(OuterRef("loan_id")), owner__in=owners
    )
    rows = Prediction.objects.of_product(product).annotate(of=F("owner_id") + 0).order_by()
    newer = rows.filter(Exists(others.exclude(owner=OuterRef("owner"))), pk__gt=until, of__in=owners)
    return set(map(compose_nfc, newer.values_list("loan_id", flat=True)))


def shared_ids(product: Product, owners: Collection[int]) -> set[str]:
    """Return the composed Loan_IDs that several of the owners use.

    The index on Loan_IDs is read from end to end: on PostgreSQL, a plain condition on the owner would lead to
    each row. IDs with other characters than ASCII may have several spellings, which are put together here.
    """
    every = LoanIdEntry.objects.of_product(product)
    same = every.filter(loan_id=OuterRef("loan_id"), owner__in=owners)
    later = same.filter(run=SETTLED, owner__gt=OuterRef("owner"))
    others = same.filter(run__in=RUNS).exclude(owner=OuterRef("owner"))
    of_owners = every.annotate(of=F("owner_id") + 0).filter(of__in=owners)
    settled = of_owners.filter(Exists(later), run=SETTLED)  # most entries, side by side
    young = of_owners.filter(Exists(others), run__in=YOUNG)
    loan_ids = [rows.values_list("loan_id", flat=True) for rows in (settled, young)]
    shared = {compose_nfc(loan_id) for loan_id in loan_ids[0].union(loan_ids[1])}
    with_spellings = every.annotate(in_bytes=_Bytes("loan_id"), characters=Length("loan_id"))
    users: dict[str, set[int]] = {}
    pairs = with_spellings.filter(in_bytes__gt=F("characters")).values_list("loan_id", "owner").distinct()
    for loan_id, owner in pairs:
        users.setdefault(compose_nfc(loan_id), set()).add(owner)
    return shared | {loan_id for loan_id, each in users.items() if len(each & {*owners}) > 1}


def _undecided(of_owners: LoanIdEntryQuerySet, texts: Sequence[str]) -> Iterator[SameId]:
    for start in range(0, len(texts), _PER_QUERY):
        some = texts[start : start + _PER_QUERY]
        rows = of_owners.with_ids(each for text in some for each in spellings(text))
        ended = _events(rows)
        by_id: dict[str, dict[_Key, int]] = {text: {} for text in some}
        keyed = rows.annotate(composed_id=composed(F("loan_id"))).values_list("composed_id", "owner")
        for text, owner, newest in keyed.annotate(newest=Max("prediction")):
            if (_Kind.MERGED, text, owner, newest) not in ended:
                by_id[text][text, owner] = newest
        kept = {(text, owner) for kind, text, owner, _ in ended if kind == _Kind.KEPT_APART}
        for text, newest_of in by_id.items():
            if len(newest_of) > 1 and not newest_of.keys() <= kept:
                yield SameId(text, sorted(newest_of.values()))


def _events(rows: LoanIdEntryQuerySet) -> set[tuple[str, str, int, int]]:
    """Return kind, Loan_ID, owner and prediction of each merger and each keeping apart."""
    events = ApplicationEvent.objects.filter(
        kind__in=[_Kind.MERGED, _Kind.KEPT_APART], prediction__in=rows.values("prediction")
    )
    keys = ("kind", "composed_id", "prediction__owner", "prediction")
    return set(events.order_by().annotate(composed_id=composed(F("prediction__loan_id"))).values_list(*keys))
