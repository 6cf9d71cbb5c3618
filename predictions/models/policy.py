import functools

from django.conf import settings
from django.db import models

from ml.scorecard import outcomes
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.policy_rules import rules_from_json
from predictions.models.fields import WrittenJSONField
from predictions.models.product import OfProductQuerySet, ProductRow


class PolicyQuerySet(OfProductQuerySet["Policy"]):
    def newest(self) -> "Policy":
        """Return the policy in force; the rows must be of one product."""
        return self.order_by("-pk")[0]


class Policy(ProductRow):
    """How a probability becomes an outcome: threshold, refer band, and rules for missing values and remarks.

    Never updated: the newest policy of a product is in force. `previous` is unique, so that one of two
    changes made at the same time wins.
    """

    class Remarks(models.TextChoices):
        """Whether a remark about a value refers the application."""

        REFER = outcomes.REFER, "Refer the application to a person"
        IGNORE = outcomes.IGNORE, "Refer nothing"

    threshold = models.FloatField()
    refer_low = models.FloatField(null=True, help_text="Start of the refer band (included).")
    refer_high = models.FloatField(null=True, help_text="End of the refer band (not included).")
    refer_gaps = models.BooleanField(
        default=True, help_text="Refer an application if a missing value could change its outcome."
    )
    # The database's default is the rule of policies that are older than this field.
    remarks = models.CharField(
        max_length=8,
        choices=Remarks,
        default=Remarks.REFER,
        db_default=outcomes.IGNORE,
        help_text="Whether a remark about a value refers the application.",
    )
    rules = WrittenJSONField(
        null=True, help_text="Rules beside threshold and band, as `ml.scorecard.policy_rules` stores them."
    )
    limit_amount = models.FloatField(
        null=True, help_text="An amount above it is never approved by the machine nor by one person."
    )
    # Servers of the release before write no second person, and adopt no policy that names one.
    second_for_overrides = models.BooleanField(default=False, db_default=False)
    second_for_letters = models.BooleanField(default=False, db_default=False)
    second_for_policies = models.BooleanField(default=False, db_default=False)
    second_for_gate = models.BooleanField(default=False, db_default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
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
        """The policy as a rule of `ml`, which works without the database."""
        return DecisionRule(
            threshold=self.threshold,
            refer_low=self.refer_low,
            refer_high=self.refer_high,
            refer_gaps=self.refer_gaps,
            remarks=str(self.remarks),
            rules=rules_from_json(self.rules),
            limit_amount=self.limit_amount,
        )
