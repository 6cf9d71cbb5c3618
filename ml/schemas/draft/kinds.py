"""Propose a kind for a column from its cells: a number, a category, yes and no, or none that fits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml.applications.number_texts import is_decimal
from ml.applications.types import Floats
from ml.applications.values import show_value
from ml.expressions.sizes import LARGEST
from ml.schemas.checks import MAX_CHOICES
from ml.schemas.draft import ranges, words
from ml.schemas.draft.cells import Cells
from ml.schemas.draft.choices import in_order, yes_no
from ml.schemas.draft.formats import format_of, is_gap_word

OLDEST = 120  # years
_MANY_LEVELS = 50
_FEW_LEVELS = 10
_ROWS_PER_LEVEL = 4
_MOSTLY = 0.9
_MOST_GAP_WORDS = 5
_CODED_TRAIT_LEVELS = 20


@dataclass(slots=True)
class Proposal:
    """A column while it is drafted; `role` is ``left_out`` where no kind fits."""

    kind: str
    role: str = "input"
    keys: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def leave_out(self, note: str) -> "Proposal":
        self.role = "left_out"
        self.notes.append(note)
        return self


def propose(heading: str, cells: Cells) -> Proposal:
    """Propose a kind from the cells."""
    if not cells.distinct:
        return Proposal("category").leave_out("Every cell is empty.")
    if not cells.texts:
        return _number(heading, cells)
    look, count = format_of(cells.texts)
    share = (count + cells.number_count) / cells.present
    if look == "date" and count >= _MOSTLY * cells.present:
        return Proposal("category").leave_out("Dates: a model reads none. Add a column such as months since.")
    if look in _UNREADABLE and share >= _MOSTLY and cells.distinct > _FEW_LEVELS:
        return Proposal("number").leave_out(f"{_UNREADABLE[look]} A cell is {_example(cells)}.")
    gap_words = _gap_words(cells)
    if gap_words:
        return _number(heading, cells, gap_words)
    return _category(heading, cells)


_UNREADABLE = {
    "percent": "Numbers with a percent sign are not read; write 12.5 instead of 12.5%.",
    "currency": "Numbers with a currency are not read; write plain numbers.",
}


def gap_note(texts: Sequence[str]) -> str:
    """Say which texts of a file mean a gap."""
    return f"{' and '.join(map(repr, texts))} in files is read as a missing value."


def _example(cells: Cells) -> str:
    return show_value(next(iter(cells.texts)))


def _gap_words(cells: Cells) -> list[str]:
    """Return the texts among numbers that mean gaps, or none if this is no column of numbers."""
    texts = list(cells.texts)
    if len(texts) > _MOST_GAP_WORDS:
        return []
    mostly = cells.number_count >= _MOSTLY * cells.present and cells.number_count > _FEW_LEVELS
    all_gaps = all(map(is_gap_word, texts)) and cells.number_count * 2 >= cells.present
    return texts if all_gaps or (mostly and cells.many) else []


def _number(heading: str, cells: Cells, gap_words: Sequence[str] = ()) -> Proposal:
    """Propose a number, a number with the choices 0 and 1, or a category of codes."""
    numbers = cells.numbers[~np.isnan(cells.numbers)]
    values = np.unique(numbers)
    whole = bool((values == np.round(values)).all())
    padded = any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in cells.numerals)
    trait = words.protected_by_name(heading) not in (None, "age")
    if (
        whole
        and not gap_words
        and (padded or words.is_code(heading) or (trait and len(values) <= _CODED_TRAIT_LEVELS))
    ):
        return _codes(heading, cells, padded)
    proposal = Proposal("number", notes=_constant(cells))
    proposal.role = "carried" if len(values) == 1 else "input"
    if gap_words:
        proposal.keys["missing"] = list(gap_words)
        proposal.notes.append(gap_note(gap_words))
    if cells.exponents:
        proposal.keys["exponents"] = True
    if values.tolist() == [0, 1]:
        proposal.keys["choices"] = [[0, "No"], [1, "Yes"]]
        proposal.notes.append("0 and 1 were labelled No and Yes: check it.")
        return proposal
    _describe_number(heading, proposal, numbers)
    return proposal


def _describe_number(heading: str, proposal: Proposal, numbers: Floats) -> None:
    """Give a number bounds, decimals, special codes and a direction."""
    special = ranges.special_codes(numbers)
    if special:
        numbers = numbers[~np.isin(numbers, special)]
        listed = ", ".join(map(str, special))
        proposal.keys["special"] = {str(code): f"code {code}" for code in special}
        proposal.notes.append(
            f"{listed}: looks like a code, not an amount. It gets a bin of its own: say what it means."
        )
    low, high = ranges.bounds(numbers)
    if words.protected_by_name(heading) == "age" and numbers.min() >= 15 and numbers.max() <= OLDEST:
        high = OLDEST
    places = ranges.decimals(numbers)
    proposal.keys |= {"minimum": low, "maximum": high}
    if places is not None:
        proposal.keys["decimals"] = places
    proposal.keys["direction"] = "auto"
    if words.is_date(heading) and numbers.min() >= 19_000_000 and numbers.max() < 22_000_000:
        proposal.role = "carried"
        proposal.notes.append(
            "Dates written as numbers: a model reads none. Add a column such as months since."
        )


def _codes(heading: str, cells: Cells, padded: bool) -> Proposal:
    """Propose a category of numbers that are codes, or a carried number if there are too many."""
    texts = list(cells.numerals)
    if cells.distinct > MAX_CHOICES or cells.many:
        if padded:
            return Proposal("category").leave_out(_too_many(cells))
        proposal = Proposal("number", "carried", notes=[_too_many(cells)])
        proposal.keys |= dict(
            zip(("minimum", "maximum"), ranges.bounds(cells.numbers[~cells.gaps]), strict=True)
        )
        return proposal
    proposal = _category_of(cells, sorted(texts, key=lambda text: (float(text), text)))
    if len(texts) > 1:
        proposal.notes.append("These numbers look like codes, which no model may order: give each a label.")
    return proposal


def _category(heading: str, cells: Cells) -> Proposal:
    """Propose a category, or yes and no."""
    texts = [*cells.texts, *cells.numerals]
    if cells.many or cells.distinct > MAX_CHOICES:
        return Proposal("category").leave_out(_too_many(cells))
    if not cells.printable:
        return Proposal("category").leave_out("A value has characters that cannot be printed.")
    if pair := yes_no(texts):
        keys = {} if [value for value, _ in pair] == ["No", "Yes"] else {"choices": pair}
        return Proposal("yes_no", keys=keys)
    return _category_of(cells, in_order(texts))


def _category_of(cells: Cells, texts: Sequence[str]) -> Proposal:
    proposal = Proposal("category", notes=_constant(cells))
    proposal.keys["choices"] = [[text, "Not known"] if text == "?" else text for text in texts]
    if numbers := _numbers_of(texts):
        proposal.keys["numbers"] = numbers
    crowded = cells.distinct > _FEW_LEVELS and cells.distinct * _ROWS_PER_LEVEL > cells.present
    if cells.distinct > _MANY_LEVELS or crowded:
        proposal.notes.append(f"{_too_many(cells)} It is carried beside the application.")
        proposal.role = "carried"
    elif cells.distinct == 1:
        proposal.role = "carried"
    return proposal


def _numbers_of(texts: Sequence[str]) -> dict[str, str]:
    """Return the choices that JSON may send as numbers: 2 for "2", and 3 for "3+"."""
    numerals = [text for text in texts if is_decimal(text.removesuffix("+"))]
    by_number = {f"{float(text.removesuffix('+')):.15g}": text for text in numerals}
    complete = len(by_number) == len(numerals) and all(abs(float(text)) <= LARGEST for text in by_number)
    return by_number if complete else {}


def _constant(cells: Cells) -> list[str]:
    if cells.distinct != 1:
        return []
    return [f"Every row has the value {show_value(cells.frequent[0][0])}, so no model can learn from it."]


def _too_many(cells: Cells) -> str:
    return f"{cells.distinct:,} different values are too many for a category."
