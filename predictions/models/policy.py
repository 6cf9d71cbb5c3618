import functools
from typing import Any

from django.conf import settings
from django.db import models

from ml.scorecard import outcomes
from ml.scorecard.outcomes import DecisionRule


class PolicyQuerySet(models.QuerySet[Any]):
    def newest(self) -> "Policy":
        """The one that new predictions are held to."""
        return self.order_by("-pk")[0]


class Policy(models.Model):
    """How a probability becomes an outcome: threshold, refer band, gaps, remarks.

    Never updated; the newest is in force. `previous` is unique: of two changes at once one wins.
    """

    class Remarks(models.TextChoices):
        """What a remark about a value of an application does."""

        REFER = outcomes.REFER, "Refer the application to a person"
        IGNORE = outcomes.IGNORE, "Refer nothing"

    threshold = models.FloatField()
    refer_low = models.FloatField(null=True, help_text="From here on a probability is referred.")
    refer_high = models.FloatField(null=True, help_text="From here on it is not any more.")
    refer_gaps = models.BooleanField(
        default=True, help_text="Refer an application whose outcome a missing value could flip."
    )
    # The database's own default is what policies from before the field said.
    remarks = models.CharField(
        max_length=8,
        choices=Remarks,
        default=Remarks.REFER,
        db_default=outcomes.IGNORE,
        help_text="Whether a remark about one of its values refers an application.",
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
    def rule(self) -> DecisionRule:
        """What it says, for whoever works without the database."""
        return DecisionRule(
            self.threshold, self.refer_low, self.refer_high, self.refer_gaps, str(self.remarks)
        )
