"""What a person reads first on a case: its state, and the facts that a decision turns on."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import date_format

from ml.schemas.features import Feature, Kind
from ml.schemas.model_columns import ModelColumn
from predictions.models import Prediction
from predictions.reading.applications import ApplicationState
from predictions.reading.case_file import CaseFile
from predictions.words.states import STATE_WORDS

MAX_FACTS = 6
_A_MONTH, _SHARE = "per month", "of "  # units of incomes and instalments, and of shares of them


def state_words(state: ApplicationState, prediction: Prediction, file: CaseFile) -> str:
    """Return the state of an application in words, with the last day of a hold and with a verdict."""
    if state is ApplicationState.ON_HOLD and file.hold:
        return f"On hold until {date_format(file.hold.until, 'j M Y')}"
    verdicts = [made.get_verdict_display() for made in file.decisions if made.prediction_id == prediction.pk]
    return verdicts[0] if state is ApplicationState.DECIDED and verdicts else STATE_WORDS[state]


@dataclass(frozen=True, slots=True)
class Fact:
    """A value in words; None if it was not given."""

    label: str
    value: str | None


def facts_of(prediction: Prediction) -> list[Fact]:
    """Return the facts that a decision turns on, at most `MAX_FACTS`.

    They are what the schema names as amount and term or shows in lists, incomes and what else is per month,
    shares of income, and the missing values that could change the outcome.
    """
    schema, missing = prediction.schema, prediction.could_flip
    columns = [column for column in dict.fromkeys(_shown(prediction)) if column not in missing]
    facts = [_fact(prediction, schema.by_column[column]) for column in columns]
    facts += [fact for column in schema.model_columns if (fact := _share(prediction, column))]
    gaps = [Fact(schema.by_column[column].label, None) for column in missing][:MAX_FACTS]
    return [*facts[: MAX_FACTS - len(gaps)], *gaps]


def _shown(prediction: Prediction) -> Iterator[str]:
    """Yield the columns of the facts, the most telling first."""
    schema = prediction.schema
    yield from (column for column in (schema.amount, schema.term) if column)
    plain = [feature for feature in schema.features if not feature.protected]
    yield from (feature.column for feature in plain if feature.in_lists)
    yield from (f.column for f in plain if f.kind is Kind.NUMBER and f.unit.endswith(_A_MONTH))


def _fact(prediction: Prediction, feature: Feature) -> Fact:
    value = prediction.inputs[feature.column]
    return Fact(feature.label, None if value is None else feature.value_words(value))


def _share(prediction: Prediction, column: ModelColumn) -> Fact | None:
    """Return a share that the schema computes, such as that of the instalment; None if it is unknown."""
    if not column.unit.startswith(_SHARE):
        return None
    value = float(column.values({name: [value] for name, value in prediction.inputs.items()})[0])
    return Fact(column.label, f"{100 * value:.1f}%") if math.isfinite(value) else None
