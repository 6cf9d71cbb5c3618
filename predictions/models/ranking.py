"""What the worker keeps behind the calls for lists: the ends of orders, and blocks.

An index by probability or by amount would make arrays slower. Lists show the first pages of an order, and few
predictions reach an extreme amount: for both, the first few thousand of each order are enough
(`reading.rankings`). The same table knows all predictions of a source that few have. Blocks tell where other
filters find few among many (`reading.blocks`).
"""

from django.db import models
from django.db.models import Q

from predictions.models.prediction import Prediction
from predictions.models.product import Product

ALL = ""


class Ranking(models.Model):
    """An order of a product's predictions, all or a part of them, by a measure and by id among equals.

    It has all predictions up to `RankedUntil.until` that do not come after `last_value` and `last_id`.
    """

    class Measure(models.TextChoices):
        PROBABILITY = "probability"
        AMOUNT = "amount"
        SOURCE = "source"  # by id, as long as few come from there

    product = models.ForeignKey(Product, models.CASCADE, related_name="+", db_index=False)
    measure = models.CharField(max_length=16, choices=Measure)
    part = models.CharField(max_length=16, blank=True, help_text="An outcome or a source; empty for all.")
    descending = models.BooleanField()
    last_value = models.FloatField(null=True, help_text="Empty if it has all predictions.")
    last_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "measure", "part", "descending"], name="one_ranking_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure}, {'highest' if self.descending else 'lowest'} first"

    @property
    def complete(self) -> bool:
        return self.last_value is None

    def reaches(self, value: float, pk: int) -> bool:
        """Return whether a prediction with this value belongs to it."""
        last = (self.last_value, self.last_id)
        return self.complete or ((value, pk) >= last if self.descending else (value, pk) <= last)


class RankedPrediction(models.Model):
    """A place in a ranking. The prediction may have been deleted since."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="places", db_index=False)
    value = models.FloatField()
    prediction = models.ForeignKey(
        Prediction, models.DO_NOTHING, related_name="places", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ranking", "value", "prediction"], name="one_place_in_a_ranking")
        ]

    def __str__(self) -> str:
        return f"Place of prediction {self.prediction_id}"


class RankedUntil(models.Model):
    """Up to which id the predictions are ranked: the one row of its table, or none.

    On PostgreSQL a prediction may become visible after one with a greater id. The newest id that was seen at
    `seen_at` becomes `until` when every call that began before has ended.
    """

    until = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Ranked up to prediction {self.until}"


class PredictionBlock(models.Model):
    """A bit-sliced index of what lists are filtered by: the codes of the `size` ids from `first` on.

    The worker writes a block when its predictions are complete. It never changes, since predictions do not,
    and readers ignore the places of deleted ones. Each column has the code of each id
    (`reading.blocks.codes`), packed by `reading.blocks.slices`. Ranges of ids without predictions have no
    block.
    """

    first = models.BigIntegerField(primary_key=True)
    size = models.PositiveIntegerField()
    oldest = models.DateTimeField(help_text="Lowest `created_at`.")
    newest = models.DateTimeField(help_text="Highest `created_at`.")
    product = models.BinaryField()
    owner = models.BinaryField()
    model_version = models.BinaryField()
    outcome = models.BinaryField()
    source = models.BinaryField()
    probability = models.BinaryField()
    amount = models.BinaryField()

    def __str__(self) -> str:
        return f"Block of predictions from {self.first}"


def after(value: float, pk: int, *, descending: bool) -> Q:
    """Return the condition of places that come after another one."""
    side = "lt" if descending else "gt"
    return Q(**{f"value__{side}": value}) | Q(**{"value": value, f"prediction__{side}": pk})
