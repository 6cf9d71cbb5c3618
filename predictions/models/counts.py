from django.conf import settings
from django.db import models

from predictions.models.prediction import Prediction
from predictions.models.product import ProductRow


class ScoredCount(ProductRow):
    """How many applications of one kind were scored in one quarter of an hour. The desk adds them up.

    Days of every time zone begin at a quarter of an hour.
    """

    quarter = models.DateTimeField(help_text="When the quarter of an hour began.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=16, choices=Prediction.Source)
    outcome = models.CharField(max_length=16, choices=Prediction.Outcome)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["quarter", "product", "owner", "source", "outcome"], name="one_count_per_quarter"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome} from {self.quarter:%Y-%m-%d %H:%M}"


class CountedUntil(models.Model):
    """Until when the applications scored are counted: the one row of its table, or none."""

    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"Counted until {self.until:%Y-%m-%d %H:%M}"
