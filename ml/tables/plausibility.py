"""Find columns of a training table whose unit looks wrong.

One unusual value in a table does little harm. A whole column in the wrong unit makes a model useless: such a
column is refused until a person confirms it by name. Web processes check uploads, so this module does not
import pandas.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.applications.types import Columns, Floats
from ml.errors import DatasetError, DatasetFault, NotConfirmable
from ml.schemas.features import Feature
from ml.schemas.schema import RemarkRule, Schema

# In the public table at most 1% of the values of a column are unusual.
MAX_UNUSUAL_SHARE = 0.1
CONFIRM_HELP = "train although the unit of this column looks wrong (may be given again)"


@dataclass(frozen=True, slots=True)
class UnusualColumn:
    """A column with too many unusual values.

    Attributes
    ----------
    median : float
        Median of the values, without 0 where 0 means "none".
    share : float
        The share of unusual values among them.
    remark, expected : str
        How the values are unusual, and which values are expected, for messages.
    """

    column: str
    median: float
    share: float
    remark: str
    expected: str

    def describe(self) -> str:
        """Return median, share and expectation as one sentence."""
        share = f"{100 * self.share:.0f}% of the values {self.remark}"
        return f"the median is {self.median:,.10g} and {share}; {self.expected}"

    def to_json(self) -> dict[str, str | float]:
        """Return column, median, share and description as JSON values."""
        return {"column": self.column, "median": self.median, "share": self.share, "words": self.describe()}


class ImplausibleTable(DatasetError):
    """The units of some columns look wrong, and nobody confirmed these columns.

    Attributes
    ----------
    columns, confirmed : list of UnusualColumn
        The unusual columns that nobody confirmed, and those that are confirmed.
    """

    def __init__(
        self, source: str, columns: Sequence[UnusualColumn], confirmed: Sequence[UnusualColumn] = ()
    ) -> None:
        super().__init__(source, [_fault(unusual) for unusual in columns])
        self.columns, self.confirmed = list(columns), list(confirmed)

    def __reduce__(self) -> Any:
        """Travel between processes."""
        return ImplausibleTable, (self.source, self.columns, self.confirmed)

    def __str__(self) -> str:
        options = " ".join(f"--confirm {unusual.column}" for unusual in self.columns)
        return "\n".join(
            [
                f"{self.source} cannot be used: a unit looks wrong.",
                *(f"{unusual.column}: {unusual.describe()}." for unusual in self.columns),
                f"Correct the file. If the values are right, confirm them by name: {options}",
            ]
        )


def confirmable(schema: Schema) -> tuple[str, ...]:
    """Return the columns whose unit is checked: those with usual values or a remark on wrong units."""
    names = [feature.column for feature in _checked(schema)]
    return tuple(dict.fromkeys([*names, *(rule.column for rule in schema.remarks if rule.table_check)]))


def check_confirmable(schema: Schema, columns: Collection[str]) -> None:
    """Raise `NotConfirmable` if the unit of one of `columns` is not checked."""
    known = confirmable(schema)
    if unknown := [column for column in columns if column not in known]:
        raise NotConfirmable(
            f"{', '.join(unknown)} cannot be confirmed; columns whose unit is checked: "
            f"{', '.join(known) or 'none'}."
        )


def _checked(schema: Schema) -> list[Feature]:
    return [feature for feature in schema.features if math.isfinite(feature.usual[1])]


def check_plausible(
    schema: Schema, source: str, columns: Columns, confirmed: Collection[str] = ()
) -> list[UnusualColumn]:
    """Return the unusual columns among `confirmed`.

    Parameters
    ----------
    source : str
        Name of the table, for messages.
    columns : mapping of str to sequence, each of length n
        Checked values, ``None`` for a missing value.
    confirmed : collection of str
        Columns whose values a person confirmed to be right.

    Raises
    ------
    ImplausibleTable
        If any other column is unusual.
    """
    unusual = unusual_columns(schema, columns)
    accepted = [column for column in unusual if column.column in confirmed]
    refused = [column for column in unusual if column.column not in confirmed]
    if refused:
        raise ImplausibleTable(source, refused, accepted)
    return accepted


def unusual_columns(schema: Schema, columns: Columns) -> list[UnusualColumn]:
    """Return the columns of which more than `MAX_UNUSUAL_SHARE` of the values are unusual."""
    columns_alone = [
        _unusual(feature, np.array(columns[feature.column], dtype=np.float64)) for feature in _checked(schema)
    ]
    unusual = [column for column in columns_alone if column and column.share > MAX_UNUSUAL_SHARE]
    return unusual or [
        column for rule in schema.remarks if rule.table_check for column in _remarked(rule, columns)
    ]


def _unusual(feature: Feature, values: Floats) -> UnusualColumn | None:
    """Return the share of unusual values in a column, or ``None`` without values. 0 may mean "none"."""
    low, high = feature.usual
    given = values[~np.isnan(values)]
    counted = given[given != 0] if feature.minimum == 0 else given
    if not len(counted):
        return None
    share = float(((counted < low) | (counted > high)).mean())
    expected = f"{low:,.0f} to {high:,.0f} {feature.unit} is expected"
    return UnusualColumn(feature.column, float(np.median(counted)), share, "are unusual", expected)


def _remarked(rule: RemarkRule, columns: Columns) -> list[UnusualColumn]:
    """Return the remark's column if the remark holds for many rows, although each column alone is usual."""
    check = rule.table_check
    known = rule.is_known(columns)
    if check is None or not known.any():
        return []
    share = float(rule.holds(columns)[known].mean())
    values = np.array(columns[rule.column], dtype=np.float64)[known]
    unusual = UnusualColumn(rule.column, float(np.nanmedian(values)), share, check.remark, check.expected)
    return [unusual] if share > MAX_UNUSUAL_SHARE else []


def _fault(unusual: UnusualColumn) -> DatasetFault:
    expected = f"a unit looks wrong: {unusual.describe()}"
    return DatasetFault(1, unusual.column, f"{unusual.median:,.10g}", expected)
