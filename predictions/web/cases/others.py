"""All predictions of one application, and the changes from each to the next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Case, IntegerField, QuerySet, Subquery, Value, When
from django.http import Http404

from ml.schemas.features import Feature
from predictions.models import Prediction, Referral
from predictions.models.loan_id_entry import outer_application
from predictions.models.prediction import PredictionQuerySet
from predictions.reading.applications import ApplicationState, with_state
from predictions.web.presentation import prediction_percent

MAX_SHOWN = 10
_JOINED = ("owner", "made_by", "model_version", "explanation", "policy", "policy__next")


@dataclass(frozen=True, slots=True)
class PredictionHistoryLine:
    """One prediction and its `changes` since the prediction before.

    `compared` is False if there is no such prediction, or if it was not read from the database.
    """

    prediction: Prediction
    percent: str
    is_this: bool
    first: bool
    compared: bool
    changes: list[str]


@dataclass(frozen=True, slots=True)
class OtherPredictions:
    """The lines, newest first. `more` is True if some predictions are not shown."""

    lines: list[PredictionHistoryLine]
    more: bool

    @classmethod
    def of(cls, this: Prediction, others: Sequence[Prediction]) -> "OtherPredictions":
        newest_first = sorted([this, *others], key=lambda prediction: -prediction.pk)
        more = len(others) > MAX_SHOWN
        older = [*newest_first[1:], None]
        lines = [_line(*pair, this=this, more=more) for pair in zip(newest_first, older, strict=True)]
        hidden = others[MAX_SHOWN] if more else None
        return cls([line for line in lines if line.prediction is not hidden], more)


class ApplicationPredictions(NamedTuple):
    """A prediction and the newest others of its application, one more than the page shows.

    `number` is the application's: the id of its first prediction. `waits_from` is the id of the prediction
    whose referral is open; None if the application does not wait.
    """

    this: Prediction
    others: list[Prediction]
    number: int
    state: ApplicationState
    waits_from: int | None

    @property
    def newest(self) -> Prediction:
        return max([self.this, *self.others], key=lambda prediction: prediction.pk)


def predictions_beside(visible: PredictionQuerySet, pk: int) -> ApplicationPredictions:
    """Read a prediction with the others of its application, in one query. Raises `Http404`."""
    this_first = Case(When(pk=pk, then=Value(0)), default=Value(1), output_field=IntegerField())
    read = _read(visible, pk, this_first)
    if read.this.pk != pk:
        raise Http404
    return read


def predictions_of(visible: PredictionQuerySet, pk: int) -> ApplicationPredictions:
    """Read the application of a prediction as its newest prediction, in one query. Raises `Http404`."""
    return _read(visible, pk)


def _read(visible: PredictionQuerySet, pk: int, *order: Case) -> ApplicationPredictions:
    key = Prediction.objects.filter(pk=pk)
    same = visible.of_application(*(Subquery(key.values(name)) for name in ("loan_id", "owner", "product")))
    referrals = Referral.objects.of_application(*outer_application()).order_by("pk")
    rows = same.select_related(*_JOINED).defer("model_version__report").order_by(*order, "-pk")
    # Of one row: an application may have many predictions.
    once: QuerySet[Any] = with_state(key.with_application_id())
    annotated = rows.annotate(
        number=Subquery(once.values("application_id")),
        state=Subquery(once.values("state")),
        waits_from=Subquery(referrals.values("pk")[:1]),
    )
    predictions: list[Any] = list(annotated[: MAX_SHOWN + 2])
    if not predictions:
        raise Http404
    this, *others = predictions
    state = ApplicationState(this.state)
    return ApplicationPredictions(this, others, this.number, state, this.waits_from)


def _line(
    prediction: Prediction, older: Prediction | None, *, this: Prediction, more: bool
) -> PredictionHistoryLine:
    changes = _changes(older, prediction) if older else []
    first = older is None and not more
    return PredictionHistoryLine(
        prediction, prediction_percent(prediction), prediction is this, first, older is not None, changes
    )


def _changes(before: Prediction, after: Prediction) -> list[str]:
    changed = list(_changed_values(before, after))
    if before.model_version_id != after.model_version_id:
        changed.append(f"version {before.model_version_id} → {after.model_version_id}")
    if before.policy_id != after.policy_id:
        changed.append(f"policy {before.policy_id} → {after.policy_id}")
    return changed


def _changed_values(before: Prediction, after: Prediction) -> Iterator[str]:
    """Yield each changed value. The two may have been read by different versions of the schema."""
    for column, feature in (before.schema.by_column | after.schema.by_column).items():
        old, new = before.inputs.get(column), after.inputs.get(column)
        if old != new:
            of_old = before.schema.by_column.get(column, feature)
            yield f"{feature.label}: {_words(of_old, old)} → {_words(feature, new)}"


def _words(feature: Feature, value: str | float | None) -> str:
    return "unknown" if value is None else feature.value_words(value)
