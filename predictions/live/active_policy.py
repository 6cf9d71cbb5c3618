"""The policy in force of each product, remembered for a second, which saves a query at each call."""

import time

from predictions.models import BUILT_IN, Policy

CHECK_INTERVAL = 1.0  # seconds
_remembered: dict[int, tuple[float, Policy]] = {}


def current(product_id: int = BUILT_IN) -> Policy:
    """Return a product's newest policy; ask the database for a newer one at most once a second."""
    policy = remembered(product_id)
    if policy is None:
        policy = Policy.objects.of_product(product_id).newest()
        _remembered[product_id] = (time.monotonic(), policy)
    return policy


def remembered(product_id: int) -> Policy | None:
    """Return a product's newest policy if it need not be looked up now."""
    read_at, policy = _remembered.get(product_id, (float("-inf"), None))
    return policy if time.monotonic() - read_at < CHECK_INTERVAL else None


def forget() -> None:
    """Ask the database at the next call: another policy was adopted in this process."""
    _remembered.clear()
