"""The policy in force, remembered for a second, which saves a query at each call."""

import time

from predictions.models import Policy

CHECK_INTERVAL = 1.0  # seconds
_remembered: tuple[float, Policy] | None = None


def current() -> Policy:
    """Return the newest policy; ask the database for a newer one at most once a second."""
    global _remembered  # noqa: PLW0603 - one value per process, replaced whole
    if _remembered is None or time.monotonic() - _remembered[0] >= CHECK_INTERVAL:
        _remembered = (time.monotonic(), Policy.objects.newest())
    return _remembered[1]


def forget() -> None:
    """Ask the database at the next call: another policy was adopted in this process."""
    global _remembered  # noqa: PLW0603
    _remembered = None
