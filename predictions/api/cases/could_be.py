"""`?could_be=true`: the largest amount that the policy would approve, in the reply about one application."""

import msgspec
from drf_spectacular.utils import OpenApiParameter

from predictions.api.serializers import CouldBeSerializer
from predictions.models import Prediction
from predictions.services.cases.what_if import largest_amount
from predictions.services.writing.replies import PredictionReply

COULD_BE = OpenApiParameter(
    "could_be", bool, description="One application: the largest amount to approve, too."
)


def with_could_be(reply: PredictionReply) -> dict[str, object]:
    """Add the largest amount that the policy would approve to the reply of one application."""
    rows = Prediction.objects.select_related("explanation", "policy", "model_version")
    found = largest_amount(prediction=rows.defer("model_version__report").get(pk=reply.id))
    scored: dict[str, object] = msgspec.json.decode(msgspec.json.encode(reply))
    return scored | {"could_be": found and CouldBeSerializer(found).data}
