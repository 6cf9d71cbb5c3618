"""Read a received file as its sender wishes: understand it, and write it as plain CSV."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml.applications.number_texts import Convention
from ml.errors import InvalidValue
from ml.intake.plain_file import plain_table_of
from ml.intake.understanding import Understanding, Wishes, understand
from ml.schemas.schema import Schema


def wishes_from(facts: Mapping[str, Any]) -> Wishes:
    """Return wishes from what `wishes_to_json` returned or a request gave.

    Raises
    ------
    InvalidValue
    """
    decimal = facts.get("decimal") or None
    if decimal not in (None, "point", "comma"):
        raise InvalidValue("invalid_choice", f"{decimal!r} is no decimal mark; expected point or comma.")
    return Wishes(
        sheet=facts.get("sheet") or None,
        decimal=Convention(decimal) if decimal else None,
        columns=dict(facts.get("columns", {})),
        per={column: float(number) for column, number in facts.get("per", {}).items()},
        labels=dict(facts.get("labels", {})),
    )


def wishes_to_json(wishes: Wishes) -> dict[str, Any]:
    """Return what differs from no wishes."""
    facts = {
        "sheet": wishes.sheet,
        "decimal": wishes.decimal.value if wishes.decimal else None,
        "columns": dict(wishes.columns),
        "per": dict(wishes.per),
        "labels": dict(wishes.labels),
    }
    return {name: fact for name, fact in facts.items() if fact}


def read_file(
    schema: Schema, name: str, path: Path, wishes: Wishes, plain: Path, *, training: bool = False
) -> tuple[Understanding, Path]:
    """Understand a file and write it as plain CSV unless it is plain; return the file to use.

    Raises
    ------
    DatasetError
    """
    understanding = understand(schema, name, path, wishes, training=training)
    return understanding, plain_table_of(understanding, plain)
