"""What a prune would delete, counted and left alone."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from predictions.models import Explanation, Prediction
from predictions.services.retention.orphaned_explanations import unshared
from predictions.services.retention.pruning import BESIDE, Pruning, alone, name_of


def count(*, pruning: Pruning, now: datetime | None = None) -> None:
    """Fill in the figures of a prune that is not done."""
    old = Prediction.objects.filter(created_at__lt=pruning.before).order_by()
    waiting = Prediction.objects.waiting().filter(created_at__lt=pruning.before).order_by()
    left = Prediction.objects.filter(Q(created_at__gte=pruning.before) | Q(pk__in=waiting.values("pk")))
    pruning.waiting = waiting.count()
    for model in BESIDE:
        beside = model._base_manager.filter(prediction__in=old.values("pk"))
        pruning.rows[name_of(model)] = beside.exclude(prediction__in=waiting.values("pk")).count()
    pruning.rows[name_of(Prediction)] = old.count() - pruning.waiting
    pruning.rows[name_of(Explanation)] = len(unshared(left))
    for rows in alone(pruning.before, now or timezone.now()):
        pruning.rows[name_of(rows.model)] = rows.count()
