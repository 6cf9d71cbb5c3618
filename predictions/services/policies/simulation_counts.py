"""What a simulation counts: outcomes before and after, over all rows and by group."""

import operator
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ml.applications.schema import COLUMNS, GROUP_COLUMNS
from predictions.words.group_words import labelled

BINS = 20
# Of stored inputs, the values by which applicants are compared.
groups_of = operator.itemgetter(*map(COLUMNS.index, GROUP_COLUMNS))


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

    `elsewhere` counts those that were scored under another policy than the one in force, `remarked` those
    with a remark that refers them under a policy that heeds remarks.
    """

    cells: Counter[tuple[Any, str, str]] = field(default_factory=Counter)
    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    elsewhere: int = 0
    remarked: int = 0

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
        for place, column in enumerate(GROUP_COLUMNS):
            yield labelled(column, self._tallies(place))

    def _tallies(self, place: int) -> dict[Any, Tally]:
        tallies: dict[Any, Tally] = {}
        for (groups, before, after), count in self.cells.items():
            tallies.setdefault(groups[place], Tally()).moves[before, after] += count
        return tallies
