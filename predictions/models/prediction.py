from datetime import datetime
from typing import Self, TypeVar, cast

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from ml.applications.plausibility import Remark, referring_remarks
from ml.applications.values import LOAN_ID_LENGTH
from ml.schemas.schema import Schema
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.outcomes import ReferralCause
from ml.scorecard.policy_rules import Held, denies
from ml.scorecard.scores import Reason
from predictions.live.schemas import schema_of_version
from predictions.models.fields import InputsField, WrittenJSONField
from predictions.models.loan_id_entry import (
    LoanIdKey,
    OwnerKey,
    ProductKey,
    first_of,
    newest_of,
    of_application,
    outer_application,
)
from predictions.models.model_version import ModelVersion
from predictions.models.policy import Policy
from predictions.models.product import BUILT_IN, Product, product_of_row, stored_product
from predictions.models.querysets import (
    AnyUser,
    InProductQuerySet,
    in_product,
    stored_spellings,
)


class Explanation(models.Model):
    """A score and its reasons, stored once for all predictions that have the same ones. Never updated.

    Few applications fall in bins of their own, so that most predictions share an explanation. A tenth of the
    bytes of a prediction are spared by what stands here and not there.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of all other fields.")
    # An update leaves rows without log-odds that no prediction has any more.
    log_odds = models.FloatField(null=True)
    missing = WrittenJSONField(null=True, help_text="Columns that the model reads and that have no value.")
    gaps = WrittenJSONField(
        null=True,
        help_text="Lowest and highest probability that missing values could lead to; empty if not computed.",
    )
    base = models.FloatField(
        null=True, help_text="Log-odds before any reason is added; empty if the model gives no reasons."
    )
    reasons = WrittenJSONField(help_text="Reasons with their contributions in log-odds, most adverse first.")

    def __str__(self) -> str:
        return f"Explanation {self.pk}"


class PredictionQuerySet(InProductQuerySet["Prediction"]):
    def of_application(self, loan_id: LoanIdKey, owner: OwnerKey, product: ProductKey) -> Self:
        """Return all predictions of one application. The keys may be expressions of a query."""
        return self.filter(*of_application("entry__", loan_id, owner, product))

    def opened_to(self, user: AnyUser) -> Self:
        """Return the rows that a user may open one by one: those of `visible_to`, and those of claimed cases.

        For lists this is too slow, and other rows of the same owner stay invisible.
        """
        if user.has_perm("predictions.view_all_predictions"):
            return self
        claimed = Referral.objects.filter(
            assigned_to=user.pk,
            loan_id__in=stored_spellings(OuterRef("loan_id")),
            owner=OuterRef("owner"),
            product=Coalesce(OuterRef("product"), Value(BUILT_IN)),
        )
        return self.filter(Q(owner=user.pk) | Exists(claimed))

    def waiting(self) -> Self:
        """Return the newest prediction of each application that waits for a person, whatever its outcome."""
        marks = Referral.objects.order_by().annotate(newest=newest_of(*outer_application("prediction__")))
        return self.filter(pk__in=marks.values("newest")).order_by("pk")

    def with_newest(self) -> Self:
        """Annotate each prediction with `newest_id`, the id of its application's newest prediction."""
        return self.annotate(newest_id=newest_of(*outer_application()))

    def with_application_id(self) -> Self:
        """Annotate each prediction with `application_id`, the id of its application's first prediction."""
        return self.annotate(application_id=first_of(*outer_application()))

    def for_list_pages(self) -> Self:
        """Defer fields that no list shows, join tables, and annotate the ends of each application."""
        unused = ("explanation__reasons", "explanation__missing", "model_version__report")
        rows = self.select_related("owner", "model_version", "policy", "explanation").defer(*unused)
        return rows.with_application_id().with_newest()


class Prediction(models.Model):
    """The score that a model version gave an application, with the inputs and the policy. Never updated."""

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

    # NULL is the built-in product: rows that are older than products are not rewritten.
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", db_index=False)
    loan_id = models.CharField("Loan ID", max_length=LOAN_ID_LENGTH)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who scored it, if that was not the owner.",
    )
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+", db_index=False)
    inputs = InputsField(help_text="The application's values when it was scored, by column.")
    warnings = WrittenJSONField()
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False)
    approval_probability = models.FloatField()
    explanation = models.ForeignKey(Explanation, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=16, choices=Outcome)
    source = models.CharField(max_length=16, choices=Source)
    request_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects = PredictionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # Loan_IDs have `LoanIdEntry`.
            # Ascending, although lists read it backwards: new rows are then written at the end of the index.
            models.Index(fields=["owner", "id"], name="prediction_owner"),
            # The history's order and most columns of its filters. Blocks find what a source and others leave.
            models.Index(
                fields=[
                    *("created_at", "id", "outcome", "model_version"),
                    *("owner", "approval_probability"),
                ],
                name="prediction_history",
            ),
            # Few rows beside those of the built-in product, whose lists have the index above.
            models.Index(
                fields=["product", "id"],
                name="prediction_product",
                condition=Q(product__isnull=False),
            ),
        ]
        permissions = [
            ("score_applicant", "Can score applicants"),
            ("view_all_predictions", "Can see everybody's applicants and predictions"),
            ("export_history", "Can take the history out as a file"),
            ("enter_admin", "Can enter the admin site"),
            ("share_staff_ids", "Its applications share the Loan IDs of the staff"),
        ]

    def __str__(self) -> str:
        return f"Prediction {self.pk}: {self.outcome}"

    @property
    def application(self) -> tuple[str, int, int | None]:
        """The keys of the application: Loan_ID, owner, and product as stored."""
        return self.loan_id, self.owner_id, self.product_id

    @property
    def product_key(self) -> int:
        """The key of the product, also of the built-in one."""
        return product_of_row(self.product_id)

    @cached_property
    def applied_at(self) -> datetime:
        """When the application was first scored."""
        same = Prediction.objects.of_application(*self.application)
        first: datetime = same.order_by("pk").values_list("created_at", flat=True)[0]
        return first

    @property
    def schema(self) -> Schema:
        """The schema by which the application was read."""
        return schema_of_version(self.model_version_id)

    @property
    def base(self) -> float | None:
        return self.explanation.base

    @property
    def reasons(self) -> list[Reason]:
        return self.explanation.reasons

    @property
    def log_odds(self) -> float:
        return cast("float", self.explanation.log_odds)

    @property
    def missing(self) -> list[str]:
        """Columns that the model reads and that have no value."""
        return self.explanation.missing

    @property
    def gaps(self) -> ProbabilityBounds | None:
        """Bounds of the probability; None if they were not computed."""
        return self.explanation.gaps

    @property
    def threshold(self) -> float:
        return self.policy.threshold

    @property
    def reaches_threshold(self) -> bool:
        """Whether the probability reaches the threshold."""
        return self.policy.rule.reaches_threshold(self.approval_probability)

    @property
    def approved(self) -> bool:
        """Whether the probability reaches the threshold, and no remark, rule or limit refers or denies."""
        return self.policy.rule.approves(self.approval_probability, self.referring_remarks, self.held)

    @property
    def advises_approval(self) -> bool:
        """Whether the model advises a person to approve: the threshold is reached, and no rule denies."""
        return self.reaches_threshold and not denies(self.held)

    @property
    def could_flip(self) -> list[str]:
        """Missing columns whose value could move the probability across the threshold."""
        return self.policy.rule.columns_that_flip(self.gaps, self.held)

    @property
    def referring_remarks(self) -> list[Remark]:
        """Remarks that refer the application if the policy refers for remarks."""
        return referring_remarks(self.schema, self.warnings, self.inputs) if self.warnings else []

    @property
    def held(self) -> Held:
        """The rules and limits of the policy that hold for the application."""
        rule = self.policy.rule
        return rule.held(self.schema, self.inputs) if rule.has_checks else ()

    @property
    def causes(self) -> list[ReferralCause]:
        """All causes for which the application is referred or denied, worked out from stored values."""
        facts = self.approval_probability, self.gaps, self.referring_remarks, self.held
        return self.policy.rule.causes(self.schema, *facts)


CaseRecord = TypeVar("CaseRecord", bound=models.Model)


class CaseRecordQuerySet(models.QuerySet[CaseRecord]):
    """Rows that belong to a prediction: decisions, claims, notices, referrals."""

    def of_product(self, product: Product | int) -> Self:
        """Return the rows of a product's predictions."""
        if isinstance(product, int):
            return self.filter(in_product("prediction__product", stored_product(product)))
        return self if product.alone else self.filter(in_product("prediction__product", product.stored_key))

    def of_application(self, loan_id: LoanIdKey, owner: OwnerKey, product: ProductKey) -> Self:
        """Return the rows of all predictions of one application (see `PredictionQuerySet.of_application`)."""
        return self.filter(*of_application("prediction__entry__", loan_id, owner, product))


class ReferralQuerySet(CaseRecordQuerySet["Referral"]):
    def of_product(self, product: Product | int) -> Self:
        """Return the entries of a product, or of the product with this key."""
        return self.filter(product=product if isinstance(product, int) else product.pk)

    def visible_to(self, user: AnyUser) -> Self:
        """Return the complete entries of cases that a user may see: own ones, and those assigned to them."""
        complete = self.filter(owner__isnull=False)  # the condition of the index that has the queue's order
        if user.has_perm("predictions.view_all_predictions"):
            return complete
        return complete.filter(Q(owner=user.pk) | Q(assigned_to=user.pk))


class Referral(models.Model):
    """The place of a referred application in the queue, deleted when a person decides or it is withdrawn.

    Few cases wait, many have waited. The fields beside `prediction` are for the queue, which sorts, filters
    and counts by them alone. They are empty in rows of servers of the release before until
    `services.queue.entries` completes them.
    """

    prediction = models.OneToOneField(
        Prediction,
        models.CASCADE,
        primary_key=True,
        related_name="referral",
        help_text="The newest referred one of its application.",
    )
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", db_index=False, default=BUILT_IN, db_default=BUILT_IN
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    loan_id = models.CharField(max_length=LOAN_ID_LENGTH, default="", db_default="")
    since = models.DateTimeField(null=True, help_text="When the application was first referred.")
    amount = models.FloatField(null=True, help_text="The amount asked for, as the schema stores it.")
    causes = models.CharField(max_length=255, default="", db_default="", help_text="Codes, as in files.")
    source = models.CharField(max_length=16, choices=Prediction.Source, default="", db_default="")
    batch = models.ForeignKey(
        "predictions.Batch", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    held_until = models.DateField(null=True, help_text="Last day of a hold; empty if it is not on hold.")

    objects = ReferralQuerySet.as_manager()

    class Meta:
        permissions = [("assign_cases", "Can assign cases, and act on several at once")]
        constraints = [
            models.UniqueConstraint(fields=["loan_id", "owner", "product"], name="one_place_in_the_queue")
        ]
        indexes = [
            # The queue's order and the columns of its views: only entries that are shown are fetched. New
            # ones are written at its end; an index by amount would change a page for each.
            models.Index(
                fields=["product", "since", "owner", "assigned_to", "held_until"],
                name="referral_in_order",
                condition=Q(owner__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"Referral of prediction {self.pk}"
