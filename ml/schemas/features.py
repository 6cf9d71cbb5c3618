"""The columns of an application, as a schema declares them."""

import bisect
import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from keyword import iskeyword

from ml.applications.types import Value
from ml.expressions.sizes import LARGEST
from ml.schemas.document import NO_WORDS, AdverseWords, ColumnEntry, Number

# Texts that mean a missing value in a cell: those that pandas reads as missing.
MISSING_TEXT = frozenset(
    ["", "#N/A", "#NA", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"]
)
_YES_NO = (("No", "No"), ("Yes", "Yes"))


class Kind(StrEnum):
    CATEGORY = "category"
    NUMBER = "number"


class Role(StrEnum):
    """What a column is for: only an input reaches a model, and a carried column is kept beside it."""

    INPUT = "input"
    CARRIED = "carried"


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of an application.

    Attributes
    ----------
    name, column : str
        Python name and public column name (JSON, CSV).
    choices : tuple of (value, label)
        Every allowed value of a category or a coded number, and its label on pages; empty for other numbers.
    minimum, maximum : float
        Inclusive bounds, in `unit`; `above` is an exclusive lower bound.
    usual : tuple of float
        Lowest and highest usual value. Values outside, 0 excepted, are accepted with a remark
        (`ml.applications.plausibility`). `too_low` and `too_high` suggest the unit mistake behind them.
    numbers : tuple of (number, value)
        Numbers that are read as a category value, such as 3 for ``"3+"``.
    spellings : tuple of (text, value)
        Further texts of people that mean a value of a category, such as "m" for ``"Male"``.
    special : tuple of (number, words)
        Numbers that are codes, such as -9 for "no bureau record". Bounds do not count for them.
    missing : tuple of str
        Texts in files that mean a missing number here, such as "?", beside those that always do.
    exponents : bool
        Whether numbers in files may have an exponent, as software writes small ones: 8.5e-05.
    scale : float
        People write and read the value times `scale`, with `decimals`.
    bands : tuple of float
        Where the values of a protected number are parted when groups are compared.
    document : str
        The document that proves the value. Protected columns have none: nobody is asked for one.
    actionable : range
        Values that an applicant could choose instead, in sensible steps; ``None`` if there is no choice.
    """

    name: str
    column: str
    label: str
    group: str
    kind: Kind
    role: Role = Role.INPUT
    choices: tuple[tuple[str | float, str], ...] = ()
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    usual: tuple[float, float] = (-math.inf, math.inf)
    too_low: str = ""
    too_high: str = ""
    unit: str = ""
    decimals: int | None = None
    scale: float = 1.0
    help: str = ""
    optional: bool = True
    protected: bool = False
    compared: bool = False
    bands: tuple[float, ...] = ()
    numbers: tuple[tuple[float, str], ...] = ()
    spellings: tuple[tuple[str, str], ...] = ()
    special: tuple[tuple[float, str], ...] = ()
    missing: tuple[str, ...] = ()
    exponents: bool = False
    aliases: tuple[str, ...] = ()
    document: str = ""
    in_lists: bool = False
    direction: int | None = None
    actionable: range | None = None
    adverse: AdverseWords = NO_WORDS

    @property
    def values(self) -> tuple[str | float, ...]:
        return tuple(value for value, _ in self.choices)

    def group_of(self, value: Value) -> Value:
        """Return the group of a value in comparisons: the value itself, or the band of a number."""
        if self.choices or not isinstance(value, float):
            return value
        place = bisect.bisect_right(self.bands, value)
        return self._band_words()[place]

    @property
    def group_labels(self) -> dict[Value, str]:
        """The groups that are compared with their labels, without that of missing values."""
        return dict(self.choices) if self.choices else {words: words for words in self._band_words()}

    def _band_words(self) -> list[str]:
        if not self.bands:
            return ["Any value"]
        shown = [f"{band:,.10g}" for band in self.bands]
        between = [f"{low} to under {high}" for low, high in itertools.pairwise(shown)]
        return [f"Under {shown[0]}", *between, f"{shown[-1]} or more"]

    def value_text(self, value: str | float) -> str:
        """Return a value as remarks and the forest's reasons name it.

        The scorecard's reasons have words of their own (`ml.training.compilation`).

        Examples
        --------
        >>> from ml.products.loan_prediction.schema import built_in
        >>> built_in().by_column["ApplicantIncome"].value_text(5720.0)
        '5,720 per month'
        >>> built_in().by_column["Dependents"].value_text("3+")
        '3 or more'
        """
        words = dict((*self.choices, *self.special)).get(value)
        return words if words is not None else f"{self._number_text(float(value))} {self.unit}".rstrip()

    def _number_text(self, value: float) -> str:
        """Write a number as people read it: times `scale`, with `decimals` unless it has more of them."""
        shown = value * self.scale
        if self.decimals is None or float(f"{shown:.{self.decimals}f}") != float(f"{shown:.10g}"):
            return f"{shown:,.10g}"
        return f"{shown:,.{self.decimals}f}"

    def value_words(self, value: str | float) -> str:
        """Return an application's value as pages name it, and letters beside a sum or ratio.

        Examples
        --------
        >>> from ml.products.loan_prediction.schema import built_in
        >>> built_in().by_column["LoanAmount"].value_words(110.0)
        '110 thousand'
        """
        text = self.value_text(value)
        return text.removesuffix("s") if self.unit == "thousands" else text


def is_missing(value: object) -> bool:
    """Return True if a typed value, from JSON or a DataFrame, means a missing value."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def make_features(entries: Iterable[ColumnEntry], currency: str = "") -> tuple[Feature, ...]:
    """Return the columns of an application: those that are known before the decision.

    Parameters
    ----------
    currency : str
        Stands in units in place of the word ``currency``, as in ``"currency per month"``.
    """
    known = [entry for entry in entries if entry.role != "after_decision"]
    names = _python_names([entry.name for entry in known])
    return tuple(_feature(entry, name, currency) for entry, name in zip(known, names, strict=True))


def unit_in(unit: str, currency: str) -> str:
    """Return a unit with the product's currency in it.

    Examples
    --------
    >>> unit_in("currency per month", "EUR"), unit_in("currency", ""), unit_in("months", "EUR")
    ('EUR per month', '', 'months')
    """
    return unit.replace("currency", currency).strip()


def make_choices(entry: ColumnEntry) -> tuple[tuple[str | float, str], ...]:
    """Return the allowed values of a column with their labels."""
    if entry.kind == "yes_no" and not entry.choices:
        return _YES_NO
    pairs = [choice if isinstance(choice, tuple) else (choice, str(choice)) for choice in entry.choices]
    if entry.kind == "number":
        return tuple((float(value), label) for value, label in pairs)
    return tuple((str(value), label) for value, label in pairs)


DIRECTIONS = {"up": 1, "down": -1, "none": 0, "auto": None}


def _feature(entry: ColumnEntry, name: str, currency: str) -> Feature:
    kind = Kind.NUMBER if entry.kind == "number" else Kind.CATEGORY
    choices = make_choices(entry)
    bounded = kind is Kind.NUMBER and not choices
    low = entry.minimum if entry.minimum is not None or entry.above is not None else -LARGEST
    return Feature(
        name=name,
        column=entry.name,
        label=entry.label or label_of(entry.name),
        group=entry.group,
        kind=kind,
        role=Role(entry.role),
        choices=choices,
        minimum=_float(low) if bounded else None,
        above=_float(entry.above) if bounded else None,
        maximum=float(LARGEST if entry.maximum is None else entry.maximum) if bounded else None,
        usual=(-math.inf, math.inf)
        if entry.usual is None
        else (float(entry.usual[0]), float(entry.usual[1])),
        too_low=entry.too_low,
        too_high=entry.too_high,
        unit=unit_in(entry.unit, currency),
        decimals=entry.decimals,
        scale=float(entry.scale or 1.0),
        help=entry.help,
        optional=not entry.required,
        protected=entry.protected,
        compared=entry.compared,
        bands=tuple(map(float, entry.bands)),
        numbers=tuple((float(number), value) for number, value in entry.numbers.items()),
        spellings=tuple(entry.spellings.items()),
        special=tuple((float(number), words) for number, words in entry.special.items()),
        missing=entry.missing,
        exponents=entry.exponents,
        aliases=entry.aliases,
        document=entry.document,
        in_lists=entry.in_lists,
        direction=DIRECTIONS[entry.direction or ("auto" if kind is Kind.NUMBER else "none")],
        actionable=_steps(entry.actionable),
        adverse=entry.adverse or NO_WORDS,
    )


def _float(value: Number | None) -> float | None:
    return None if value is None else float(value)


def _steps(actionable: tuple[int, int, int] | None) -> range | None:
    if actionable is None:
        return None
    first, last, step = actionable
    return range(first, last + 1, step)


def label_of(name: str) -> str:
    """Return words for a column that has no label.

    Examples
    --------
    >>> label_of("age_in_years"), label_of("LoanAmount"), label_of("pirat")
    ('Age in years', 'Loan amount', 'Pirat')
    >>> label_of("Größe_in_cm")
    'Größe in cm'
    """
    words = " ".join(_ASCII_MARKS.sub(" ", _parted(name).lower()).split())
    return words[:1].upper() + words[1:] or name


_ASCII_MARKS = re.compile(r"[!-/:-@\[-`{-~]")


def _parted(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def _snake_case(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", _parted(name).lower()).strip("_")


def _python_names(columns: Sequence[str]) -> list[str]:
    """Return a different Python name for each column, for records and form fields."""
    names: list[str] = []
    for place, column in enumerate(columns):
        name = _snake_case(column)
        while not name.isidentifier() or iskeyword(name) or name in names or name in _TAKEN:
            name = f"column_{place}_{name}".rstrip("_")
        names.append(name)
    return names


# What every record or form has beside the columns.
_TAKEN = frozenset({"loan_id", "of_schema", "csrfmiddlewaretoken", "form_token", "form_schema"})
