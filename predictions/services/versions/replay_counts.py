"""What a replay counts: over all rows and by group."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ml.applications.schema import GROUP_COLUMNS
from predictions.models import Prediction
from predictions.words.group_words import labelled


@dataclass(slots=True)
class Tally:
    """Counts of one group; `shift` sums new minus old probability."""

    replayed: int = 0
    approved_before: int = 0
    approved_after: int = 0
    to_approved: int = 0
    to_denied: int = 0
    to_refer: int = 0
    shift: float = 0.0

    def add(self, prediction: Prediction, probability: float, outcome: str) -> None:
        before = prediction.outcome
        self.replayed += 1
        self.approved_before += before == "approved"
        self.approved_after += outcome == "approved"
        self.to_approved += outcome == "approved" != before
        self.to_denied += outcome == "denied" != before
        self.to_refer += outcome == "refer" != before
        self.shift += probability - prediction.approval_probability

    @property
    def flipped(self) -> int:
        return self.to_approved + self.to_denied + self.to_refer

    @property
    def unchanged(self) -> int:
        return self.replayed - self.flipped

    @property
    def mean_shift(self) -> float:
        return self.shift / self.replayed if self.replayed else 0.0


@dataclass(slots=True)
class Counts:
    """All rows together, and the same rows by column and value (``None`` for a gap)."""

    total: Tally = field(default_factory=Tally)
    groups: dict[str, dict[Any, Tally]] = field(default_factory=lambda: {name: {} for name in GROUP_COLUMNS})

    def add(self, prediction: Prediction, probability: float, outcome: str) -> None:
        self.total.add(prediction, probability, outcome)
        for column, tallies in self.groups.items():
            tally = tallies.setdefault(prediction.inputs.get(column), Tally())
            tally.add(prediction, probability, outcome)

    def by_group(self) -> Iterator[tuple[str, list[tuple[str, Tally]]]]:
        """Yield each column's label with its groups."""
        for column, tallies in self.groups.items():
            yield labelled(column, tallies)
