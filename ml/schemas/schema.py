"""The schema of a product: its application form, its target and its model columns, as one object."""

import functools
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from ml.applications.types import ApplicationValues, Columns, Flags
from ml.expressions.arrays import MISSING, holds, truths
from ml.expressions.compiled import CompiledValues, compile_values
from ml.expressions.nodes import Tree, columns_of
from ml.schemas.document import RemarkEntry, SchemaDocument, TableCheck, TargetEntry
from ml.schemas.features import Feature, Kind, make_features
from ml.schemas.model_columns import ModelColumn, declared, of_feature, tree_of
from ml.schemas.terms import amount_of, term_of

LOAN_ID = "Loan_ID"  # the key of an application's ID in replies of every product
JSON = dict[str, Any]
_PLACE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Target:
    """The outcome in training tables (see `ml.schemas.document.TargetEntry`)."""

    column: str
    good: tuple[str, ...]
    bad: tuple[str, ...]
    leave_out: tuple[str, ...]
    means: str
    means_confirmed: bool

    @property
    def codes(self) -> dict[str, int]:
        """1 for each good value, 0 for each bad one."""
        return dict.fromkeys(self.good, 1) | dict.fromkeys(self.bad, 0)

    def same_outcomes(self, other: "Target") -> bool:
        """Return whether tables of both targets have comparable outcomes: one column, the same values."""
        same_rows = self.column == other.column and set(self.leave_out) == set(other.leave_out)
        return same_rows and self.codes == other.codes


@dataclass(frozen=True)
class RemarkRule:
    """A remark about each application for which `when` holds.

    Attributes
    ----------
    column : str
        The column that the remark is about.
    pieces, figures : sequences
        The text around its figures, one piece more than figures, and the formulas of the figures.
    refers : bool
        Whether the policy may refer an application for it.
    """

    code: str
    column: str
    when: Tree
    pieces: tuple[str, ...]
    figures: tuple[Tree, ...]
    refers: bool
    table_check: TableCheck | None

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that decide whether the remark holds, and those of its figures."""
        trees = (self.when, *self.figures)
        return tuple(dict.fromkeys(name for tree in trees for name in columns_of(tree)))

    def holds(self, columns: Columns) -> Flags:
        """Return for each of n applications whether the remark holds; a missing value never makes it hold."""
        return holds(self.when, columns)

    def is_known(self, columns: Columns) -> Flags:
        """Return for each of n applications whether the values tell if the remark holds."""
        return np.not_equal(truths(self.when, columns), MISSING)

    def text(self, values: ApplicationValues) -> str:
        """Return the remark's words for one application."""
        figures = [f"{figure:,.0f}" for figure in self._figures_of(values)]
        return "".join(self._woven(figures))

    @functools.cached_property
    def _figures_of(self) -> CompiledValues:
        """Computes the figures of one application; to compile it takes a thousand times as long."""
        return compile_values(self.figures)

    def _woven(self, figures: list[str]) -> Iterator[str]:
        yield self.pieces[0]
        for figure, piece in zip(figures, self.pieces[1:], strict=True):
            yield figure
            yield piece


class Schema:
    """A product's columns, target, model columns, baseline and remarks.

    Use `schema_from_document`, which makes one object for each digest; schemas are equal if they are the same
    object.

    Attributes
    ----------
    document : dict
        Plain JSON from which the schema can be made again. Manifests and databases store it.
    digest : str
        SHA-256 of the canonical JSON of `document`, in hex.
    id_column : str or None
        Column of files with the application's ID; ``None`` if IDs are made.
    features : tuple of Feature
        The columns of an application, in the order of forms, files and stored inputs.
    model_columns : tuple of ModelColumn
        What a scorecard reads.
    source_columns : tuple of str
        The columns that the model columns are computed from.
    amount, term : str or None
        The columns of the amount and of the term that are asked for; ``None`` if there is none.
    baseline : Tree or None
        The one-rule baseline denies where it holds; ``None``: found by the data.
    later_columns : tuple of str
        Columns of training tables that are known only after the decision.
    """

    def __init__(self, document: JSON) -> None:
        facts = msgspec.convert(document, SchemaDocument)
        self.document = document
        self.digest = digest_of(document)
        self.name, self.title, self.currency = facts.name, facts.title, facts.currency
        self.id_column = facts.id.column
        self.target = _target(facts.target)
        self.features = make_features(facts.column, facts.currency)
        self.by_column: dict[str, Feature] = {feature.column: feature for feature in self.features}
        self.columns: tuple[str, ...] = tuple(self.by_column)
        self.amount = amount_of(self.features, facts.amount)
        self.term = term_of(self.features, facts.term)
        self.later_columns = tuple(e.name for e in facts.column if e.role == "after_decision")
        self.protected = tuple(f.column for f in self.features if f.protected)
        self.group_columns = (
            *self.protected,
            *(f.column for f in self.features if f.compared and not f.protected),
        )
        self.model_columns = _model_columns(facts, self.by_column)
        self.by_model_column = {column.column: column for column in self.model_columns}
        read = {source for column in self.model_columns for source in column.sources}
        self.source_columns = tuple(column for column in self.columns if column in read)
        self.baseline: Tree | None = tree_of(facts.baseline.approve_unless) if facts.baseline else None
        self.baseline_label = facts.baseline.label if facts.baseline else ""
        self.remarks = tuple(_remark(entry, self.by_column) for entry in facts.remark)

    def __repr__(self) -> str:
        return f"<Schema {self.name} {self.digest[:12]}>"

    def __reduce__(self) -> Any:
        """Travel to other processes as the document."""
        return schema_from_document, (self.document,)

    @property
    def id_field(self) -> str:
        """The name of an application's ID in files."""
        return self.id_column or LOAN_ID

    @functools.cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields of an application in JSON, CSV files and database tables."""
        return (self.id_field, *self.columns)

    @functools.cached_property
    def required(self) -> tuple[str, ...]:
        """The columns that every application has."""
        return tuple(f.column for f in self.features if not f.optional)

    @functools.cached_property
    def numbers(self) -> frozenset[str]:
        """The columns of numbers."""
        return frozenset(f.column for f in self.features if f.kind is Kind.NUMBER)

    @functools.cached_property
    def has_texts_like_numbers(self) -> bool:
        """Whether a text value contains ".0", as the end of a whole number does."""
        return any(
            ".0" in str(value) for f in self.features if f.kind is not Kind.NUMBER for value, _ in f.choices
        )

    def terms_words(self, terms: Mapping[str, float]) -> str:
        """Return an amount or term with its label, as pages name it.

        Examples
        --------
        >>> from ml.products.loan_prediction.schema import built_in
        >>> built_in().terms_words({"LoanAmount": 96.0, "Loan_Amount_Term": 240.0})
        'loan amount 96 thousand, term of the loan 240 months'
        """
        named = ((self.by_column[column], value) for column, value in terms.items())
        return ", ".join(f"{f.label[:1].lower()}{f.label[1:]} {f.value_words(value)}" for f, value in named)

    def remarks_about(self, values: ApplicationValues) -> list[RemarkRule]:
        """Return the remarks that hold for one application."""
        held = self._remarks_hold(values)
        return [rule for rule, holds_here in zip(self.remarks, held, strict=True) if holds_here]

    @functools.cached_property
    def _remarks_hold(self) -> CompiledValues:
        return compile_values([rule.when for rule in self.remarks])


def schema_from_document(document: Mapping[str, Any]) -> Schema:
    """Return the schema of a document, one object for each digest.

    Parameters
    ----------
    document : mapping
        As `Schema.document`: formulas with their checked trees.

    Raises
    ------
    msgspec.ValidationError
        If `document` has unknown keys or values of another type.
    ml.errors.ExpressionError
        If a tree is not one that the parser makes.
    """
    return _schema_of(_canonical(document))


def with_outcomes_of(schema: Schema, other: Schema) -> Schema:
    """Return a schema with another one's IDs and target: it reads rows of the other's training tables."""
    kept = {key: value for key, value in schema.document.items() if key not in ("id", "target")}
    return schema_from_document(
        kept | {key: other.document[key] for key in ("id", "target") if key in other.document}
    )


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document in hex; it does not depend on the order of keys."""
    return hashlib.sha256(_canonical(document).encode()).hexdigest()


@functools.lru_cache(256)
def _schema_of(canonical: str) -> Schema:
    return Schema(json.loads(canonical))


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _target(entry: TargetEntry) -> Target:
    return Target(entry.column, entry.good, entry.bad, entry.leave_out, entry.means, entry.means_confirmed)


def _model_columns(facts: SchemaDocument, features: Mapping[str, Feature]) -> tuple[ModelColumn, ...]:
    """Return the declared model columns, or else one for each unprotected input."""
    if facts.model_column:
        return tuple(declared(entry, features, facts.currency) for entry in facts.model_column)
    inputs = [f for f in features.values() if f.role == "input" and not f.protected]
    return tuple(of_feature(feature) for feature in inputs)


def _remark(entry: RemarkEntry, features: Mapping[str, Feature]) -> RemarkRule:
    when = tree_of(entry.when)
    read = columns_of(when)
    return RemarkRule(
        code=entry.code,
        column=entry.column or next(name for name in features if name in read),
        when=when,
        pieces=tuple(_PLACE.split(entry.text)),
        figures=tuple(map(tree_of, entry.figures)),
        refers=entry.refers,
        table_check=entry.table_check,
    )
