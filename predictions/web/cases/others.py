"""All predictions of one application, and what changed from each to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, Subquery, Value, When
from django.http import Http404

from ml.applications.schema import FEATURES, Feature
from predictions.models import Prediction, Referral
from predictions.models.prediction import PredictionQuerySet
from predictions.web.presentation import prediction_percent

MAX_SHOWN = 10
_JOINED = ("owner", "model_version", "explanation", "policy", "policy__next")


@dataclass(frozen=True, slots=True)
class PredictionHistoryLine:
    """One prediction and its `changes` since the one before it, `compared` if that is known."""

    prediction: Prediction
    percent: str
    is_this: bool
    first: bool
    compared: bool
    changes: list[str]


@dataclass(frozen=True, slots=True)
class OtherPredictions:
    """Newest first; `more` when some are not shown."""

    lines: list[PredictionHistoryLine]
    more: bool

    @classmethod
    def of(cls, this: Prediction, others: Sequence[Prediction]) -> "OtherPredictions":
        known = sorted([this, *others], key=lambda prediction: -prediction.pk)
        more = len(others) > MAX_SHOWN
        older = [*known[1:], None]
        lines = [_line(*pair, this=this, more=more) for pair in zip(known, older, strict=True)]
        hidden = others[MAX_SHOWN] if more else None
        return cls([line for line in lines if line.prediction is not hidden], more)


def case_and_others(visible: PredictionQuerySet, pk: int) -> tuple[Any, list[Prediction]]:
    """Return a prediction and the newest others of its application, one more than is shown, in one query.

    `waits_from` of the first is the prediction whose referral the application waits for, if it waits.
    """
    this = Prediction.objects.filter(pk=pk)
    same = visible.of_application(Subquery(this.values("loan_id")), Subquery(this.values("owner")))
    this_first = Case(When(pk=pk, then=Value(0)), default=Value(1), output_field=IntegerField())
    marks = Referral.objects.of_application(OuterRef("loan_id"), OuterRef("owner")).order_by("pk")
    rows = same.annotate(waits_from=Subquery(marks.values("pk")[:1]))
    rows = rows.select_related(*_JOINED).defer("model_version__report")
    found = list(rows.order_by(this_first, "-pk")[: MAX_SHOWN + 2])
    if not found or found[0].pk != pk:
        raise Http404
    return found[0], found[1:]


def _line(
    prediction: Prediction, older: Prediction | None, *, this: Prediction, more: bool
) -> PredictionHistoryLine:
    found = _changes(older, prediction) if older else []
    first = older is None and not more
    return PredictionHistoryLine(
        prediction, prediction_percent(prediction), prediction is this, first, older is not None, found
    )


def _changes(before: Prediction, after: Prediction) -> list[str]:
    changed = [
        f"{feature.label}: {_words(feature, before)} → {_words(feature, after)}"
        for feature in FEATURES
        if before.inputs[feature.column] != after.inputs[feature.column]
    ]
    if before.model_version_id != after.model_version_id:
        changed.append(f"version {before.model_version_id} → {after.model_version_id}")
    if before.policy_id != after.policy_id:
        changed.append(f"policy {before.policy_id} → {after.policy_id}")
    return changed


def _words(feature: Feature, prediction: Prediction) -> str:
    value = prediction.inputs[feature.column]
    return "unknown" if value is None else feature.value_text(value)
