"""Read a schema from TOML, or from the same facts as plain values; parse its formulas.

Processes that serve read documents (`ml.schemas.schema.schema_from_document`) and do not import this module.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ml.errors import ExpressionError, SchemaError
from ml.expressions.nodes import Code, NumberColumn, Tree, columns_of
from ml.expressions.parser import ColumnType, NumberType, TextType, Want, parse
from ml.expressions.tree import from_json, to_json
from ml.schemas.checks import SchemaFault, list_faults
from ml.schemas.document import ColumnEntry, Formula, ModelColumnEntry, SchemaDocument
from ml.schemas.facts import facts_of
from ml.schemas.features import make_choices
from ml.schemas.schema import JSON, Schema, schema_from_document
from ml.schemas.toml_text import LineOf, located, read_toml
from ml.schemas.type_faults import type_fault

__all__ = ["facts_of", "read_schema", "schema_from_facts"]
_PLACE = re.compile(r"\{([^{}]*)\}")


def read_schema(content: str | bytes, name: str = "schema") -> Schema:
    """Read a schema from the text of a TOML file.

    Parameters
    ----------
    content : str or bytes
        UTF-8 if bytes.
    name : str
        Name of the file, for messages.

    Raises
    ------
    SchemaError
        With every fault, its key and, where it is known, its line.
    """
    facts, line_of = read_toml(content, name)
    return schema_from_facts(facts, name, line_of)


def schema_from_facts(
    facts: Mapping[str, Any], name: str = "schema", line_of: LineOf = lambda path: None
) -> Schema:
    """Read a schema from the plain values of a TOML file (see `read_schema`)."""
    try:
        document = msgspec.convert(facts, SchemaDocument)
    except msgspec.ValidationError as error:
        fault = type_fault(str(error), SchemaDocument)
        raise SchemaError(name, [located(fault, line_of)]) from None
    faults = list_faults(document)
    if not faults:
        document, faults = _with_trees(document)
    if faults:
        raise SchemaError(name, [located(fault, line_of) for fault in faults])
    plain: JSON = _without_negative_zero(msgspec.to_builtins(document))
    return schema_from_document(plain)


def _without_negative_zero(value: Any) -> Any:
    """Return plain values with 0.0 for -0.0, which PostgreSQL's JSON does not have: digests are compared."""
    if isinstance(value, dict):
        return {key: _without_negative_zero(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_without_negative_zero(inner) for inner in value]
    return 0.0 if isinstance(value, float) and value == 0 else value


def _with_trees(document: SchemaDocument) -> tuple[SchemaDocument, list[SchemaFault]]:
    """Return the document with every formula parsed, and the faults of the formulas."""
    reader = _FormulaReader(document.column)
    model_columns = [
        msgspec.structs.replace(
            entry,
            value=reader.value(f"model_column[{place}]", entry),
            worst_if=reader.worst_if(f"model_column[{place}].worst_if", entry),
        )
        for place, entry in enumerate(document.model_column)
    ]
    remarks = [
        msgspec.structs.replace(
            entry,
            when=reader.truth(f"remark[{place}].when", entry.when),
            figures=tuple(
                reader.number(f"remark[{place}].text", text) for text in _PLACE.findall(entry.text)
            ),
        )
        for place, entry in enumerate(document.remark)
    ]
    baseline = document.baseline and msgspec.structs.replace(
        document.baseline,
        approve_unless=reader.truth("baseline.approve_unless", document.baseline.approve_unless),
    )
    parsed = msgspec.structs.replace(
        document, model_column=tuple(model_columns), remark=tuple(remarks), baseline=baseline
    )
    return parsed, reader.faults


class _FormulaReader:
    """Parses formulas over the columns of an application, and collects their faults."""

    def __init__(self, columns: Sequence[ColumnEntry]) -> None:
        known = [entry for entry in columns if entry.role != "after_decision"]
        self._entries = {entry.name: entry for entry in known}
        self._types = {entry.name: _type_of(entry) for entry in known}
        self.faults: list[SchemaFault] = []

    def truth(self, path: str, formula: str | Formula) -> Formula:
        return self._parsed(path, formula, "truth")

    def number(self, path: str, formula: str | Formula) -> Formula:
        return self._parsed(path, formula, "number")

    def value(self, path: str, entry: ModelColumnEntry) -> Formula:
        """Parse the value of a model column: a number or one column."""
        parsed = self._parsed(f"{path}.value", entry.value, "value")
        if parsed.tree is not None:
            self._check_roles(f"{path}.value", from_json(parsed.tree))
            self._check_direction(path, entry, from_json(parsed.tree))
        return parsed

    def worst_if(self, path: str, entry: ModelColumnEntry) -> Formula | None:
        """Parse the worst case of a model column, if it has one."""
        if not entry.worst_if:
            return None
        parsed = self.truth(path, entry.worst_if)
        if parsed.tree is not None:
            self._check_roles(path, from_json(parsed.tree))
        return parsed

    def _check_roles(self, path: str, tree: Tree) -> None:
        """Check what a formula of a model column reads: no model reads a protected or a carried column."""
        for column in map(self._entries.__getitem__, columns_of(tree)):
            if column.protected or column.role != "input":
                what = "protected" if column.protected else "carried"
                self._fault(path, f"{column.name!r} is {what}, so no model may read it.")

    def _check_direction(self, path: str, entry: ModelColumnEntry, tree: Tree) -> None:
        alone = self._entries[tree.name] if isinstance(tree, Code | NumberColumn) else None
        choices = make_choices(alone) if alone else ()
        if isinstance(tree, Code) and entry.direction in ("up", "down"):
            self._fault(f"{path}.direction", "a category has no direction; expected 'none'.")
        if not isinstance(tree, Code) and entry.direction == "none" and not choices:
            self._fault(f"{path}.direction", "a number without choices is up, down or auto.")
        if entry.choices and len(entry.choices) != len(choices):
            self._fault(
                f"{path}.choices", f"{len(entry.choices)} labels; the column has {len(choices)} choices."
            )

    def _parsed(self, path: str, formula: str | Formula, want: Want) -> Formula:
        text = formula if isinstance(formula, str) else formula.text
        try:
            tree = parse(text, self._types, want)
        except ExpressionError as error:
            self._fault(path, str(error))
            return Formula(text, None)
        return Formula(text, to_json(tree))

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(SchemaFault(path, message))


def _type_of(entry: ColumnEntry) -> ColumnType:
    if entry.kind == "number":
        return NumberType()
    return TextType(tuple(str(value) for value, _ in make_choices(entry)))
