from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, Max, OuterRef, Subquery
from django.utils.functional import cached_property

from ml.applications.plausibility import Remark, referring_remarks
from ml.applications.values import LOAN_ID_LENGTH, spellings
from ml.scorecard.outcomes import ReferralCause
from predictions.models.fields import InputsField, WrittenJSONField
from predictions.models.model_version import ModelVersion
from predictions.models.policy import Policy
from predictions.models.querysets import CaseSensitiveStartsWith, OwnedQuerySet, stored_spellings


class Explanation(models.Model):
    """Base and reasons of predictions. Equal ones are one row: few applications fall in bins of their own.

    Never updated.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of base and reasons.")
    base = models.FloatField(null=True, help_text="Log-odds before any reason; none without reasons.")
    reasons = WrittenJSONField(help_text="Contributions in log-odds, most adverse first.")

    def __str__(self) -> str:
        return f"Explanation {self.pk}"


models.CharField.register_lookup(CaseSensitiveStartsWith, "begins")


class PredictionQuerySet(OwnedQuerySet):
    def of_application(self, loan_id: Any, owner: Any) -> Self:
        """All predictions of one application, by its key: values, or what stands for them in a query."""
        return self.filter(loan_id__in=_spellings(loan_id), owner=owner)

    def waiting(self) -> Self:
        """The newest prediction of each application that waits for a person, whatever it says."""
        key = OuterRef("prediction__loan_id"), OuterRef("prediction__owner")
        marks = Referral.objects.order_by().annotate(newest=newest_of(*key))
        return self.filter(pk__in=marks.values("newest")).order_by("pk")

    def with_newest(self) -> Self:
        """Annotate each with the id of its application's newest prediction: `newest_id`."""
        return self.annotate(newest_id=newest_of(OuterRef("loan_id"), OuterRef("owner")))

    def for_lists(self) -> Self:
        """Leave out what no list shows, and bring along what each does."""
        unused = ("missing", "model_version__report")
        return self.select_related("owner", "model_version", "policy").defer(*unused)


def _spellings(loan_id: Any) -> Sequence[Any]:
    """Return all texts that a Loan_ID may be stored under; it may stand for a column of a query."""
    return spellings(loan_id) if isinstance(loan_id, str) else stored_spellings(loan_id)


def newest_of(loan_id: Any, owner: Any) -> Subquery:
    """Return the id of an application's newest prediction, as a part of another query."""
    same = Prediction.objects.of_application(loan_id, owner).order_by()
    return Subquery(same.values("owner").annotate(newest=Max("pk")).values("newest"))


class Prediction(models.Model):
    """What the model said of an application, with all that went into it. Never updated."""

    class Outcome(models.TextChoices):
        APPROVED = "approved"
        DENIED = "denied"
        REFER = "refer", "Referred"

    class Source(models.TextChoices):
        FORM = "form"
        API = "api", "API"
        ARTICLE = "article", "Article endpoint"
        BATCH = "batch"
        DEMO = "demo", "Demo data"

    loan_id = models.CharField("Loan_ID", max_length=LOAN_ID_LENGTH)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+", db_index=False)
    inputs = InputsField(help_text="The application's values as scored, by column.")
    missing = WrittenJSONField(help_text="Columns that the model reads and that had no value.")
    warnings = WrittenJSONField()
    gaps = WrittenJSONField(
        null=True,
        help_text="What missing values could still change, if it was worked out.",
    )
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False)
    approval_probability = models.FloatField()
    log_odds = models.FloatField()
    explanation = models.ForeignKey(Explanation, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=16, choices=Outcome)
    source = models.CharField(max_length=16, choices=Source)
    request_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects = PredictionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # Of Loan_IDs and their beginnings; Django's own would be two on PostgreSQL.
            models.Index(
                fields=["loan_id", "owner"],
                name="prediction_loan_id",
                opclasses=["varchar_pattern_ops", "int4_ops"],
            ),
            # Read backwards: rows come in this order, so that each is written at an end of the index.
            models.Index(fields=["owner", "id"], name="prediction_owner"),
            # The order of the history with all that it is filtered by: no row is fetched but to be shown.
            models.Index(
                fields=[
                    *("created_at", "id", "outcome", "model_version"),
                    *("owner", "source", "approval_probability"),
                ],
                name="prediction_history",
            ),
        ]
        permissions = [
            ("score_applicant", "Can score applicants"),
            ("view_all_predictions", "Can see everybody's applicants and predictions"),
            ("export_history", "Can take the history out as a file"),
            ("enter_admin", "Can enter the admin site"),
        ]

    def __str__(self) -> str:
        return f"Prediction {self.pk}: {self.outcome}"

    @cached_property
    def applied_at(self) -> datetime:
        """Return when the application was first scored."""
        same = Prediction.objects.of_application(self.loan_id, self.owner_id)
        first: datetime = same.order_by("pk").values_list("created_at", flat=True)[0]
        return first

    @property
    def base(self) -> float | None:
        return self.explanation.base

    @property
    def reasons(self) -> list[Any]:
        return self.explanation.reasons

    @property
    def threshold(self) -> float:
        return self.policy.threshold

    @property
    def reaches(self) -> bool:
        """Whether the probability reaches the threshold."""
        return self.policy.rule.reaches_threshold(self.approval_probability)

    @property
    def approved(self) -> bool:
        """Whether it reaches the threshold and no remark refers it."""
        return self.policy.rule.approves(self.approval_probability, self.referring)

    @property
    def could_flip(self) -> list[str]:
        """Missing columns whose value could flip what the threshold says."""
        return self.policy.rule.columns_that_flip(self.gaps)

    @property
    def referring(self) -> list[Remark]:
        """The remarks that may refer it, should the policy say so."""
        return referring_remarks(self.warnings, self.inputs["CoapplicantIncome"]) if self.warnings else []

    @property
    def causes(self) -> list[ReferralCause]:
        """What refers it, all of it; nothing was stored of that but what it follows from."""
        return self.policy.rule.causes(self.approval_probability, self.gaps, self.referring)


class CaseRecordQuerySet(models.QuerySet[Any]):
    """Rows that stand beside a prediction."""

    def of_application(self, loan_id: Any, owner: Any) -> Self:
        """Rows beside any prediction of one application (see `PredictionQuerySet.of_application`)."""
        return self.filter(prediction__loan_id__in=_spellings(loan_id), prediction__owner=owner)


class ReferralQuerySet(CaseRecordQuerySet):
    def first_of_each(self) -> Self:
        """The mark that each waiting application has had for longest, oldest first."""
        same = Referral.objects.of_application(OuterRef("prediction__loan_id"), OuterRef("prediction__owner"))
        return self.filter(~Exists(same.filter(pk__lt=OuterRef("pk")))).order_by("pk")


class Referral(models.Model):
    """The mark of a referred prediction until somebody decides: what waits is few, what waited is many.

    A mark on any prediction of an application makes its newest one wait: scoring again moves nothing, and a
    decision on the newest one deletes all marks up to it.
    """

    prediction = models.OneToOneField(Prediction, models.CASCADE, primary_key=True, related_name="referral")

    objects = ReferralQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Referral of prediction {self.pk}"
