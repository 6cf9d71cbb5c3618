from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from predictions.models.model_version import ModelVersion


class Comparison(models.Model):
    """What the gate said of a candidate beside the version that was active. Never updated.

    No incumbent: none was active. No verdict: it could not be made, `error` says why.
    """

    # The rules that a verdict follows; no verdict by other rules lets a candidate through. By the first rules
    # a candidate of the active version's recipe was compared with itself.
    RULES = 2

    candidate = models.ForeignKey(ModelVersion, models.PROTECT, related_name="comparisons")
    incumbent = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    verdict = models.JSONField(null=True)
    error = models.TextField(blank=True)
    # A server of an earlier release, which goes on writing during an update, follows the first rules.
    rules = models.PositiveSmallIntegerField(default=RULES, db_default=1)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.candidate} beside {self.incumbent or 'no active version'}"


class ActivationQuerySet(models.QuerySet[Any]):
    def live_on(self, moment: datetime) -> Self:
        """The one activation whose version was live at `moment`, if there was one."""
        newest = self.filter(at__lte=moment).order_by("-at", "-pk").values("pk")[:1]
        return self.filter(pk__in=newest)

    def with_end(self) -> Self:
        """Annotate each with `until`, when the next one took over; ``None`` for the one that is live."""
        later = Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
        following = Activation.objects.filter(later).order_by("at", "pk")
        return self.annotate(until=Subquery(following.values("at")[:1]))


class Activation(models.Model):
    """One version becoming the active one: a line of the timeline. Never updated."""

    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="activations")
    previous = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=500)
    overridden = models.BooleanField(default=False, help_text="Activated although the gate refused it.")
    verdict = models.JSONField(null=True, help_text="What the gate said, if it was asked.")

    objects = ActivationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.version} at {self.at:%Y-%m-%d %H:%M}"
