from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q

from predictions.live import decision_codes
from predictions.models.fields import WrittenJSONField
from predictions.models.prediction import CaseRecordQuerySet, Prediction


class DecisionQuerySet(CaseRecordQuerySet["Decision"]):
    def latest_of_each(self) -> Self:
        """Return the newest decision of each prediction."""
        later = Decision.objects.filter(prediction=OuterRef("prediction"), pk__gt=OuterRef("pk"))
        return self.filter(~models.Exists(later))


class Decision(models.Model):
    """A person's decision on an application. Never updated: a new decision replaces the last one."""

    class Verdict(models.TextChoices):
        APPROVED = "approved"
        DENIED = "denied"

    prediction = models.ForeignKey(Prediction, models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=16, choices=Verdict)
    override = models.BooleanField(help_text="The decision differs from the model's advice.")
    code = models.CharField(max_length=32, blank=True, help_text="The name of a decision code.")
    note = models.TextField(blank=True, help_text="For colleagues. It never leaves the site.")
    # The database has a default because servers of the release before run on during an update.
    applicant_text = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="For the applicant: begins the denial notice.",
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="The second person, who confirmed the proposal of the first.",
    )
    terms = WrittenJSONField(
        null=True, help_text="The amount or term approved in place of the one asked for, by column."
    )
    probability = models.FloatField(null=True, help_text="The model's probability for these terms.")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("decide", "Can decide on applications and work the refer queue")]
        indexes = [
            # Decisions against the advice are few, and the history is filtered by them.
            models.Index(fields=["prediction"], condition=Q(override=True), name="decision_override")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(override=False) | ~Q(code="") & ~Q(note=""), name="an_override_says_why"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("by")),
                name="nobody_confirms_an_own_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.by}"

    @property
    def code_label(self) -> str:
        """The words of its code, also of a retired one; empty without a code."""
        return decision_codes.label_of(self.code) if self.code else ""

    @property
    def terms_words(self) -> str:
        """The terms that were approved in place of those asked for; empty without."""
        return self.prediction.schema.terms_words(self.terms) if self.terms else ""

    @property
    def letter(self) -> str:
        """The name of the letter that tells the applicant of the decision; empty if there is none."""
        if self.verdict == self.Verdict.DENIED:
            return "Denial notice"
        return "Offer of other terms" if self.terms else ""

    @property
    def percent(self) -> str:
        """The model's probability for these terms."""
        return "" if self.probability is None else f"{100 * self.probability:.1f}"


class DecisionCode(models.Model):
    """A reason that an admin offers for overrides or denials. Retired codes stay on their decisions."""

    name = models.SlugField(max_length=32, unique=True, help_text="In JSON and files. It never changes.")
    label = models.CharField(max_length=100)
    for_overrides = models.BooleanField(default=True)
    for_denials = models.BooleanField(default=True)
    needs_note = models.BooleanField(default=False, help_text="The decision needs an internal note.")
    applicant_text = models.TextField(blank=True, help_text="Words for the applicant that are offered.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "decision code"

    def __str__(self) -> str:
        return self.label


class Claim(models.Model):
    """A person's claim on a referred case: nobody else can decide the case until it is released or decided.

    A claim is on the application: it also covers predictions made after the claimed one.
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
    """A saved text of a letter. An edit is a new row, unconfirmed, and the newest row counts.

    Only the second person is added to a row later.
    """

    prediction = models.ForeignKey(Prediction, models.PROTECT, related_name="notices")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    # Servers of the release before write no second person.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="The second person, who confirmed the text for printing.",
    )
    confirmed_at = models.DateTimeField(null=True)

    objects = CaseRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("by")),
                name="nobody_confirms_an_own_notice",
            )
        ]

    def __str__(self) -> str:
        return f"Notice of {self.at:%Y-%m-%d %H:%M}"
