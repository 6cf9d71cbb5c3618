"""Columns of a training table that look as if their unit were wrong: the rules for a row, asked of the whole.

One odd value in a table does little harm. A column that is off by a factor makes a model that says nonsense
of every applicant: such a column is refused until somebody confirms it by its name. No pandas here, since web
processes check uploads.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.applications.schema import FEATURES, Feature
from ml.applications.types import Columns, Floats
from ml.errors import DatasetError, DatasetFault

# In the public table at most 1% of a column's values are unusual.
MAX_UNUSUAL_SHARE = 0.1
_STRAINED = "stand beside an instalment above all income"

_ASKED = [feature for feature in FEATURES if math.isfinite(feature.usual[1])]
# The columns that can be confirmed.
CONFIRMABLE = tuple(feature.column for feature in _ASKED)
CONFIRM_HELP = "train although the unit of this column looks wrong (may be given again)"


@dataclass(frozen=True, slots=True)
class UnusualColumn:
    """A column with too many unusual values.

    Attributes
    ----------
    median : float
        Of the values given, 0 left out where it means "none".
    share : float
        Of these values, the share that is unusual.
    remark, expected : str
        What the unusual values are or do, and what is expected, in words.
    """

    column: str
    median: float
    share: float
    remark: str
    expected: str

    @property
    def words(self) -> str:
        """Say what was seen and what is expected."""
        share = f"{100 * self.share:.0f}% of the values {self.remark}"
        return f"the median is {self.median:,.10g} and {share}; {self.expected}"

    def to_json(self) -> dict[str, Any]:
        """Return the column and what was seen of it as plain JSON values."""
        return {"column": self.column, "median": self.median, "share": self.share, "words": self.words}


class ImplausibleTable(DatasetError):
    """Columns look as if they had a wrong unit, and nobody confirmed them.

    Attributes
    ----------
    columns, confirmed : list of UnusualColumn
        Those that nobody confirmed, and the others.
    """

    def __init__(
        self, source: str, columns: Sequence[UnusualColumn], confirmed: Sequence[UnusualColumn] = ()
    ) -> None:
        super().__init__(source, [_fault(found) for found in columns])
        self.columns, self.confirmed = list(columns), list(confirmed)

    def __reduce__(self) -> Any:
        """Travel between processes."""
        return ImplausibleTable, (self.source, self.columns, self.confirmed)

    def __str__(self) -> str:
        options = " ".join(f"--confirm {found.column}" for found in self.columns)
        return "\n".join(
            [
                f"{self.source} cannot be used: a unit looks wrong.",
                *(f"{found.column}: {found.words}." for found in self.columns),
                f"Correct the file. If the values are right, confirm them by name: {options}",
            ]
        )


def check_plausible(source: str, columns: Columns, confirmed: Collection[str] = ()) -> list[UnusualColumn]:
    """Return the unusual columns among `confirmed`.

    Parameters
    ----------
    source : str
        What the table is called.
    columns : mapping of str to sequence, each of length n
        Checked values, ``None`` for a gap.
    confirmed : collection of str
        Columns whose values somebody vouches for.

    Raises
    ------
    ImplausibleTable
        When another column is unusual as well.
    """
    unusual = unusual_columns(columns)
    vouched = [found for found in unusual if found.column in confirmed]
    refused = [found for found in unusual if found.column not in confirmed]
    if refused:
        raise ImplausibleTable(source, refused, vouched)
    return vouched


def unusual_columns(columns: Columns) -> list[UnusualColumn]:
    """Return the columns of which more than `MAX_UNUSUAL_SHARE` of the values are unusual."""
    values = {column: np.array(columns[column], dtype=np.float64) for column in CONFIRMABLE}
    alone = [_unusual(feature, values[feature.column]) for feature in _ASKED]
    found = [unusual for unusual in alone if unusual and unusual.share > MAX_UNUSUAL_SHARE]
    return found or _strained(values)


def _unusual(feature: Feature, values: Floats) -> UnusualColumn | None:
    """Return a column if too many of its values are unusual; 0 is usual where it means "none"."""
    low, high = feature.usual
    given = values[~np.isnan(values)]
    counted = given[given != 0] if feature.minimum == 0 else given
    if not len(counted):
        return None
    share = float(((counted < low) | (counted > high)).mean())
    expected = f"{low:,.0f} to {high:,.0f} {feature.unit} is expected"
    return UnusualColumn(feature.column, float(np.median(counted)), share, "are unusual", expected)


def _strained(values: dict[str, Floats]) -> list[UnusualColumn]:
    """Return the amount when its instalments do not fit the incomes, although each column is usual alone."""
    income = values["ApplicantIncome"] + values["CoapplicantIncome"]
    instalment = values["LoanAmount"] * 1000 / values["Loan_Amount_Term"]
    counted = (income > 0) & ~np.isnan(instalment)
    if not counted.any():
        return []
    share = float((instalment[counted] > income[counted]).mean())
    expected = "an amount in thousands, a term in months and incomes per month are expected"
    median = float(np.median(values["LoanAmount"][counted]))
    found = UnusualColumn("LoanAmount", median, share, _STRAINED, expected)
    return [found] if share > MAX_UNUSUAL_SHARE else []


def _fault(found: UnusualColumn) -> DatasetFault:
    return DatasetFault(1, found.column, f"{found.median:,.10g}", f"a unit looks wrong: {found.words}")
