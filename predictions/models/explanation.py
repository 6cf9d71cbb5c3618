from django.db import models

from predictions.models.fields import WrittenJSONField


class Explanation(models.Model):
    """Base and reasons of predictions. Equal ones are one row: few applications fall in bins of their own.

    Never updated.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of base and reasons.")
    base = models.FloatField(null=True, help_text="Log-odds before any reason; none without reasons.")
    reasons = WrittenJSONField(help_text="Contributions in log-odds, most adverse first.")

    def __str__(self) -> str:
        return f"Explanation {self.pk}"
