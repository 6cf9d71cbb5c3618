"""The policy in force of each product, remembered for a second, which saves a query at each call."""

import time

from predictions.models import BUILT_IN, Policy

CHECK_INTERVAL = 1.0  # seconds
_remembered: dict[int, tuple[float, Policy]] = {}


def current(product_id: int = BUILT_IN) -> Policy:
    """Return a product's newest policy; ask the database for a newer one at most once a second."""
    remembered = _remembered.get(product_id)
    if remembered is None or time.monotonic() - remembered[0] >= CHECK_INTERVAL:
        newest = Policy.objects.of_product(product_id).newest()
        remembered = _remembered[product_id] = (time.monotonic(), newest)
    return remembered[1]


def forget() -> None:
    """Ask the database at the next call: another policy was adopted in this process."""
    _remembered.clear()
