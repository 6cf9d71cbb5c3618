"""Predictions as lists show them, and figures as every page writes them."""

from dataclasses import dataclass
from typing import Any, Self

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from predictions.models import ModelVersion, Policy, Prediction
from predictions.services.demo.marks import in_demo


@dataclass(frozen=True, slots=True)
class PredictionLine:
    """One prediction in a list; `why` it is referred, in a few words."""

    prediction: Prediction
    percent: str
    why: str

    @classmethod
    def of(cls, prediction: Prediction) -> Self:
        return cls(prediction, prediction_percent(prediction), ", ".join(referral_words(prediction)))


@dataclass(frozen=True, slots=True)
class PredictionPage:
    """Some predictions, newest first, and the key below which the next page starts."""

    lines: list[PredictionLine]
    older: int | None

    @classmethod
    def of(cls, rows: QuerySet[Prediction], size: int) -> Self:
        found = list(rows[: size + 1])
        shown = found[:size]
        older = shown[-1].pk if len(found) > size else None
        return cls([PredictionLine.of(prediction) for prediction in shown], older)


ADVICE = {"approved": "model: approve", "denied": "model: deny", "refer": "model: a person decides"}


def referral_words(prediction: Prediction) -> list[str]:
    """Name what refers a case in a few words each."""
    words = {"band": "refer band", "gap": "missing value"}
    return list(dict.fromkeys(words.get(cause["code"], "remark") for cause in prediction.causes))


def prediction_percent(prediction: Prediction) -> str:
    return precise_percent(prediction.approval_probability, *cuts(prediction.policy))


def cuts(policy: Policy) -> list[float]:
    """Return the probabilities at which an outcome changes."""
    places = (policy.threshold, policy.refer_low, policy.refer_high)
    return [place for place in places if place is not None]


def precise_percent(probability: float, *cuts: float, digits: int = 1) -> str:
    """Write the probability with as many digits as show on which side of each cut it lies."""
    for shown in range(digits, 13):
        text = f"{100 * probability:.{shown}f}"
        if all((float(text) >= 100 * cut) == (probability >= cut) for cut in cuts):
            break
    return text


def model_in_use(request: HttpRequest) -> dict[str, Any]:
    """Name the active version, or none; looked up once, and only by a page that shows it."""
    return {"active_version": SimpleLazyObject(_active_version)}


def _active_version() -> ModelVersion | None:
    return ModelVersion.objects.active().annotate(in_demo=in_demo()).defer("report").first()
