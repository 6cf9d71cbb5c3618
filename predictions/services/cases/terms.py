"""Another amount or term than the one asked for: its check, and the model's figure for it."""

from collections.abc import Mapping
from typing import NamedTuple

from ml.applications.values import from_json, show_value
from ml.errors import InvalidValue
from ml.schemas.schema import Schema
from predictions.models import Prediction
from predictions.services.cases.what_if import try_values


class CheckedTerms(NamedTuple):
    """Other terms by column, with the model's probability; `approves` is its advice on them."""

    values: dict[str, float]
    probability: float
    approves: bool


def columns_of_terms(schema: Schema) -> list[str]:
    """Return the columns that a decision may change: amount and term, as far as the schema has them."""
    return [column for column in (schema.amount, schema.term) if column is not None]


def check_terms(prediction: Prediction, terms: object) -> CheckedTerms | None:
    """Check terms as values of the case's schema, and score the case with them. None if there are none.

    Raises
    ------
    InvalidValue
        If they are no other amount or term, or a value is invalid.
    ModelUnreadable
        If the version that scored the case cannot be loaded.
    """
    if terms is None or terms == {}:
        return None
    schema = prediction.schema
    known = columns_of_terms(schema)
    if not isinstance(terms, Mapping) or not terms.keys() <= set(known):
        names = " and ".join(known) or "nothing: this product has neither amount nor term"
        raise InvalidValue("invalid", f"{show_value(terms)} is no other terms; they may hold {names}.")
    values = {column: _checked(schema, column, value) for column, value in terms.items()}
    other = {column: value for column, value in values.items() if value != prediction.inputs[column]}
    if not other:
        raise InvalidValue("invalid", "These are the terms that were asked for. Leave them out.")
    trial = try_values(prediction=prediction, values=other)
    return CheckedTerms(other, trial.probability, trial.approved)


def _checked(schema: Schema, column: str, value: object) -> float:
    try:
        checked = from_json(schema.by_column[column], value)
    except InvalidValue as error:
        raise InvalidValue(error.code, f"{column}: {error.detail}") from None
    if checked is None:
        raise InvalidValue("required", f"{column}: a number is expected, not {show_value(value)}.")
    return float(checked)
