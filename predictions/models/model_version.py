from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ml.training.recipe_titles import TITLES


class ModelVersionQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(status=ModelVersion.Status.ACTIVE)


class ModelVersion(models.Model):
    """A trained model in the artefact store; exactly one serves at a time."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate"
        ACTIVE = "active"
        RETIRED = "retired"

    recipe = models.CharField(max_length=32, choices=TITLES)
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
