"""The words of bins, which training writes into a points table."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from ml.schemas.model_columns import ModelColumn

MISSING = "not given"
_MAX_DIGITS = 12


def bin_labels(
    model: ModelColumn,
    edges: Sequence[float],
    groups: Sequence[Sequence[int]] | None,
    special: Sequence[float],
    unseen: Sequence[int],
) -> list[str]:
    """Return the words of all bins of a column: regular, special, unseen and missing.

    Parameters
    ----------
    special : sequence of float
        Numbers with a bin of their own.
    unseen : sequence of int
        Codes of choices that no training row had.
    """
    words = dict(model.special)
    own = [words.get(number, f"{number:g}") for number in special]
    return [*_regular(model, edges, groups, unseen), *own, _unseen(model, unseen), MISSING]


def _regular(
    model: ModelColumn, edges: Sequence[float], groups: Sequence[Sequence[int]] | None, unseen: Sequence[int]
) -> list[str]:
    if groups is not None:
        return [_either(model.choices[code] for code in group) for group in groups]
    return _ranges_of_choices(model, edges, unseen) if model.choices else _ranges(model, edges)


def _ranges(model: ModelColumn, edges: Sequence[float]) -> list[str]:
    if not edges:
        return ["any value"]
    unit = f" {model.unit}" if model.unit else ""
    shown = _distinct_texts(edges, model.digits)
    between = [f"{low} to under {high}{unit}" for low, high in pairwise(shown)]
    return [f"under {shown[0]}{unit}", *between, f"{shown[-1]}{unit} or more"]


def _distinct_texts(edges: Sequence[float], digits: int) -> list[str]:
    """Return the edges with as many decimals, or with more if two of them would look alike."""
    shown = [f"{edge:,.{digits}f}" for edge in edges]
    if len(set(shown)) == len(shown) or digits >= _MAX_DIGITS:
        return shown
    return _distinct_texts(edges, digits + 1)


def _ranges_of_choices(model: ModelColumn, edges: Sequence[float], unseen: Sequence[int]) -> list[str]:
    """Name each bin after the coded choices (0, 1, 2, ...) that fall into it."""
    bounds = [-np.inf, *edges, np.inf]
    seen = [(code, choice) for code, choice in enumerate(model.choices) if code not in unseen]
    return [
        _either(choice for code, choice in seen if low <= code < high) or "other"
        for low, high in pairwise(bounds)
    ]


def _unseen(model: ModelColumn, unseen: Sequence[int]) -> str:
    return f"{_either(model.choices[code] for code in unseen)}, not seen in training"


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
