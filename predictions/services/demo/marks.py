"""Tell demo rows from all others.

Predictions say so in their source. The demo is stored in an empty history only, so its predictions are the
oldest: the first row tells whether the database contains a demo.
"""

from django.db.models import Exists, QuerySet, Subquery

from predictions.models import Activation, ModelVersion, Policy, Prediction

ARTEFACT_PREFIX = "demo-"  # the registry names artefacts, so that no other name starts with it
DEMO_REASON = "Demo data: "


def in_demo() -> Exists:
    """Return an expression for a query: whether the database contains a demo."""
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
