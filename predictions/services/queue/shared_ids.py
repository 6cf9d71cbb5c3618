"""Keeping the Loan_IDs that several accounts of the staff use: finding them reads every Loan_ID."""

from collections.abc import Collection

from predictions.live import products
from predictions.models import Product, RankedUntil, SharedLoanIds
from predictions.reading.same_ids import shared_ids, shared_since
from predictions.services.scoring.namespaces import staff_accounts
from predictions.services.writing.locks import write_transaction

MOST_KEPT = 10_000


def keep_shared_ids() -> None:
    """Look for shared Loan_IDs among the predictions that were ranked since the last time.

    No prediction with a lower id than the newest ranked one becomes visible later.
    """
    until = RankedUntil.objects.values_list("until", flat=True).first() or 0
    owners = sorted(staff_accounts().values_list("pk", flat=True))
    for product in products.every() if until else []:
        kept = SharedLoanIds.objects.filter(product=product.pk).first()
        if kept is None or kept.owners != owners or kept.until < until:
            loan_ids = _shared(product, owners, kept)
            facts = {"owners": owners, "until": until, "loan_ids": loan_ids}
            with write_transaction():
                SharedLoanIds.objects.update_or_create(product_id=product.pk, defaults=facts)


def _shared(product: Product, owners: Collection[int], kept: SharedLoanIds | None) -> list[str] | None:
    if kept is None or kept.owners != owners:
        found = shared_ids(product, owners)
    elif kept.loan_ids is None:
        return None
    else:
        found = {*kept.loan_ids, *shared_since(product, owners, kept.until)}
    return sorted(found) if len(found) <= MOST_KEPT else None
