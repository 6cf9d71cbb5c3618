"""Applications: their numbers, read out of their predictions. An application has no row of its own."""

from predictions.models import Prediction


def application_id(prediction: Prediction) -> int:
    """Return the number of a prediction's application: the id of its first prediction.

    Lists annotate it (`with_application_id`); without that it is one query.
    """
    annotated: int | None = getattr(prediction, "application_id", None)
    return annotated or _first(prediction)


def _first(prediction: Prediction) -> int:
    same = Prediction.objects.of_application(*prediction.application).order_by("pk")
    return same.values_list("pk", flat=True)[0]
