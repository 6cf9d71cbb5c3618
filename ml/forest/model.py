"""A fitted forest as plain data: the coding of its columns and the arrays of its trees.

The file is JSON and not ``.npz``: no part of its reader can run code, fills and codes stand beside the arrays
under their names, and an auditor reads it without a program. Python writes a float so that it is read back
exactly.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from ml.applications.types import Columns, Floats
from ml.forest.coding import CodingJSON, ColumnCoding, code_columns
from ml.forest.trees import Tree, TreeJSON, Trees

FORMAT = "loansite-forest"
FORMAT_VERSION = 1


class ForestJSON(TypedDict):
    """A `Forest` in artefacts."""

    format: str
    version: int
    columns: list[CodingJSON]
    trees: list[TreeJSON]


@dataclass(frozen=True)
class Forest:
    """A fitted forest.

    Attributes
    ----------
    codings : sequence of ColumnCoding
        One for each input of the trees, in their order.
    trees : sequence of Tree
        At least one.

    Raises
    ------
    ValueError
        If there is no tree, or a tree compares an input that does not exist.
    """

    codings: Sequence[ColumnCoding]
    trees: Sequence[Tree]

    def __post_init__(self) -> None:
        if not self.trees:
            raise ValueError("A forest needs a tree.")
        features = np.concatenate([tree.feature for tree in self.trees])
        if features.min() < 0 or features.max() >= len(self.codings):
            raise ValueError(f"The trees compare inputs beyond the {len(self.codings)} columns.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the forest reads."""
        return tuple(coding.column for coding in self.codings)

    @functools.cached_property
    def _joined(self) -> Trees:
        return Trees(self.trees)

    def inputs(self, columns: Columns) -> Floats:
        """Return the inputs of the trees, shape (n, number of columns) (see `code_columns`)."""
        return code_columns(self.codings, columns)

    def probability(self, inputs: Floats) -> Floats:
        """Return the approval probability of each row of `inputs`, shape (n,)."""
        return self._joined.probability(inputs)

    def to_json(self) -> ForestJSON:
        """Return the forest as plain JSON values; `from_json` restores it exactly."""
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "columns": [coding.to_json() for coding in self.codings],
            "trees": [tree.to_json() for tree in self.trees],
        }

    @classmethod
    def from_json(cls, document: ForestJSON) -> "Forest":
        """Restore a forest from the JSON of `to_json`.

        Raises
        ------
        ValueError
            If `document` is of another format or version, or its arrays are no trees.
        """
        if document.get("format") != FORMAT or document.get("version") != FORMAT_VERSION:
            raise ValueError(f"This is not a {FORMAT} document of version {FORMAT_VERSION}.")
        codings = tuple(ColumnCoding(**coding) for coding in document["columns"])
        return cls(codings, tuple(Tree.from_json(tree) for tree in document["trees"]))
