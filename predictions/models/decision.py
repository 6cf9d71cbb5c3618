from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q

from predictions.models.prediction import CaseRecordQuerySet, Prediction


class DecisionQuerySet(CaseRecordQuerySet):
    def latest_of_each(self) -> Self:
        """Decisions that no further one of the same prediction replaced."""
        later = Decision.objects.filter(prediction=OuterRef("prediction"), pk__gt=OuterRef("pk"))
        return self.filter(~models.Exists(later))


class Decision(models.Model):
    """What a person decided beside the model's advice. Never updated: a further decision replaces it."""

    class Verdict(models.TextChoices):
        APPROVED = "approved"
        DENIED = "denied"

    class Code(models.TextChoices):
        """Why a decision differs from the advice."""

        NEW_DOCUMENT = "new_document", "A document that the model has not seen"
        WRONG_VALUE = "wrong_value", "A value was entered wrongly"
        COMPENSATING = "compensating", "Strengths that the model does not read"
        HIDDEN_RISK = "hidden_risk", "Risks that the model does not read"
        POLICY_RULE = "policy_rule", "A rule of lending policy"
        OTHER = "other", "Another reason, in the note"

    prediction = models.ForeignKey(Prediction, models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=16, choices=Verdict)
    override = models.BooleanField(help_text="It differs from the model's advice.")
    code = models.CharField(max_length=16, choices=Code, blank=True)
    note = models.TextField(blank=True, help_text="For colleagues; it never leaves the site.")
    # The database fills it in for servers of the version before, which run on during an update.
    applicant_text = models.TextField(
        blank=True, default="", db_default="", help_text="For the applicant; the denial letter has it."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("decide", "Can decide on applications and work the refer queue")]
        constraints = [
            models.CheckConstraint(
                condition=Q(override=False) | ~Q(code="") & ~Q(note=""), name="an_override_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.by}"


class Claim(models.Model):
    """Somebody working on a referred case, so that nobody else does; it ends by release or decision.

    It holds the application: who claimed a prediction holds the newer ones as well.
    """

    prediction = models.ForeignKey(Prediction, models.PROTECT, related_name="claims")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = CaseRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["prediction"], condition=Q(ended_at=None), name="one_claim_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by} since {self.at:%Y-%m-%d %H:%M}"


class Notice(models.Model):
    """The text of a denial notice as somebody left it. Never updated: the newest counts, edits are kept."""

    prediction = models.ForeignKey(Prediction, models.PROTECT, related_name="notices")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = CaseRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Notice of {self.at:%Y-%m-%d %H:%M}"
