"""Counts that are kept beside the rows they count, so that no page counts a million."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from predictions.models.fields import WrittenJSONField
from predictions.models.prediction import Prediction
from predictions.models.product import Product, ProductRow
from predictions.models.querysets import AnyUser
from predictions.roles import SEE_ALL


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


class DayCount(ProductRow):
    """How many applications were scored, and how many decisions made, in each quarter of an hour of a day.

    It adds up `ScoredCount`, and counts decisions. The days are those of UTC.
    """

    OVERRIDDEN, DECIDED = "overridden", "decided"  # against the advice, and other decisions

    day = models.DateField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Of the predictions; empty for those of all owners.",
    )
    kind = models.CharField(max_length=16, help_text="An outcome, or a kind of decisions.")
    numbers = WrittenJSONField(help_text="One for each quarter of an hour.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "owner", "day", "kind"], name="one_count_per_day"),
            models.UniqueConstraint(
                fields=["product", "day", "kind"],
                condition=Q(owner__isnull=True),
                name="one_count_of_all_owners_per_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{sum(self.numbers)} {self.kind} on {self.day:%Y-%m-%d}"


class CountedUntil(models.Model):
    """Until when the applications scored are counted: the one row of its table, or none."""

    until = models.DateTimeField()
    # A trigger empties it where a decision is deleted. Servers of the release before leave it empty.
    days_until = models.DateTimeField(
        null=True, help_text="Until when `DayCount` has all; empty if it is made anew."
    )

    def __str__(self) -> str:
        return f"Counted until {self.until:%Y-%m-%d %H:%M}"


class WaitingCountQuerySet(models.QuerySet["WaitingCount"]):
    def of_product(self, product: Product) -> Self:
        return self.filter(product=product.pk)

    def visible_to(self, user: AnyUser) -> Self:
        """Return the counts of cases that a user may see (see `ReferralQuerySet.visible_to`)."""
        if user.has_perm(SEE_ALL):
            return self
        return self.filter(Q(owner=user.pk) | Q(assigned_to=user.pk))


class WaitingCount(models.Model):
    """How many complete entries of the queue are alike. Only triggers of the queue and the worker write it.

    The numbers of all rows that fit are added up; one may be below 0. SQLite has one row for the same facts.
    On PostgreSQL writers of one row would wait for each other: each statement adds rows, and the worker makes
    one of those that are alike (`services.queue.kept_counts`).
    """

    product = models.ForeignKey(Product, models.DO_NOTHING, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    by_hand = models.BooleanField(help_text="Whether the form scored it.")
    day = models.DateField(help_text="In UTC, when it was first referred.")
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+")
    held_until = models.DateField(null=True)
    number = models.IntegerField()

    objects = WaitingCountQuerySet.as_manager()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.number} waiting since {self.day:%Y-%m-%d}"
