"""What a simulation counts: outcomes before and after, over all rows and by group."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ml.schema import GROUP_COLUMNS
from predictions.group_words import labelled

BINS = 20
# The stored inputs by whose values applicants are compared.
Groups = msgspec.defstruct("Groups", [(column, str | None, None) for column in GROUP_COLUMNS], frozen=True)


class Tally:
    """How many rows go from which outcome to which."""

    def __init__(self) -> None:
        self.moves: Counter[tuple[str, str]] = Counter()

    @property
    def rows(self) -> int:
        return self.moves.total()

    @property
    def flipped(self) -> int:
        return sum(count for (before, after), count in self.moves.items() if before != after)

    def before(self, outcome: str) -> int:
        return sum(count for (before, _), count in self.moves.items() if before == outcome)

    def after(self, outcome: str) -> int:
        return sum(count for (_, after), count in self.moves.items() if after == outcome)


@dataclass(slots=True)
class Counts:
    """Rows by group and outcomes, and by probability: few numbers, however many rows.

    `elsewhere` counts those that were scored under another policy than the one in force.
    """

    cells: Counter[tuple[Any, str, str]] = field(default_factory=Counter)
    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    elsewhere: int = 0

    def add(self, groups: Any, probability: float, before: str, after: str) -> None:
        self.cells[groups, before, after] += 1
        self.bins[min(int(probability * BINS), BINS - 1)] += 1

    def total(self) -> Tally:
        tally = Tally()
        for (_, before, after), count in self.cells.items():
            tally.moves[before, after] += count
        return tally

    def by_group(self) -> Iterator[tuple[str, list[tuple[str, Tally]]]]:
        """Yield each column's label with its groups."""
        for column in GROUP_COLUMNS:
            yield labelled(column, self._tallies(column))

    def _tallies(self, column: str) -> dict[Any, Tally]:
        tallies: dict[Any, Tally] = {}
        for (groups, before, after), count in self.cells.items():
            tallies.setdefault(getattr(groups, column), Tally()).moves[before, after] += count
        return tallies
