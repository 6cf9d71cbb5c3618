from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from ml.training import RECIPE_TITLES
from predictions.models.product import OfProductQuerySet, Product, ProductRow, SchemaVersion


class ModelVersionQuerySet(OfProductQuerySet["ModelVersion"]):
    def active(self) -> Self:
        return self.filter(status=ModelVersion.Status.ACTIVE)


class ModelVersion(ProductRow):
    """A trained model whose artefact is in the store. At most one version of a product is active."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate"
        ACTIVE = "active"
        RETIRED = "retired"

    schema = models.ForeignKey(
        SchemaVersion,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Empty: the built-in product's first version.",
    )
    recipe = models.CharField(max_length=32, choices=RECIPE_TITLES)
    status = models.CharField(max_length=16, choices=Status, default=Status.CANDIDATE)
    artefact = models.CharField(max_length=100, unique=True, help_text="Directory in the artefact store.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the artefact's manifest.")
    columns = models.JSONField(help_text="Columns of the data set that the model may use.")
    protected_columns = models.JSONField(help_text="Protected columns that the model uses.")
    data_name = models.CharField("training file", max_length=255)
    data_digest = models.CharField(max_length=64, help_text="SHA-256 of the training file.")
    synthetic = models.BooleanField("trained on synthetic sample data")
    report = models.JSONField(help_text="Search, cross-validation with baselines, hold-out.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("reason of the last activation", max_length=500, blank=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=Q(status="active"), name="one_active_version_per_product"
            )
        ]
        permissions = [
            ("activate_modelversion", "Can train, activate and roll back model versions"),
            ("replay_modelversion", "Can replay stored predictions with another version"),
        ]

    def __str__(self) -> str:
        return f"Version {self.pk}, {self.get_recipe_display()}"

    @property
    def schema_number(self) -> int:
        """The number of the version of the schema that the model reads."""
        return 1 if self.schema is None else self.schema.number


class ArtefactFile(models.Model):
    """A copy of one file of a version's artefact, used when the file itself is missing or damaged."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="artefact_files")
    name = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="one_artefact_file_per_name")]

    def __str__(self) -> str:
        return f"{self.name} of version {self.version_id}"


class OutOfFold(models.Model):
    """Out-of-fold probabilities: each training row of a version, scored by a model not fitted on that row.

    The gate uses them to judge a version on the rows that it was trained on. Never updated.
    """

    version = models.OneToOneField(ModelVersion, models.CASCADE, related_name="out_of_fold")
    repeats = models.PositiveSmallIntegerField(help_text="Repeats of the cross-validation.")
    probabilities = models.BinaryField(
        help_text="Little-endian 64-bit floats, one repeat after another, in the order of the training file."
    )
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Out-of-fold probabilities of version {self.version_id}"


class Comparison(models.Model):
    """The gate's verdict on a candidate compared with the version that was active. Never updated.

    Without an incumbent no version was active. Without a verdict the comparison failed, and `error` says why.
    """

    # Number of the rules by which the gate judges today. A verdict by other rules does not let a candidate
    # through: by rules 1, a candidate with the active version's recipe was compared with itself.
    RULES = 2

    candidate = models.ForeignKey(ModelVersion, models.PROTECT, related_name="comparisons")
    incumbent = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    verdict = models.JSONField(null=True)
    error = models.TextField(blank=True)
    # The database's default is for servers of an earlier release, which run on during an update.
    rules = models.PositiveSmallIntegerField(default=RULES, db_default=1)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.candidate} beside {self.incumbent or 'no active version'}"


class ActivationQuerySet(models.QuerySet["Activation"]):
    def of_product(self, product: Product | int) -> Self:
        """Return the activations of a product's versions."""
        return self.filter(version__product=product if isinstance(product, int) else product.pk)

    def live_on(self, moment: datetime) -> Self:
        """Return the activation of the version that was active at `moment`, or no row.

        The rows must be of one product.
        """
        newest = self.filter(at__lte=moment).order_by("-at", "-pk").values("pk")[:1]
        return self.filter(pk__in=newest)

    def with_end(self) -> Self:
        """Annotate each activation with `until`, the time of its product's next one, or ``None``."""
        later = Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
        same_product = Q(version__product=OuterRef("version__product"))
        following = Activation.objects.filter(later, same_product).order_by("at", "pk")
        return self.annotate(until=Subquery(following.values("at")[:1]))


class Activation(models.Model):
    """A version became the active one: a line of the timeline. Never updated."""

    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="activations")
    previous = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=500)
    overridden = models.BooleanField(default=False, help_text="Activated although the gate refused it.")
    verdict = models.JSONField(null=True, help_text="The gate's verdict, if there was a comparison.")
    means_confirmed = models.BooleanField(
        default=False, db_default=False, help_text="Whether the person confirmed what a good outcome means."
    )

    objects = ActivationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.version} at {self.at:%Y-%m-%d %H:%M}"
