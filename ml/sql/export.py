"""A scorecard for other systems: JSON to read, SQL to score a table where it lies."""

from collections.abc import Mapping
from typing import Any

from ml.errors import ExportError
from ml.scorecard.columns import ModelColumn
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scores import Predictor
from ml.sql.words import dialect_of

EXPORT_FORMAT = "loansite-export"
ExportFacts = Mapping[str, str | int | bool]

_RULES = {
    "bins": "Bin 0 is below the first edge; bin i holds edges[i-1] <= value < edges[i]; bin len(edges) is "
    "from the last edge up; the last is for a missing value.",
    "unseen": "Where a column has codes in unseen, the last bin but one is for these, which no training row "
    "had.",
    "missing": "A column is missing when a value that it is made of is missing and no_income does not hold; "
    "Property_Area also when it is none of its choices.",
    "no_income": "When total income is known and not above 0, both ratios to income fall in the bin from the "
    "last edge up, whether or not the amount is known.",
    "log_odds": "base + points of one bin of each column",
    "approval_probability": "1 / (1 + exp(-log_odds))",
    "outcome": "approved when approval_probability >= threshold, else denied",
    "reasons": "the at most four columns with points below 0, lowest points first; of equal ones, in the "
    "order of the columns",
}
_VALUES = {
    "Credit_History": "Credit_History",
    "Property_Area": "place of Property_Area in choices, from 0",
    "Total_Income": "ApplicantIncome + CoapplicantIncome",
    "Loan_To_Income": "LoanAmount * 1000 / (ApplicantIncome + CoapplicantIncome)",
    "Instalment_To_Income": "LoanAmount * 1000 / Loan_Amount_Term / (ApplicantIncome + CoapplicantIncome)",
}


def to_json(model: Predictor, *, facts: ExportFacts, threshold: float = 0.5) -> dict[str, Any]:
    """Return a scorecard as plain JSON values that say how to score by hand.

    Parameters
    ----------
    facts : mapping
        What is known of the model: its version, when and on what it was trained.
    threshold : float
        Probability from which an application is approved.

    Returns
    -------
    dict
        ``scorecard`` holds the points table; `Scorecard.from_json` restores it.

    Raises
    ------
    ExportError
        When `model` is not a scorecard.
    """
    scorecard = _scorecard_of(model)
    return {
        "format": EXPORT_FORMAT,
        "version": scorecard.version,
        "model": dict(facts),
        "threshold": _checked(threshold),
        "rules": _RULES,
        "columns": [_described(entry.model_column) for entry in scorecard.columns],
        "scorecard": scorecard.to_json(),
    }


def to_sql(
    model: Predictor,
    *,
    dialect: str,
    table: str = "applicants",
    threshold: float = 0.5,
    facts: ExportFacts | None = None,
) -> str:
    """Return one SELECT that scores every row of a table with the data set's columns.

    Its columns are Loan_ID, approval_probability, outcome, log_odds and reason_1 to reason_4.

    Parameters
    ----------
    dialect : str
        ``"postgres"``, ``"sqlite"``, ``"duckdb"``, ``"mysql"`` (MariaDB too) or ``"spark"``.
    table : str
        ``table``, ``schema.table`` or ``catalogue.schema.table``, spelt as the database spells it.
    threshold : float
        Probability from which an application is approved.
    facts : mapping, optional
        What is known of the model, for the comment above.

    Raises
    ------
    ExportError
        When `model` is not a scorecard, or dialect, table, threshold or a number of the table cannot be used.
    """
    from ml.sql.select import scorecard_select  # the SQL builder loads where it is needed
    from ml.sql.words import quoted_table

    scorecard = _scorecard_of(model)
    query = scorecard_select(scorecard, quoted_table(table), dialect_of(dialect), _checked(threshold))
    return "\n".join([*_header(scorecard, dialect, facts or {}), query.sql(dialect=dialect, pretty=True), ""])


def _scorecard_of(model: Predictor) -> Scorecard:
    if not isinstance(model, Scorecard):
        raise ExportError(
            "Only a scorecard can be exported; this model is a pipeline, which no points table describes. "
            "Export a version of the recipe scorecard."
        )
    return model


def _checked(threshold: float) -> float:
    if not 0 <= threshold <= 1:
        raise ExportError(f"The threshold is {threshold!r}; expected a probability from 0 to 1.")
    return threshold


def _described(column: ModelColumn) -> dict[str, Any]:
    return {
        "column": column.column,
        "label": column.label,
        "sources": list(column.sources),
        "value": _VALUES[column.column],
        "unit": column.unit,
        "choices": list(column.choices),
    }


def _header(scorecard: Scorecard, dialect: str, facts: ExportFacts) -> list[str]:
    shown = {"format": f"{EXPORT_FORMAT} {scorecard.version}", "dialect": dialect} | dict(facts)
    return [f"-- {name}: {_one_line(value)}" for name, value in shown.items()]


def _one_line(value: object) -> str:
    """Return a value that cannot end its comment: no line break, nothing that is not printed."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
