"""Predictions as lists show them, and probabilities as every page writes them."""

from dataclasses import dataclass
from typing import Self

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from predictions.live.products import product_of
from predictions.models import ModelVersion, Policy, Prediction
from predictions.services.demo.marks import in_demo
from predictions.web.mounts import product_menu


@dataclass(frozen=True, slots=True)
class PredictionLine:
    """One prediction in a list. `why` names the causes of its referral, `asked` amount and term."""

    prediction: Prediction
    percent: str
    why: str
    asked: str

    @classmethod
    def of(cls, prediction: Prediction) -> Self:
        why = ", ".join(referral_words(prediction))
        return cls(prediction, prediction_percent(prediction), why, asked_words(prediction))


@dataclass(frozen=True, slots=True)
class PredictionPage:
    """A page of predictions, newest first. The next page starts below the id `older`."""

    lines: list[PredictionLine]
    older: int | None

    @classmethod
    def of(cls, rows: QuerySet[Prediction], size: int) -> Self:
        shown_and_next = list(rows[: size + 1])
        shown = shown_and_next[:size]
        older = shown[-1].pk if len(shown_and_next) > size else None
        return cls([PredictionLine.of(prediction) for prediction in shown], older)


def asked_words(prediction: Prediction) -> str:
    """Name the amount and the term that are asked for, with their units; empty if neither was given."""
    schema = prediction.schema
    columns = [column for column in (schema.amount, schema.term) if column]
    values = [(schema.by_column[column], prediction.inputs[column]) for column in columns]
    return ", ".join(feature.value_words(value) for feature, value in values if value is not None)


def referral_words(prediction: Prediction) -> list[str]:
    """Name each cause of a referral in a few words."""
    words = {"band": "refer band", "gap": "missing value"}
    return list(dict.fromkeys(words.get(cause["code"], "remark") for cause in prediction.causes))


def prediction_percent(prediction: Prediction) -> str:
    return precise_percent(prediction.approval_probability, *cuts(prediction.policy))


def cuts(policy: Policy) -> list[float]:
    """Return the probabilities at which the outcome changes."""
    ends = (policy.threshold, policy.refer_low, policy.refer_high)
    return [end for end in ends if end is not None]


def precise_percent(probability: float, *cuts: float, digits: int = 1) -> str:
    """Write a probability in percent, with enough digits to show on which side of each cut it is."""
    for places in range(digits, 13):
        text = f"{100 * probability:.{places}f}"
        if all((float(text) >= 100 * cut) == (probability >= cut) for cut in cuts):
            break
    return text


def model_in_use(request: HttpRequest) -> dict[str, object]:
    """Give templates the active version and the menu of products, read when a template shows them."""
    return {
        "active_version": SimpleLazyObject(lambda: _active_version(product_of(request).pk)),
        "product_menu": SimpleLazyObject(lambda: product_menu(product_of(request))),
    }


def _active_version(product_id: int) -> ModelVersion | None:
    versions = ModelVersion.objects.of_product(product_id).active()
    return versions.annotate(in_demo=in_demo()).defer("report").first()
