"""Exports of a scorecard: JSON for other programs, SQL that scores a table inside its database."""

from collections.abc import Mapping

from ml.errors import ExportError
from ml.schemas.model_columns import ModelColumn
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_json import FORMAT_VERSION
from ml.scorecard.scores import Predictor
from ml.sql import dialect_of

EXPORT_FORMAT = "loansite-export"
ExportFacts = Mapping[str, str | int | bool]

_RULES = {
    "bins": "Where a column has edges, bin 0 is below the first edge; bin i holds edges[i-1] <= value < "
    "edges[i]; bin len(edges) is from the last edge up. Where it has groups, bin i is for the codes in "
    "groups[i]. The last bin is for a missing value.",
    "special": "Where a column has values in special, each of them has a bin of its own behind those of "
    "edges or groups, in the same order.",
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


def to_json(model: Predictor, *, facts: ExportFacts, threshold: float = 0.5) -> dict[str, object]:
    """Return a scorecard as plain JSON values with the rules to score by hand.

    Parameters
    ----------
    facts : mapping
        Facts about the model, such as its version, training date and training data.
    threshold : float
        Lowest approval probability of an approved application, from 0 to 1.

    Returns
    -------
    dict
        `Scorecard.from_json` restores the points table from ``scorecard``.

    Raises
    ------
    ExportError
        If `model` is not a scorecard, or `threshold` is not between 0 and 1.
    """
    scorecard = _scorecard_of(model)
    return {
        "format": EXPORT_FORMAT,
        "version": FORMAT_VERSION,
        "model": dict(facts),
        "threshold": _checked_threshold(threshold),
        "rules": _RULES,
        "columns": [_column_json(entry.model_column) for entry in scorecard.columns],
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

    The result columns are Loan_ID, approval_probability, outcome, log_odds and reason_1 to reason_4.

    Parameters
    ----------
    dialect : str
        ``"postgres"``, ``"sqlite"``, ``"duckdb"``, ``"mysql"`` (MariaDB too) or ``"spark"``.
    table : str
        ``table``, ``schema.table`` or ``catalogue.schema.table``, spelt as the database spells it.
    threshold : float
        Lowest approval probability of an approved application, from 0 to 1.
    facts : mapping, optional
        Facts about the model, for the comment above the query.

    Raises
    ------
    ExportError
        If `model` is not a scorecard, `dialect` is unknown, `table` is not a plain name, `threshold` is not
        between 0 and 1, or SQL cannot express a number of the points table.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
    >>> bins = [Bin("no", -2.0, 40, 4), Bin("yes", 0.5, 200, 160), Bin("not given", 0.0, 0, 0)]
    >>> history = ScorecardColumn(built_in().by_model_column["Credit_History"], bins, edges=[1.0])
    >>> scorecard = Scorecard(built_in(), 0.7, [history])
    >>> query = to_sql(scorecard, dialect="duckdb", table="lending.applicants", facts={"model_version": 3})
    >>> for line in query.splitlines()[:4]:
    ...     print(line)
    -- format: loansite-export 3
    -- dialect: duckdb
    -- model_version: 3
    WITH loansite_numbers AS (
    """
    from ml.sql.select import scorecard_select  # loads sqlglot
    from ml.sql.words import quoted_table

    scorecard = _scorecard_of(model)
    source, threshold = quoted_table(table), _checked_threshold(threshold)
    query = scorecard_select(scorecard, source, dialect_of(dialect), threshold)
    return "\n".join([*_header(scorecard, dialect, facts or {}), query.sql(dialect=dialect, pretty=True), ""])


def _scorecard_of(model: Predictor) -> Scorecard:
    if not isinstance(model, Scorecard):
        raise ExportError(
            "Only a scorecard can be exported; this model is a pipeline without a points table. "
            "Export a version of the recipe scorecard."
        )
    return model


def _checked_threshold(threshold: float) -> float:
    if not 0 <= threshold <= 1:
        raise ExportError(f"The threshold is {threshold!r}; expected a probability from 0 to 1.")
    return threshold


def _column_json(column: ModelColumn) -> dict[str, object]:
    return {
        "column": column.column,
        "label": column.label,
        "sources": list(column.sources),
        "value": _VALUES[column.column],
        "unit": column.unit,
        "choices": list(column.choices),
    }


def _header(scorecard: Scorecard, dialect: str, facts: ExportFacts) -> list[str]:
    comments = {"format": f"{EXPORT_FORMAT} {FORMAT_VERSION}", "dialect": dialect} | dict(facts)
    return [f"-- {name}: {_one_line(value)}" for name, value in comments.items()]


def _one_line(value: object) -> str:
    """Replace line breaks and unprintable characters by spaces, so that no value ends its comment."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
