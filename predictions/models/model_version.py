from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from ml.training import RECIPE_TITLES


class ModelVersionQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(status=ModelVersion.Status.ACTIVE)


class ModelVersion(models.Model):
    """A trained model in the artefact store; exactly one serves at a time."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate"
        ACTIVE = "active"
        RETIRED = "retired"

    recipe = models.CharField(max_length=32, choices=RECIPE_TITLES)
    status = models.CharField(max_length=16, choices=Status, default=Status.CANDIDATE)
    artefact = models.CharField(max_length=100, unique=True, help_text="Directory in the artefact store.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the artefact's manifest.")
    columns = models.JSONField(help_text="The data set's columns that the model may see.")
    protected_columns = models.JSONField(help_text="Protected columns among them.")
    data_name = models.CharField("training file", max_length=255)
    data_digest = models.CharField(max_length=64, help_text="SHA-256 of the training file.")
    synthetic = models.BooleanField("trained on synthetic sample data")
    report = models.JSONField(help_text="Search, cross-validation beside the baselines, hold-out.")
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
                fields=["status"], condition=Q(status="active"), name="one_active_model_version"
            )
        ]
        permissions = [
            ("activate_modelversion", "Can train, activate and roll back model versions"),
            ("replay_modelversion", "Can replay stored predictions with another version"),
        ]

    def __str__(self) -> str:
        return f"Version {self.pk}, {self.get_recipe_display()}"


class ArtefactFile(models.Model):
    """A copy of one file of a version's artefact: it serves where the file itself is missing or broken."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="artefact_files")
    name = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="one_artefact_file_per_name")]

    def __str__(self) -> str:
        return f"{self.name} of version {self.version_id}"


class OutOfFold(models.Model):
    """Probabilities of a version's own training rows, each by a model that was not fitted on the row.

    The gate judges by them the rows that a version was trained on. Never updated.
    """

    version = models.OneToOneField(ModelVersion, models.CASCADE, related_name="out_of_fold")
    repeats = models.PositiveSmallIntegerField(help_text="Of cross-validation.")
    probabilities = models.BinaryField(
        help_text="Little-endian 64-bit floats, repeat by repeat, in the order of the training file's rows."
    )
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Out-of-fold probabilities of version {self.version_id}"


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
