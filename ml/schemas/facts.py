"""A schema as the plain values of its file: what people edit, and what pages and the API show."""

from typing import Any

from ml.schemas.schema import JSON, Schema


def facts_of(schema: Schema) -> JSON:
    """Return a schema's document with formulas as texts: the values of its TOML file."""
    facts: JSON = _without_trees(schema.document)
    for remark in facts.get("remark", ()):
        remark.pop("figures", None)
    return facts


def _without_trees(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"text", "tree"}:
            return value["text"]
        return {key: _without_trees(inner) for key, inner in value.items()}
    return [_without_trees(inner) for inner in value] if isinstance(value, list | tuple) else value
