"""The groups of a column as people read them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from ml.applications.schema import BY_COLUMN

_Found = TypeVar("_Found")


def labelled(column: str, found: Mapping[Any, _Found]) -> tuple[str, list[tuple[str, _Found]]]:
    """Return the column's label, and what was `found` by value in the order of its choices, gaps last."""
    feature = BY_COLUMN[column]
    names: dict[Any, str] = {**dict(feature.choices), None: "Not given"}
    return feature.label, [(names[value], found[value]) for value in names if value in found]
