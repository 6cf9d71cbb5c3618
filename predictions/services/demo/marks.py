"""What tells demo data from everything else, in one place.

Predictions say so in their source. A demo is made in an empty history only, so its predictions are the oldest
ones: one look at the first row tells whether there is a demo.
"""

from django.db.models import Exists, QuerySet, Subquery

from predictions.models import Activation, ModelVersion, Policy, Prediction

ARTEFACT_PREFIX = "demo-"  # names of artefacts are given by the registry, never by people
DEMO_REASON = "Demo data: "


def in_demo() -> Exists:
    """Tell, as a part of another query, whether the database holds a demo."""
    oldest = Prediction.objects.order_by("pk").values("pk")[:1]
    return Exists(demo_predictions().filter(pk=Subquery(oldest)))


def demo_predictions() -> QuerySet[Prediction]:
    return Prediction.objects.filter(source=Prediction.Source.DEMO)


def demo_versions() -> QuerySet[ModelVersion]:
    return ModelVersion.objects.filter(artefact__startswith=ARTEFACT_PREFIX)


def demo_policies() -> QuerySet[Policy]:
    return Policy.objects.filter(by=None, reason__startswith=DEMO_REASON)


def demo_activations() -> QuerySet[Activation]:
    return Activation.objects.filter(by=None, reason__startswith=DEMO_REASON)
