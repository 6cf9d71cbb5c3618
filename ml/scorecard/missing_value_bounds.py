"""What missing values could still change: the probabilities that an application could come to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypedDict

import numpy as np

from ml.applications.schema import BY_COLUMN, Feature
from ml.applications.types import Columns

N_PROBES = 12


class ProbabilityBounds(TypedDict):
    """Lowest and highest approval probability, once missing values were known.

    ``together``: all of them. ``alone``: by column, that one only and the others still missing.
    """

    together: list[float]
    alone: dict[str, list[float]]


def missing_columns_by_row(columns: Columns, read: Sequence[str], count: int) -> list[list[str]]:
    """Return for each of `count` rows the columns of `read` that have no value there."""
    missing: list[list[str]] = [[] for _ in range(count)]
    for column in read:
        values = columns[column]
        if None in values:
            for row, value in enumerate(values):
                if value is None:
                    missing[row].append(column)
    return missing


def probe_bounds(
    columns: Columns, missing: Sequence[Sequence[str]], probabilities: Callable[[Columns], Sequence[float]]
) -> dict[int, ProbabilityBounds]:
    """Try values in the gaps, one column at a time, of a model whose bins are not known.

    Parameters
    ----------
    columns : mapping of str to sequence, each of length n
    missing : sequence of sequence of str, of length n
        Which columns to fill, by row. Protected ones are never tried: nobody is asked for them.
    probabilities : callable
        Columns of m rows to their approval probabilities.

    Returns
    -------
    dict of int to Gaps
        By row; rows without a gap to fill are not there. ``together`` spans what was met one at a time.
    """
    tries = [
        (row, column, value)
        for row, gaps in enumerate(missing)
        for column in gaps
        for value in _probes(BY_COLUMN[column])
    ]
    if not tries:
        return {}
    filled = {
        name: [value if name == column else values[row] for row, column, value in tries]
        for name, values in columns.items()
    }
    found: dict[int, dict[str, list[float]]] = {}
    for (row, column, _), probability in zip(tries, probabilities(filled), strict=True):
        found.setdefault(row, {}).setdefault(column, []).append(probability)
    return {row: _gaps(alone) for row, alone in found.items()}


def _gaps(met: Mapping[str, Sequence[float]]) -> ProbabilityBounds:
    alone = {column: _span(values) for column, values in met.items()}
    return {"together": _span([end for span in alone.values() for end in span]), "alone": alone}


def _span(values: Iterable[float]) -> list[float]:
    met = list(values)
    return [min(met), max(met)]


def _probes(feature: Feature) -> Sequence[str | float]:
    """Return every choice, or numbers over the usual range, closer together where they are small."""
    if feature.protected:
        return ()
    return feature.values or np.geomspace(*feature.usual, N_PROBES).tolist()
