"""Golden rows: invented applications that every load of a model scores again."""

import math
from collections.abc import Iterator

from ml.applications.types import Columns, Value
from ml.errors import GoldenRowsFailed
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from ml.scorecard.scores import Predictor

TOLERANCE = 1e-12
MAX_ROWS = 60
_UNBOUNDED = 1e6  # an end of a number without bounds
_JUST_ABOVE = 1e-9  # of the range: close to an excluded end, while ratios stay finite
_DIGITS = 3  # of a typical number


def golden_columns(schema: Schema) -> dict[str, list[Value]]:
    """Return golden rows for any schema as columns. The same schema gives the same rows.

    The first row has the typical value of every column: the first choice, or a number in the middle of the
    usual range. The second has every gap that is allowed. In the others single values differ from the first:
    each gap, both ends of each number, each choice. Each row has one such value, or several in different
    columns if there are more of them than rows.

    Returns
    -------
    dict of str to list
        At most 60 rows. Of a column with more other values than that, the last ones are left out.
    """
    typical = {feature.column: _typical(feature) for feature in schema.features}
    gaps: dict[str, Value] = {feature.column: None for feature in schema.features if feature.optional}
    rows = [typical, typical | gaps, *(typical | change for change in _changes(schema))]
    return {column: [row[column] for row in rows] for column in typical}


def check_golden_rows(predictor: Predictor, rows: Columns, expected: list[float]) -> None:
    """Raise `GoldenRowsFailed` unless `predictor` gives the `expected` probabilities for the golden rows."""
    actual = predictor.score(rows).probability
    pairs = zip(actual, expected, strict=len(actual) == len(expected))
    if len(actual) != len(expected) or not all(abs(a - b) <= TOLERANCE for a, b in pairs):
        raise GoldenRowsFailed("The model does not give the probabilities that were stored with it.")


def _changes(schema: Schema) -> list[dict[str, Value]]:
    """Return what the rows after the second change, at most `MAX_ROWS` - 2 of them."""
    singles = [(feature.column, value) for feature in schema.features for value in _others(feature)]
    changes: list[dict[str, Value]] = [{} for _ in range(min(len(singles), MAX_ROWS - 2))]
    for place, (column, value) in enumerate(singles):
        changes[place % len(changes)].setdefault(column, value)
    return changes


def _others(feature: Feature) -> Iterator[Value]:
    """Return the values of a feature beside its typical one."""
    if feature.optional:
        yield None
    yield from feature.values[1:] if feature.choices else _ends(feature)


def _typical(feature: Feature) -> Value:
    return feature.values[0] if feature.choices else _middle(*_usual(feature))


def _middle(low: float, high: float) -> float:
    """Return the geometric mean of a range above 0, else the arithmetic mean, in three digits."""
    middle = math.sqrt(low) * math.sqrt(high) if low > 0 else low / 2 + high / 2
    return float(f"{middle:.{_DIGITS}g}")


def _usual(feature: Feature) -> tuple[float, float]:
    low, high = feature.usual
    lowest, highest = _ends(feature)
    return low if math.isfinite(low) else lowest, high if math.isfinite(high) else highest


def _ends(feature: Feature) -> tuple[float, float]:
    """Return the lowest and the highest number that is accepted."""
    highest = _UNBOUNDED if feature.maximum is None else float(feature.maximum)
    if feature.minimum is not None:
        return float(feature.minimum), highest
    if feature.above is not None:
        return feature.above + (highest - feature.above) * _JUST_ABOVE, highest
    return -abs(highest), highest
