"""Loan_IDs that a person may take for one another."""

from ml.applications.values import compose_nfc
from predictions.models import Prediction, Product
from predictions.models.querysets import AnyUser

NEWEST = 20_000  # predictions that are compared: no index finds look-alikes
_SAME = str.maketrans({"o": "0", "l": "1", "i": "1", " ": None, "-": None})


def folded(loan_id: str) -> str:
    """Return what an ID looks like: without case, spaces and hyphens; letters O, l and I are digits.

    Examples
    --------
    >>> folded("LP-OO1 0I5")
    '1p001015'
    """
    return compose_nfc(loan_id).casefold().translate(_SAME)


def look_alikes(user: AnyUser, product: Product, loan_id: str, most: int) -> list[Prediction]:
    """Return the newest prediction of other applications that the user may see and whose ID looks alike."""
    seen = Prediction.objects.of_product(product).visible_to(user).order_by("-pk")
    looks = folded(loan_id)
    found: dict[str, int] = {}
    for pk, other in seen.values_list("pk", "loan_id")[:NEWEST]:
        if folded(other) == looks and compose_nfc(other) != loan_id:
            found.setdefault(compose_nfc(other), pk)
    return list(seen.filter(pk__in=list(found.values())[:most]).select_related("policy"))
