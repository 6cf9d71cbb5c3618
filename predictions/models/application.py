"""What people do on an application beside deciding it: holds, proposals, and the events of its history.

An application has no row of its own. Its key is product, owner and Loan_ID, and its number is the id of its
first prediction.
"""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from predictions.models.fields import WrittenJSONField
from predictions.models.loan_id_entry import newest_of, outer_application
from predictions.models.prediction import CaseRecordQuerySet, Prediction
from predictions.models.product import Product, ProductRow


class ApplicationEvent(models.Model):
    """A line of an application's history, for what has no row of its own. Never updated."""

    class Kind(models.TextChoices):
        NOTE = "note"
        VALUES_CHANGED = "values_changed"
        WITHDRAWN = "withdrawn"
        MERGED = "merged"  # into another one
        MERGED_FROM = "merged_from"  # of that other one
        KEPT_APART = "kept_apart"

    prediction = models.ForeignKey(
        Prediction, models.PROTECT, related_name="events", help_text="The newest one at that time."
    )
    kind = models.CharField(max_length=16, choices=Kind)
    text = models.TextField(blank=True, help_text="A note, or the reason. It never leaves the site.")
    detail = WrittenJSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = CaseRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at:%Y-%m-%d %H:%M}"


class HoldQuerySet(CaseRecordQuerySet["Hold"]):
    def open_on(self, today: date) -> Self:
        """Return the holds that nobody ended and whose last day has not passed."""
        return self.filter(ended_at=None, until__gte=today)


class Hold(models.Model):
    """A question to the applicant: what was asked, and until when. The case comes back after the last day."""

    prediction = models.ForeignKey(Prediction, models.PROTECT, related_name="holds")
    asked = models.TextField(help_text="What the applicant was asked for.")
    until = models.DateField(help_text="Last day of the hold.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"On hold until {self.until:%Y-%m-%d}"


class ProposalQuerySet(CaseRecordQuerySet["Proposal"]):
    def of_product(self, product: Product | int) -> Self:
        """Return the rows of a product: a proposal names its own, and most have no prediction."""
        return self.filter(product=product if isinstance(product, int) else product.pk)

    def open(self) -> Self:
        """Return the proposals that nobody has answered."""
        return self.filter(answer="")

    def outdate(self, at: datetime) -> None:
        """Close the open proposals: another change has made them pointless."""
        self.open().update(answer=Proposal.Answer.OUTDATED, answered_at=at)

    def to_confirm(self) -> Self:
        """Return the open proposals to decide applications that were not scored again since."""
        newest = newest_of(*outer_application("prediction__"))
        return self.open().filter(kind=Proposal.Kind.DECISION, prediction=newest)


class Proposal(ProductRow):
    """A decision, a policy or an activation that a second person must confirm.

    `content` holds the arguments of the service that carries it out.
    """

    class Kind(models.TextChoices):
        DECISION = "decision"
        POLICY = "policy"
        ACTIVATION = "activation"

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed"
        REFUSED = "refused"
        TAKEN_BACK = "taken_back"
        OUTDATED = "outdated"

    kind = models.CharField(max_length=16, choices=Kind)
    prediction = models.ForeignKey(
        Prediction, models.PROTECT, null=True, related_name="proposals", help_text="Of a decision."
    )
    content = WrittenJSONField()
    limits = WrittenJSONField(default=list, help_text="The limits that ask for a second person.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    answer = models.CharField(max_length=16, choices=Answer, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)
    answer_text = models.TextField(blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("confirm_decision", "Can confirm the decision that another person proposed")]
        constraints = [
            models.UniqueConstraint(
                fields=["prediction"],
                condition=Q(answer="", kind="decision"),
                name="one_open_proposal_per_prediction",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answer="confirmed") | ~Q(answered_by=models.F("by")),
                name="nobody_confirms_an_own_proposal",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposed {self.kind} of {self.at:%Y-%m-%d %H:%M}"
