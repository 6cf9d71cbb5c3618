"""Model columns: what a scorecard reads, computed from an application's own columns.

The web worker computes them too, so this module imports neither pandas nor the parser of formulas.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ml.applications.types import Columns, Floats
from ml.expressions import arrays
from ml.expressions.nodes import Code, NumberColumn, Tree, Worst, columns_of
from ml.expressions.tree import from_json
from ml.schemas.document import NO_WORDS, AdverseWords, Formula, ModelColumnEntry
from ml.schemas.features import DIRECTIONS, Feature, Kind, label_of, unit_in


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """One column of the scorecard.

    A reason's text is ``label: words of a bin``. Training writes both into the model, so that a change
    reaches later models only.

    Attributes
    ----------
    sources : tuple of str
        The application's columns that `tree` reads.
    direction : int or None
        1: a higher value never lowers the probability; -1: never raises it; 0: nominal, a bin per value;
        ``None``: found by the data.
    tree : Tree
        Computes the column. A category gives the place of its value among the choices; plus or minus infinity
        is the worst value that there is.
    digits : int
        Decimals of a bin edge in its label.
    choices : tuple of str
        Labels of the codes 0, 1, 2, ... of a coded column, as reasons word them.
    special : tuple of (number, words)
        Numbers with a bin of their own.
    """

    column: str
    label: str
    sources: tuple[str, ...]
    direction: int | None
    tree: Tree
    unit: str = ""
    digits: int = 0
    choices: tuple[str, ...] = ()
    special: tuple[tuple[float, str], ...] = ()
    adverse: AdverseWords = NO_WORDS

    def values(self, columns: Columns) -> Floats:
        """Compute the column for n applications.

        Parameters
        ----------
        columns : mapping of str to sequence, each of length n
            Values by public column name; ``None``, or NaN in an array, for a missing value.

        Returns
        -------
        ndarray of shape (n,)
            NaN for a missing value.
        """
        return arrays.numbers(self.tree, columns)


def declared(entry: ModelColumnEntry, features: Mapping[str, Feature], currency: str = "") -> ModelColumn:
    """Return a model column that the schema declares."""
    tree = tree_of(entry.value)
    alone = features[tree.name] if isinstance(tree, Code | NumberColumn) else None
    direction = 0 if isinstance(tree, Code) else DIRECTIONS[entry.direction]
    if entry.worst_if is not None:
        tree = Worst(tree, tree_of(entry.worst_if), highest=direction != 1)
    read = columns_of(tree)
    return ModelColumn(
        column=entry.name,
        label=entry.label or (alone.label if alone else label_of(entry.name)),
        sources=tuple(name for name in features if name in read),
        direction=direction,
        tree=tree,
        unit=unit_in(entry.unit, currency) or (alone.unit if alone else ""),
        digits=entry.digits or (alone.decimals if alone else 0) or 0,
        choices=entry.choices or (_code_labels(alone) if alone else ()),
        special=alone.special if alone else (),
        adverse=entry.adverse or (alone.adverse if alone else NO_WORDS),
    )


def of_feature(feature: Feature) -> ModelColumn:
    """Return the model column of an application's column that is read as it is."""
    is_category = feature.kind is Kind.CATEGORY
    return ModelColumn(
        column=feature.column,
        label=feature.label,
        sources=(feature.column,),
        direction=0 if is_category else feature.direction,
        tree=Code(feature.column, tuple(map(str, feature.values)))
        if is_category
        else NumberColumn(feature.column),
        unit=feature.unit,
        digits=_digits(feature),
        choices=_code_labels(feature),
        special=feature.special,
        adverse=feature.adverse,
    )


def tree_of(formula: str | Formula) -> Tree:
    """Return the tree of a document's formula."""
    if isinstance(formula, str):
        raise TypeError(f"The formula {formula!r} was not parsed; see ml.schemas.toml.")
    return from_json(formula.tree)


def _digits(feature: Feature) -> int:
    """Return the decimals of edges: those declared, or else as many as the bounds suggest."""
    if feature.decimals is not None:
        return feature.decimals
    span = (feature.maximum or 0.0) - (feature.minimum or feature.above or 0.0)
    return max(0, 3 - math.ceil(math.log10(span))) if 0 < span < 1000 else 0


def _code_labels(feature: Feature) -> tuple[str, ...]:
    """Return the labels of a category, and of a number whose choices are 0, 1, 2, ..."""
    if feature.kind is Kind.CATEGORY:
        return tuple(words for _, words in feature.choices)
    labels = dict(feature.choices)
    codes = sorted(value for value in labels if not isinstance(value, str))
    return tuple(labels[code] for code in codes) if codes == [*range(len(codes))] else ()
