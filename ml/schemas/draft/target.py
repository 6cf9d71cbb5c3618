"""Decide which values of the target are good."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault
from ml.schemas.draft import words
from ml.schemas.features import label_of
from ml.tables.labels import is_left_out
from ml.tables.training_csv import MIN_ROWS_PER_CLASS

_SHOWN = 10


class DraftTarget(NamedTuple):
    """The values of the target that are good, bad and left out, and what a person should check."""

    good: tuple[str, ...]
    bad: tuple[str, ...]
    leave_out: tuple[str, ...]
    notes: tuple[str, ...]


class TargetColumn(NamedTuple):
    """The target's heading, its values with their numbers of rows, and the texts of its gaps."""

    file: str
    heading: str
    counts: Mapping[str, int]
    gaps: Sequence[str]

    def fault(self, expected: str) -> DatasetError:
        """Return an error about this column."""
        return DatasetError(self.file, [DatasetFault(1, self.heading, None, expected)])

    def found(self) -> str:
        """List the values and their rows."""
        pairs = sorted(self.counts.items(), key=lambda pair: -pair[1])
        listed = ", ".join(f"{show_value(value)} ({count:,} rows)" for value, count in pairs[:_SHOWN])
        more = f" and {len(pairs) - _SHOWN:,} more" if len(pairs) > _SHOWN else ""
        return f"the column has the values {listed}{more}"


def draft_target(column: TargetColumn, good: Sequence[str], leave_out: Sequence[str]) -> DraftTarget:
    """Return the good and the bad values.

    Parameters
    ----------
    good : sequence of str
        The good values; all others are bad. Empty: known words decide.
    leave_out : sequence of str
        Values whose rows are not trained on. Rows without a value and those with ``leave out`` are left out
        too.

    Raises
    ------
    DatasetError
        If nobody said which values are good and the words do not tell, or there are too few rows of one kind.
    """
    _check_known(column, [*good, *leave_out])
    by_word = [value for value in column.counts if is_left_out(value) and value not in (*good, *leave_out)]
    leave_out = [*leave_out, *by_word]
    values = [value for value in column.counts if value not in leave_out]
    notes: list[str] = []
    if not good:
        good, notes = _by_words(column, values)
    bad = [value for value in values if value not in good]
    for side, chosen in (("good", good), ("bad", bad)):
        rows = sum(column.counts[value] for value in chosen)
        if rows < MIN_ROWS_PER_CLASS:
            raise column.fault(
                f"at least {MIN_ROWS_PER_CLASS} {side} rows are expected, not {rows}; {column.found()}"
            )
    if column.gaps:
        notes.append("Rows without an outcome are left out.")
    return DraftTarget(tuple(good), tuple(bad), (*leave_out, *column.gaps), tuple(notes))


def _check_known(column: TargetColumn, given: Sequence[str]) -> None:
    for value in given:
        if value not in column.counts:
            raise column.fault(f"{show_value(value)} is no value of the target; {column.found()}")


def _by_words(column: TargetColumn, values: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the good one of two values, and notes."""
    sense = words.target_sense(column.heading)
    if len(values) != 2:
        raise column.fault(f"say which values are good, with --good; {column.found()}")
    signs = [_sign(value, sense) for value in values]
    if signs[0] == signs[1] or (0 in signs and not any(map(_is_plain_word, values))):
        raise column.fault(f"say which of the two values is good, with --good; {column.found()}")
    good = values[signs.index(max(signs))]
    if not sense and not any(map(_is_plain_word, values)):
        doubt = f"{good!r} was taken as good, but the name {column.heading!r} does not say so: check it."
        return [good], [doubt]
    return [good], []


def _folded(value: str) -> str:
    return re.sub(r"[\W_]+", " ", value.casefold()).strip() if not re.match(r"\d", value) else value


def _is_plain_word(value: str) -> bool:
    """Return True if a value says by itself whether it is good."""
    return _folded(value) in words.GOOD_VALUES | words.BAD_VALUES


def _sign(value: str, sense: int) -> int:
    """Return 1 for a good value, -1 for a bad one, 0 for one that is unknown."""
    folded = _folded(value)
    if folded in words.GOOD_VALUES or folded in words.BAD_VALUES:
        return 1 if folded in words.GOOD_VALUES else -1
    if folded in words.TRUE_VALUES or folded in words.FALSE_VALUES:
        return (1 if folded in words.TRUE_VALUES else -1) * (sense or 1)
    return 0


def draft_meaning(heading: str, good: Sequence[str]) -> str:
    """Return words for what the good values mean, which a person has to confirm.

    Examples
    --------
    >>> draft_meaning("creditability", ["good"])
    'Creditability is good'
    """
    return f"{label_of(heading)} is {' or '.join(good)}"
