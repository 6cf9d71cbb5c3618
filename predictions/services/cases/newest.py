"""Only an application's newest prediction is worked on; those before it are read-only."""

from predictions.errors import Outdated
from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet


def hold_newest(prediction: Prediction) -> None:
    """Let the work on one application follow each other, until the transaction ends.

    Scoring takes no part in that and waits for nobody. So whether a prediction is the newest one is asked
    here, once nobody else is at work on the application: one that is stored later came after this work.

    Raises
    ------
    Outdated
        When the application has a newer prediction.
    """
    same = Prediction.objects.of_application(prediction.loan_id, prediction.owner_id)
    _lock_first(same.order_by("pk"))
    newest: int = same.order_by("-pk").values_list("pk", flat=True)[0]
    if newest != prediction.pk:
        raise Outdated(prediction.pk, prediction.loan_id, newest)


def _lock_first(same: PredictionQuerySet) -> None:
    """Lock the application's first prediction, which stands for the application."""
    list(same.select_for_update(no_key=True).values_list("pk", flat=True)[:1])
