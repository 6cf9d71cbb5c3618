import functools
from typing import Any

from django.conf import settings
from django.db import models

from ml.gaps import Gaps
from ml.outcomes import Rule


class PolicyQuerySet(models.QuerySet[Any]):
    def newest(self) -> "Policy":
        """The one that new predictions are held to."""
        return self.order_by("-pk")[0]


class Policy(models.Model):
    """How a probability becomes an outcome: threshold and refer band. Never updated; the newest is in force.

    `previous` is unique: of two changes at once one wins.
    """

    threshold = models.FloatField()
    refer_low = models.FloatField(null=True, help_text="From here on a probability is referred.")
    refer_high = models.FloatField(null=True, help_text="From here on it is not any more.")
    refer_gaps = models.BooleanField(
        default=True, help_text="Refer an application whose outcome a missing value could flip."
    )
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "policies"
        permissions = [("adopt_policy", "Can change threshold and refer band")]

    def __str__(self) -> str:
        return f"Policy {self.pk}"

    @functools.cached_property
    def rule(self) -> Rule:
        """What it says, for whoever works without the database."""
        return Rule(self.threshold, self.refer_low, self.refer_high, self.refer_gaps)

    def approves(self, probability: float) -> bool:
        return self.rule.approves(probability)

    def in_band(self, probability: float) -> bool:
        return self.rule.in_band(probability)

    def flipping(self, gaps: Gaps | None) -> list[str]:
        """Return the missing columns that could flip what the threshold says, alone or only together."""
        if not gaps or not self.rule.flips(gaps["together"]):
            return []
        return [column for column, span in gaps["alone"].items() if self.rule.flips(span)] or list(
            gaps["alone"]
        )

    def outcome(self, probability: float, gaps: Gaps | None) -> str:
        """Return a value of `Prediction.Outcome`."""
        return self.rule.outcome(probability, gaps)
