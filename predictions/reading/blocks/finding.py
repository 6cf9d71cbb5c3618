"""Finding the first predictions of a list in blocks, where filters leave few among many.

Blocks name candidates, and the database chooses among them, so that a list has exactly what its filters
leave. Predictions that are newer than all blocks are read beside them. Where blocks do not help, functions
return None, and the caller reads the predictions in their order.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.db.models import Q
from django.db.models.functions import Coalesce

from predictions.models import Prediction, PredictionBlock
from predictions.reading.blocks.codes import CODED, CodeRange, Known, TimeRange, at_least, at_most
from predictions.reading.blocks.slices import first_of, join, places, within
from predictions.reading.keyset import Key, PredictionRows, SortOrder, one_of

MOST_NEWER = 50_000  # predictions that are read beside blocks, at most
MOST_CANDIDATES = 25_000  # looking up more takes as long as reading an index of a million
_DENSE = 8  # one candidate in so many predictions
_FIRST = 1_000  # predictions that are looked at without blocks: mostly a page is among them
_GROUPS = (8, 128)  # blocks that are read at once: the first ones may be enough
_MORE = 8  # times as many candidates, where those before were not enough
_VALUE = "sorted_by"
_BY_PROBABILITY = "approval_probability"


class Extent(NamedTuple):
    """The ids and the times of a block."""

    first: int
    size: int
    oldest: datetime
    newest: datetime

    def ends(self, field: str) -> tuple[Any, Any]:
        """Return the lowest and the highest value that its predictions may have in a field."""
        by_time = field == "created_at"
        return (self.oldest, self.newest) if by_time else (self.first, self.first + self.size - 1)


class Candidates(NamedTuple):
    """Predictions of some blocks that may fit, as bits: `size` for each block, in the order of `firsts`."""

    firsts: Sequence[int]
    size: int
    bits: int

    @property
    def ids(self) -> list[int]:
        return [self.firsts[place // self.size] + place % self.size for place in places(self.bits)]

    def by_block(self) -> Iterator[Self]:
        block = (1 << self.size) - 1
        for number, first in enumerate(self.firsts):
            yield self._replace(firsts=[first], bits=self.bits >> number * self.size & block)


def first_in_blocks(
    rows: PredictionRows,
    order: SortOrder,
    count: int,
    *,
    visible: Sequence[Known] = (),
    filters: Sequence[Known],
    start: Key | None = None,
) -> list[Key] | None:
    """Return the keys of the first `count` of `rows` after a key in an order.

    Rows that are known to be none, such as those of a source without predictions, need no look.

    Parameters
    ----------
    rows
        What the filters leave.
    visible, filters
        What is known of all rows that a user sees, and of those that the filters leave. Without filters an
        index has all rows in their order.
    """
    return (
        _Search(rows, [*visible, *filters], order, count, start).keys()
        if filters and not rows.query.is_empty()
        else None
    )


class _Search:
    """The search of `first_in_blocks`."""

    def __init__(
        self, rows: PredictionRows, known: Sequence[Known], order: SortOrder, count: int, start: Key | None
    ) -> None:
        self._order, self._count, self._start = order, count, start
        self._codes = [one for one in known if isinstance(one, CodeRange)]
        self._times = [one for one in known if isinstance(one, TimeRange)]
        # No index has the value under this name: the database looks up ids, and does not read all in order.
        rows = rows.annotate(**{_VALUE: Coalesce(order.field, order.field)})
        self._rows = rows if start is None else rows.filter(_after(_VALUE, order, start))
        every = Prediction.objects.filter(*(times.condition for times in self._times))
        self._following = every if start is None else every.filter(_after(order.field, order, start))
        self._found: list[Key] = []

    def keys(self) -> list[Key] | None:
        if self._are_at_the_beginning():
            return self._found
        extents = list(map(Extent._make, PredictionBlock.objects.values_list(*Extent._fields)))
        until = max((extent.first + extent.size for extent in extents), default=0)
        if not extents or _newest() - until > MOST_NEWER:
            return None
        self._add(self._rows.filter(pk__gte=until))
        extents = [extent for extent in extents if all(_meet(times, extent) for times in self._times)]
        by_probability = self._order.field == _BY_PROBABILITY
        is_found = self._by_probability(extents) if by_probability else self._by_extent(extents)
        return self._found if is_found else None

    def _are_at_the_beginning(self) -> bool:
        """Look at the first predictions of the order, whatever the filters, if an index has that order."""
        if self._order.field == _BY_PROBABILITY:
            return False
        first = self._order.sort(self._following)[:_FIRST].values("pk")
        return self._add(self._rows.filter(pk__in=first)) == self._count

    def _add(self, rows: PredictionRows) -> int:
        """Add the first of `rows`, and return their number."""
        sign = "-" if self._order.descending else ""
        first = rows.order_by(f"{sign}{_VALUE}", f"{sign}pk").values_list(_VALUE, "pk")
        return self._merge(Key(*key) for key in first[: self._count])

    def _merge(self, found: Iterable[Key]) -> int:
        keys = [*found]
        self._found = sorted({*self._found, *keys}, reverse=self._order.descending)[: self._count]
        return len(keys)

    def _by_probability(self, extents: Sequence[Extent]) -> bool:
        """Look for the first ones by their codes. Return whether they are found."""
        firsts = [extent.first for extent in extents]
        rows, slices = _candidates(firsts, [*self._codes, *self._from_start()], "probability")
        count, best = self._count, 0
        while best != rows.bits:
            count *= _MORE
            best = first_of(slices, rows.bits, count, descending=self._order.descending)
            if best.bit_count() > MOST_CANDIDATES:
                return False
            if self._add(self._rows.filter(one_of("pk", rows._replace(bits=best).ids))) == self._count:
                break
        return True

    def _from_start(self) -> Iterator[CodeRange]:
        if self._start:
            yield (at_most if self._order.descending else at_least)("probability")(self._start.value)

    def _by_extent(self, extents: Sequence[Extent]) -> bool:
        """Look from the block with the first values on. Return whether the first predictions are found."""
        ids, total, enough = list[int](), 0, self._count
        for extent, candidates in self._in_turn(self._onwards(extents)):
            if len(ids) >= enough:
                self._look_up(ids)
                ids, enough = [], enough * _MORE
            if not ids and self._is_before(extent):
                return True
            new = candidates.ids
            total += len(new)
            if total > MOST_CANDIDATES or self._is_hopeless(extent, new):
                return False
            ids += new
        self._look_up(ids)
        return True

    def _is_hopeless(self, extent: Extent, ids: Sequence[int]) -> bool:
        """Return whether a block is full of candidates that other filters leave out, as far as a few tell.

        Of a block that times leave a part of, a few tell nothing.
        """
        if self._found or self._times or len(ids) * _DENSE < extent.size:
            return False
        self._look_up(ids[:_FIRST])
        return not self._found

    def _onwards(self, extents: Sequence[Extent]) -> list[Extent]:
        """Return the blocks from the start on, in the order of their first values."""
        field, descending = self._order.field, self._order.descending
        ahead = sorted(extents, key=lambda extent: extent.ends(field)[descending], reverse=descending)
        if self._start is None:
            return ahead
        start = self._start.value
        if descending:
            return [extent for extent in ahead if extent.ends(field)[0] <= start]
        return [extent for extent in ahead if extent.ends(field)[1] >= start]

    def _in_turn(self, extents: Sequence[Extent]) -> Iterator[tuple[Extent, Candidates]]:
        """Yield each block that has candidates."""
        done, sizes = 0, iter(_GROUPS)
        size = 0
        while done < len(extents):
            size = next(sizes, size)
            group = {extent.first: extent for extent in extents[done : done + size]}
            candidates, _ = _candidates([*group], self._codes)
            for block in candidates.by_block():
                if block.bits:
                    yield group[block.firsts[0]], block
            done += size

    def _is_before(self, extent: Extent) -> bool:
        """Return whether all that is found comes before a block, and is enough."""
        if len(self._found) < self._count:
            return False
        last, (low, high) = self._found[-1].value, extent.ends(self._order.field)
        return bool(last > high if self._order.descending else last < low)

    def _look_up(self, ids: Sequence[int]) -> None:
        if ids:
            self._add(self._rows.filter(one_of("pk", ids)))


def _after(field: str, order: SortOrder, start: Key) -> Q:
    """Return the condition that a field, and the id among equal values, come after a key."""
    side = "lt" if order.descending else "gt"
    follows = Q(**{f"{field}__{side}": start.value}) | Q(**{f"pk__{side}": start.pk})
    return Q(**{f"{field}__{side}e": start.value}) & follows


def _meet(times: TimeRange, extent: Extent) -> bool:
    is_late = times.since is None or extent.newest >= times.since
    return is_late and (times.until is None or extent.oldest < times.until)


def _newest() -> int:
    return Prediction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _candidates(
    firsts: Sequence[int], codes: Sequence[CodeRange], also: str = ""
) -> tuple[Candidates, list[int]]:
    """Return what has the codes in some blocks, in their order, and the slices of one more column."""
    columns = [*dict.fromkeys([*(range_.column for range_ in codes), *([also] if also else [])])]
    blocks = PredictionBlock.objects.filter(one_of("first", firsts)).order_by()
    by_first = {block[0]: block for block in blocks.values_list("first", "size", *columns)}
    found = [by_first[first] for first in firsts if first in by_first]
    stored = list(zip(*found, strict=True)) or [()] * 2
    size = max(stored[1], default=8)
    slices = {
        name: join([bytes(block) for block in packed], CODED[name].bits, size)
        for name, packed in zip(columns, stored[2:], strict=False)
    }
    bits = _every(stored[1], size)
    for column, low, high in codes if slices else []:
        bits = within(slices[column], low, high, bits)
    return Candidates(stored[0], size, bits), slices.get(also, [])


def _every(sizes: Sequence[int], size: int) -> int:
    """Return the bits of all places of blocks, each of which takes `size`."""
    return int.from_bytes(b"".join(((1 << own) - 1).to_bytes(size // 8, "little") for own in sizes), "little")
