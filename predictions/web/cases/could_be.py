"""How much it could be, in words: the largest amount that the model would approve."""

from dataclasses import dataclass

from ml.scorecard.could_be import STEPS, CouldBe
from predictions.errors import ModelUnreadable
from predictions.models import Prediction
from predictions.services.cases.what_if import largest_amount
from predictions.web.presentation import cuts, precise_percent
from predictions.words.labels import in_a_sentence, listed


@dataclass(frozen=True, slots=True)
class LargestAmount:
    """The sentence about the largest amount; `found` is None if the model would approve none."""

    found: CouldBe | None
    sentence: str


def could_be_of(prediction: Prediction) -> LargestAmount | None:
    """Return the largest amount of a case, None if it has no amount or its version cannot be loaded."""
    if prediction.schema.amount is None:
        return None
    try:
        found = largest_amount(prediction=prediction)
    except ModelUnreadable:
        return None
    return LargestAmount(found, _sentence(prediction, found))


def _sentence(prediction: Prediction, found: CouldBe | None) -> str:
    if found is None and prediction.could_flip:
        by_column = prediction.schema.by_column
        missing = listed([in_a_sentence(by_column[column].label) for column in prediction.could_flip], "and")
        return f"While values are missing ({missing}), a person decides on every amount."
    if found is None:
        return "With everything else as it is, the model would approve no amount."
    amount = prediction.schema.by_column[found.column].value_words(found.value)
    percent = precise_percent(found.probability, *cuts(prediction.policy), digits=0)
    tried = ", tried step by step" if found.method == STEPS else ""
    return f"Up to {amount} the model would approve ({percent}%{tried})."
