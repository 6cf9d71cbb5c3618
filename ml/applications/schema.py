"""The eleven features and the target of the loan-prediction table, declared once.

Forms, serializers, the API schema, database columns and CSV readers are built from these declarations.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

LOAN_ID = "Loan_ID"
TARGET = "Loan_Status"
TARGET_CODES = {"Y": 1, "N": 0}

# Texts that mean a missing value in a cell: those that pandas reads as missing.
MISSING_TEXT = frozenset(
    ["", "#N/A", "#NA", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"]
)


class Kind(StrEnum):
    CATEGORY = "category"
    NUMBER = "number"


class Group(StrEnum):
    """Sections of an application as a loan officer knows them."""

    APPLICANT = "Applicant"
    INCOME = "Income"
    LOAN = "Loan"
    CREDIT = "Credit and property"


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
    numbers : dict
        Numbers that are read as a category value, such as 3 for ``"3+"``.
    document : str
        The document that proves the value. Protected columns have none: nobody is asked for one.
    actionable : range
        Values that an applicant could choose instead, in sensible steps; ``None`` if there is no choice.
    """

    name: str
    column: str
    label: str
    group: Group
    kind: Kind
    choices: tuple[tuple[str | float, str], ...] = ()
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    usual: tuple[float, float] = (-math.inf, math.inf)
    too_low: str = ""
    too_high: str = ""
    unit: str = ""
    help: str = ""
    optional: bool = True
    protected: bool = False
    numbers: tuple[tuple[float, str], ...] = ()
    document: str = ""
    actionable: range | None = None

    @property
    def values(self) -> tuple[str | float, ...]:
        return tuple(value for value, _ in self.choices)

    def value_text(self, value: str | float) -> str:
        """Return a value as remarks and the forest's reasons name it.

        The scorecard's reasons have words of their own (`ModelColumn.choices`).

        Examples
        --------
        >>> BY_COLUMN["ApplicantIncome"].value_text(5720.0)
        '5,720 per month'
        >>> BY_COLUMN["Dependents"].value_text("3+")
        '3 or more'
        """
        return dict(self.choices)[value] if self.choices else f"{value:,.10g} {self.unit}"

    def value_words(self, value: str | float) -> str:
        """Return an application's value as pages name it, and letters beside a sum or ratio.

        Examples
        --------
        >>> BY_COLUMN["LoanAmount"].value_words(110.0)
        '110 thousand'
        """
        text = self.value_text(value)
        return text.removesuffix("s") if self.unit == "thousands" else text


def _same(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple((value, value) for value in values)


FEATURES: tuple[Feature, ...] = (
    Feature(
        "gender", "Gender", "Gender", Group.APPLICANT, Kind.CATEGORY,
        choices=_same("Female", "Male"), protected=True,
        help="Kept for fairness figures only; the scorecard never sees it.",
    ),
    Feature(
        "married", "Married", "Married", Group.APPLICANT, Kind.CATEGORY,
        choices=_same("No", "Yes"), protected=True,
        help="Kept for fairness figures only; the scorecard never sees it.",
    ),
    Feature(
        "dependents", "Dependents", "Dependents", Group.APPLICANT, Kind.CATEGORY,
        choices=(("0", "None"), ("1", "1"), ("2", "2"), ("3+", "3 or more")),
        numbers=((0.0, "0"), (1.0, "1"), (2.0, "2"), (3.0, "3+")),
        help="People who live on the applicant's income.", document="a household statement",
    ),
    Feature(
        "education", "Education", "Education", Group.APPLICANT, Kind.CATEGORY,
        choices=_same("Graduate", "Not Graduate"), optional=False, document="a degree certificate",
    ),
    Feature(
        "self_employed", "Self_Employed", "Self-employed", Group.APPLICANT, Kind.CATEGORY,
        choices=_same("No", "Yes"), document="an employment contract or a trade licence",
    ),
    Feature(
        "applicant_income", "ApplicantIncome", "Applicant's income", Group.INCOME, Kind.NUMBER,
        minimum=0.0, maximum=10_000_000.0, unit="per month", optional=False,
        usual=(100.0, 25_000.0), too_low="is this one in thousands?", too_high="is this one per year?",
        help="Income per month, not per year.", document="payslips or a tax return",
    ),
    Feature(
        "coapplicant_income", "CoapplicantIncome", "Co-applicant's income", Group.INCOME,
        Kind.NUMBER, minimum=0.0, maximum=10_000_000.0, unit="per month", optional=False,
        usual=(100.0, 25_000.0), too_low="is this one in thousands?", too_high="is this one per year?",
        help="Income per month; 0 when there is no co-applicant.",
        document="payslips or a tax return", actionable=range(0, 25_001, 50),
    ),
    Feature(
        "loan_amount", "LoanAmount", "Loan amount", Group.LOAN, Kind.NUMBER,
        above=0.0, maximum=1_000_000.0, unit="thousands",
        usual=(5.0, 1_000.0), too_low="is this one in millions?", too_high="write 128 for 128,000",
        help="In thousands: 128 for a loan of 128,000.",
        document="the loan application with the amount asked for", actionable=range(1, 1_001),
    ),
    Feature(
        "loan_amount_term", "Loan_Amount_Term", "Term of the loan", Group.LOAN, Kind.NUMBER,
        minimum=1.0, maximum=600.0, unit="months",
        usual=(60.0, 480.0), too_low="is this one in years?", too_high="write 360 for 30 years",
        help="In months: 360 for 30 years.",
        document="the loan application with the term asked for", actionable=range(12, 481, 12),
    ),
    Feature(
        "credit_history", "Credit_History", "Credit history", Group.CREDIT, Kind.NUMBER,
        choices=((1.0, "Meets the guidelines"), (0.0, "Does not meet the guidelines")),
        help="Whether past debts meet the guidelines (1) or not (0).", document="a credit report",
    ),
    Feature(
        "property_area", "Property_Area", "Property area", Group.CREDIT, Kind.CATEGORY,
        choices=_same("Rural", "Semiurban", "Urban"), optional=False, document="the deed of the property",
    ),
)  # fmt: skip

BY_COLUMN: dict[str, Feature] = {feature.column: feature for feature in FEATURES}
COLUMNS: tuple[str, ...] = tuple(BY_COLUMN)
# The fields of an application in JSON, CSV files and database tables.
FIELDS: tuple[str, ...] = (LOAN_ID, *COLUMNS)
PROTECTED: tuple[str, ...] = tuple(f.column for f in FEATURES if f.protected)
# Groups of applicants are compared by the values of these columns.
GROUP_COLUMNS = (*PROTECTED, "Property_Area")


def is_missing(value: object) -> bool:
    """Return True if a typed value, from JSON or a DataFrame, means a missing value."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
