"""The catalogue of decision codes as pages show it, remembered for a second, which saves queries."""

import time
from typing import TYPE_CHECKING

from django.apps import apps

if TYPE_CHECKING:
    from predictions.models import DecisionCode

CHECK_INTERVAL = 1.0  # seconds
_remembered: "tuple[float, dict[str, DecisionCode]] | None" = None


def every() -> "dict[str, DecisionCode]":
    """Return all codes by their names, retired ones included."""
    global _remembered  # noqa: PLW0603 - one value per process, replaced whole
    if _remembered is None or time.monotonic() - _remembered[0] >= CHECK_INTERVAL:
        codes = apps.get_model("predictions", "DecisionCode").objects.all()
        _remembered = (time.monotonic(), {code.name: code for code in codes})
    return _remembered[1]


def label_of(name: str) -> str:
    """Return the label of a code, also of a retired one."""
    code = every().get(name)
    return code.label if code else name


def forget() -> None:
    """Ask the database at the next call: a code was changed in this process."""
    global _remembered  # noqa: PLW0603
    _remembered = None
