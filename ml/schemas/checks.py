"""What a schema must obey beyond the types of its keys; every fault is named with its place in the file."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from ml.expressions.sizes import LARGEST
from ml.schemas.document import ColumnEntry, IdEntry, SchemaDocument, TargetEntry
from ml.schemas.features import make_choices
from ml.schemas.names import MAX_NAME_BYTES, NOT_IN_NAMES
from ml.schemas.reserved import RESERVED

MAX_CHOICES = 120  # codes of choices are small integers
MAX_TEXT = 2_000  # characters of a label, a help text and the like

# No database takes all of these, and some turn the direction of what follows. Tabs and line breaks may stand.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x80-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_SHOWN = frozenset({"aliases", "missing"})  # texts of files, whatever they are


class SchemaFault(NamedTuple):
    """A fault: the path of the key, and a sentence that says what was expected."""

    path: str
    message: str


Faults = Iterator[SchemaFault]


def list_faults(document: SchemaDocument) -> list[SchemaFault]:
    """Return every fault of a document's columns, ID and target; formulas are checked by the reader."""
    return [
        *_texts("", msgspec.to_builtins(document)),
        *_names(document),
        *_id(document.id),
        *_target(document.target),
        *_terms(document),
        *itertools.chain.from_iterable(
            _column(f"column[{place}]", entry) for place, entry in enumerate(document.column)
        ),
        *_model_column_names(document),
        *_remarks(document),
    ]


def _texts(path: str, value: Any) -> Faults:
    """Check every text that is shown on pages, in letters and in exports."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _NOT_SHOWN:
                yield from _texts(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, tuple | list):
        for place, inner in enumerate(value):
            yield from _texts(f"{path}[{place}]", inner)
    elif isinstance(value, str) and len(value) > MAX_TEXT:
        yield SchemaFault(path, f"a text of {len(value):,} characters; expected at most {MAX_TEXT:,}.")
    elif isinstance(value, str) and (found := _CONTROLS.search(value)):
        yield SchemaFault(path, f"the character {found[0]!r} cannot be shown.")


def _names(document: SchemaDocument) -> Faults:
    """Check the names: databases fold their case and cut them, and replies use some of them."""
    named = [(f"column[{place}].name", entry.name) for place, entry in enumerate(document.column)]
    outer = [("target.column", document.target.column)]
    if document.id.column is not None:
        outer.append(("id.column", document.id.column))
    seen: dict[str, str] = {}
    for path, name in [*outer, *named]:
        if first := seen.get(name.casefold()):
            yield SchemaFault(
                path, f"{name!r} is named already by {first}; case does not tell columns apart."
            )
        seen.setdefault(name.casefold(), path)
        yield from _name(path, name)
    for place, entry in enumerate(document.column):
        if entry.role != "after_decision" and entry.name in RESERVED:
            yield SchemaFault(
                f"column[{place}].name",
                f"{entry.name!r} is a field of replies; no column may be called {', '.join(RESERVED)}.",
            )


def _name(path: str, name: str) -> Faults:
    if not name.isprintable() or name != name.strip() or NOT_IN_NAMES & {*name}:
        yield SchemaFault(
            path,
            f"{name!r} is no name; expected printable characters, no space at either end, no back-tick.",
        )
    if len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        yield SchemaFault(path, f"{name!r} is longer than {MAX_NAME_BYTES} bytes.")


def _id(entry: IdEntry) -> Faults:
    if (entry.column is None) == (not entry.made):
        yield SchemaFault("id", "expected either column = NAME or made = true.")


def _target(entry: TargetEntry) -> Faults:
    for key in ("good", "bad"):
        if not getattr(entry, key):
            yield SchemaFault(f"target.{key}", "expected at least one value.")
    for value, times in Counter([*entry.good, *entry.bad, *entry.leave_out]).items():
        if times > 1:
            yield SchemaFault(
                "target", f"{value!r} stands in more than one place of good, bad and leave_out."
            )
    if not entry.means.strip() and entry.means_confirmed:
        yield SchemaFault(
            "target.means", "expected what the good values mean, such as 'repaid within 12 months'."
        )


def _terms(document: SchemaDocument) -> Faults:
    """Check the columns of the amount and of the term."""
    entries = {entry.name: entry for entry in document.column}
    for key in ("amount", "term"):
        name: str | None = getattr(document, key)
        if name is not None and (problem := _no_plain_number(entries.get(name))):
            yield SchemaFault(key, f"{name!r} is {problem}; expected a column of plain numbers, an input.")
    if document.amount is not None and document.amount == document.term:
        yield SchemaFault("term", f"{document.term!r} is the amount already.")


def _no_plain_number(entry: ColumnEntry | None) -> str:
    if entry is None:
        return "no column"
    if entry.kind != "number" or entry.choices:
        return "no number" if entry.kind != "number" else "a number with choices"
    return "protected" if entry.protected else "" if entry.role == "input" else entry.role


def _column(path: str, entry: ColumnEntry) -> Faults:
    checks: tuple[Callable[[str, ColumnEntry], Faults], ...] = (
        _bounds, _usual, _choices, _numbers, _spellings, _special, _number_texts, _of_numbers_only,
        _bands, _actionable,
    )  # fmt: skip
    for check in checks:
        yield from check(path, entry)


def _bounds(path: str, entry: ColumnEntry) -> Faults:
    for key in ("minimum", "above", "maximum"):
        value = getattr(entry, key)
        if value is not None and not -LARGEST <= value <= LARGEST:
            yield SchemaFault(f"{path}.{key}", f"{value!r} is not a number from -1e15 to 1e15.")
    if entry.minimum is not None and entry.above is not None:
        yield SchemaFault(f"{path}.above", "expected either minimum or above, not both.")
    low = entry.minimum if entry.minimum is not None else entry.above
    if low is not None and entry.maximum is not None and not low < entry.maximum:
        yield SchemaFault(f"{path}.maximum", f"{entry.maximum!r} is not above the lower bound {low!r}.")


def _usual(path: str, entry: ColumnEntry) -> Faults:
    if entry.usual is not None and not -math.inf < entry.usual[0] < entry.usual[1] < math.inf:
        yield SchemaFault(f"{path}.usual", f"expected a lower and a higher number, not {list(entry.usual)}.")


def _choices(path: str, entry: ColumnEntry) -> Faults:
    values = [choice[0] if isinstance(choice, tuple) else choice for choice in entry.choices]
    if len(values) > MAX_CHOICES:
        yield SchemaFault(f"{path}.choices", f"{len(values)} values; a column has at most {MAX_CHOICES}.")
        return
    if entry.kind == "number":
        yield from _number_choices(path, values)
        return
    if not make_choices(entry) and entry.role != "after_decision":  # nothing reads such a column
        yield SchemaFault(
            f"{path}.choices", "a category needs its values, such as choices = ['rent', 'own']."
        )
    texts = [str(value) for value in values]
    for text in dict.fromkeys(texts):
        if not text.strip() or not text.isprintable():
            yield SchemaFault(f"{path}.choices", f"{text!r} is no value; expected printable text.")
        if texts.count(text) > 1:
            yield SchemaFault(f"{path}.choices", f"{text!r} stands twice.")


def _number_choices(path: str, values: Sequence[str | float]) -> Faults:
    for value in values:
        if isinstance(value, str) or not -LARGEST <= value <= LARGEST:
            yield SchemaFault(f"{path}.choices", f"{value!r} is no number, but kind is 'number'.")
        elif values.count(value) > 1:
            yield SchemaFault(f"{path}.choices", f"{value!r} stands twice.")


def _numbers(path: str, entry: ColumnEntry) -> Faults:
    if entry.numbers and entry.kind == "number":
        yield SchemaFault(f"{path}.numbers", "only a category reads numbers as its values.")
    choices = {value for value, _ in make_choices(entry)} if entry.kind != "number" else set()
    for number, value in entry.numbers.items():
        if not _is_number(number):
            yield SchemaFault(f"{path}.numbers", f"{number!r} is no number.")
        if value not in choices and entry.kind != "number":
            yield SchemaFault(f"{path}.numbers", f"{value!r} is none of the choices.")


def _spellings(path: str, entry: ColumnEntry) -> Faults:
    values = {f"{value:g}" if isinstance(value, float) else value for value, _ in make_choices(entry)}
    for text, value in entry.spellings.items():
        if value not in values:
            yield SchemaFault(f"{path}.spellings", f"{value!r} is none of the choices.")
        elif not text.strip():
            yield SchemaFault(f"{path}.spellings", f"{text!r} is no text.")


def _special(path: str, entry: ColumnEntry) -> Faults:
    if entry.special and (entry.kind != "number" or entry.choices):
        yield SchemaFault(f"{path}.special", "only a number without choices has special codes.")
    for number in entry.special:
        if not _is_number(number):
            yield SchemaFault(f"{path}.special", f"{number!r} is no number.")


def _number_texts(path: str, entry: ColumnEntry) -> Faults:
    if entry.missing and entry.kind != "number":
        yield SchemaFault(f"{path}.missing", "only a number has texts that mean a gap; make it a choice.")
    if entry.exponents and entry.kind != "number":
        yield SchemaFault(f"{path}.exponents", "only a number has this key.")
    for text in entry.missing:
        if _is_number(text):
            yield SchemaFault(f"{path}.missing", f"{text!r} is a number; see special.")


def _is_number(text: str) -> bool:
    try:
        return -LARGEST <= float(text) <= LARGEST
    except ValueError:
        return False


_NUMBER_KEYS = (
    "minimum", "above", "maximum", "usual", "decimals", "scale", "too_low", "too_high", "actionable",
)  # fmt: skip


def _of_numbers_only(path: str, entry: ColumnEntry) -> Faults:
    for key in _NUMBER_KEYS if entry.kind != "number" or entry.choices else ():
        if getattr(entry, key) not in (None, ""):
            yield SchemaFault(f"{path}.{key}", "only a number without choices has this key.")
    if entry.direction in ("up", "down", "auto") and entry.kind != "number":
        yield SchemaFault(f"{path}.direction", "a category has no direction; leave the key out.")
    if entry.direction == "none" and entry.kind == "number" and not entry.choices:
        yield SchemaFault(f"{path}.direction", "a number without choices is up, down or auto.")
    if entry.scale is not None and not 0 < entry.scale <= LARGEST:
        yield SchemaFault(f"{path}.scale", f"{entry.scale!r} is not a number above 0.")


def _bands(path: str, entry: ColumnEntry) -> Faults:
    if entry.bands and entry.kind != "number":
        yield SchemaFault(f"{path}.bands", "only a number is compared in bands.")
    if any(not low < high for low, high in itertools.pairwise(entry.bands)):
        yield SchemaFault(f"{path}.bands", f"expected rising numbers, not {list(entry.bands)}.")
    if entry.document and entry.protected:
        yield SchemaFault(
            f"{path}.document", "nobody is asked to prove a protected value; leave the key out."
        )


def _actionable(path: str, entry: ColumnEntry) -> Faults:
    if entry.actionable is None:
        return
    first, last, step = entry.actionable
    if not (first < last and step > 0 and (last - first) // step <= 5000):
        yield SchemaFault(
            f"{path}.actionable", "expected lowest value, highest value and step, with at most 5,000 steps."
        )
    if entry.protected:
        yield SchemaFault(f"{path}.actionable", "nobody is asked to change a protected value.")


def _model_column_names(document: SchemaDocument) -> Faults:
    seen: set[str] = set()
    inputs = {entry.name for entry in document.column}
    for place, entry in enumerate(document.model_column):
        path = f"model_column[{place}].name"
        if entry.name.casefold() in seen:
            yield SchemaFault(path, f"{entry.name!r} is another model column already.")
        seen.add(entry.name.casefold())
        if entry.name not in inputs and entry.name.casefold() in {name.casefold() for name in inputs}:
            yield SchemaFault(path, f"{entry.name!r} differs only in case from a column.")
        yield from _name(path, entry.name)


def _remarks(document: SchemaDocument) -> Faults:
    columns = {entry.name for entry in document.column}
    for place, entry in enumerate(document.remark):
        if entry.column is not None and entry.column not in columns:
            yield SchemaFault(f"remark[{place}].column", f"{entry.column!r} is no column.")
