"""Draft one column: its kind, values, bounds and role, and notes for the person who reads the draft."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.applications.types import Flags
from ml.schemas.draft import ranges, words
from ml.schemas.draft.alone import category_alone, number_alone, standard_error
from ml.schemas.draft.cells import Cells
from ml.schemas.draft.kinds import OLDEST, Proposal, gap_note, propose
from ml.schemas.features import label_of

TWIN = 0.95  # area of one column alone above which it can hardly be known before the decision
_TWIN_AT_LEAST = 0.9  # two standard errors below


@dataclass(frozen=True, slots=True)
class ColumnDraft:
    """What is known and proposed about one column of the table.

    Attributes
    ----------
    heading, name : str
        As the file spells it, and as the schema does.
    role : str
        ``input``, ``carried``, ``after_decision``, ``id``, ``target``, or ``left_out`` for a column that the
        schema does not have.
    facts : dict
        The ``[[column]]`` of the schema; empty for ID, target and columns left out.
    notes : tuple of str
        What a person should look at.
    gaps : float
        Share of the rows without a value.
    distinct : int
        Different values.
    frequent : tuple of (str, int)
        The most frequent values and their rows.
    auc : float or None
        Area under the ROC curve of this column alone; ``None`` for the target, and for a column of one value.
    as_input : dict
        The facts that the column would have if a person decides that a model may read it.
    """

    heading: str
    name: str
    role: str
    facts: dict[str, Any]
    notes: tuple[str, ...]
    gaps: float
    distinct: int
    frequent: tuple[tuple[str, int], ...]
    auc: float | None
    as_input: dict[str, Any]


def draft_column(
    heading: str, name: str, cells: Cells, *, known: Flags, good: Flags, notes: Sequence[str] = ()
) -> ColumnDraft:
    """Draft a column that is neither ID nor target.

    Parameters
    ----------
    name : str
        Name in the schema.
    cells : Cells
        Of n rows.
    known : ndarray of bool, shape (n,)
        Rows whose outcome is known; they decide how well the column tells good from bad.
    good : ndarray of bool, shape (number of known rows,)
        Which of them are good.
    """
    proposal = propose(heading, cells)
    auc = _alone(proposal.kind, cells, known, good)
    trait = _trait(heading, proposal, cells)
    as_input = _keys(heading, name, proposal)
    _mark_later(proposal, heading, trait, auc, good)
    if trait and proposal.role != "after_decision":
        _protect(proposal, trait, cells)
    elif words.is_place(heading) and proposal.role == "input":
        proposal.notes.append(
            "A small area may stand for race or origin: decide whether a model may read it."
        )
    if gap_texts := [text for text in cells.gap_texts if text]:
        proposal.notes.append(gap_note(gap_texts))
    return ColumnDraft(
        heading=heading,
        name=name,
        role=proposal.role,
        facts=_facts(heading, name, proposal),
        notes=(*notes, *proposal.notes),
        gaps=float(cells.gaps.mean()),
        distinct=cells.distinct,
        frequent=cells.frequent,
        auc=auc,
        as_input=as_input,
    )


def plain_column(heading: str, role: str, cells: Cells, notes: Sequence[str] = ()) -> ColumnDraft:
    """Return the draft of the target, the ID, or a column without a name."""
    return ColumnDraft(
        heading,
        heading,
        role,
        {},
        tuple(notes),
        float(cells.gaps.mean()),
        cells.distinct,
        cells.frequent,
        None,
        {},
    )


def _alone(kind: str, cells: Cells, known: Flags, good: Flags) -> float | None:
    """Return the area of the column alone; a column of one value has none."""
    if cells.distinct + bool(cells.gaps.any()) < 2:
        return None
    if kind == "number" and cells.number_count:
        return number_alone(cells.numbers[known], good)
    return max(0.5, category_alone(cells.codes[known], good))


def _trait(heading: str, proposal: Proposal, cells: Cells) -> str | None:
    """Return the protected trait that the heading or the values name."""
    by_values = words.protected_by_values(cells.texts) if cells.texts and not cells.many else None
    return words.protected_by_name(heading) or by_values


def _mark_later(proposal: Proposal, heading: str, trait: str | None, auc: float | None, good: Flags) -> None:
    """Give a column that is known only after the decision this role, and say why."""
    why = []
    if later := words.later_words(heading):
        why.append(f"Its name says {later!r}.")
    if auc is not None and not trait and _is_twin(auc, good):
        why.append(f"It tells good from bad almost alone (AUC {math.floor(1000 * auc) / 1000:.3f}).")
    if not why:
        return
    proposal.notes = [*why, "It seems to be known only after the decision: change the role if it is not."]
    proposal.role = "after_decision"
    proposal.keys = {}


def _is_twin(auc: float, good: Flags) -> bool:
    """Return True if a column tells the outcome better than columns known before the decision do."""
    good_rows = int(good.sum())
    error = standard_error(auc, good_rows, len(good) - good_rows)
    return auc > TWIN and auc - 2 * error > _TWIN_AT_LEAST


def _protect(proposal: Proposal, trait: str, cells: Cells) -> None:
    """Mark a column as protected, with bands if it is a number."""
    proposal.notes.append(
        f"It seems to tell {trait}: proposed as protected, so that no model reads it. Check it."
    )
    if proposal.role == "left_out":
        return
    proposal.keys["protected"] = True
    if proposal.kind == "number" and "choices" not in proposal.keys:
        ages = proposal.keys.get("maximum") == OLDEST
        numbers = cells.numbers[~np.isnan(cells.numbers)]
        special = list(map(float, proposal.keys.get("special", ())))
        proposal.keys["bands"] = ranges.bands(numbers[~np.isin(numbers, special)], ages=ages)


_ORDER = (
    "kind", "role", "choices", "numbers", "missing", "exponents", "minimum", "maximum", "decimals", "special",
    "direction", "protected", "bands", "aliases",
)  # fmt: skip


def _facts(heading: str, name: str, proposal: Proposal) -> dict[str, Any]:
    """Return the keys of the schema's column; none for a column that is left out."""
    if proposal.role == "left_out":
        return {}
    role = {} if proposal.role == "input" else {"role": proposal.role}
    return _keys(heading, name, proposal, **role)


def _keys(heading: str, name: str, proposal: Proposal, **more: Any) -> dict[str, Any]:
    """Return the keys of the schema's column in their order."""
    keys = proposal.keys | {"kind": proposal.kind} | more
    if name != heading:
        keys["aliases"] = [heading]
    return {"name": name, "label": label_of(name)} | {
        key: keys[key] for key in _ORDER if keys.get(key) not in (None, [])
    }
