"""Read a received file as its sender wishes: understand it, and write it as plain CSV."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ml.applications.number_texts import Convention
from ml.errors import DatasetError, DatasetFault, InvalidValue
from ml.intake.plain_file import write_plain
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
    )


def wishes_to_json(wishes: Wishes) -> dict[str, Any]:
    """Return what differs from no wishes."""
    facts = {
        "sheet": wishes.sheet,
        "decimal": wishes.decimal.value if wishes.decimal else None,
        "columns": dict(wishes.columns),
        "per": dict(wishes.per),
    }
    return {name: fact for name, fact in facts.items() if fact}


def read_file(
    schema: Schema, name: str, path: Path, wishes: Wishes, plain: Path
) -> tuple[Understanding, Path]:
    """Understand a file and write it as plain CSV unless it is plain; return the file to score.

    Raises
    ------
    DatasetError
    """
    understanding = understand(schema, name, path, wishes)
    if understanding.is_plain:
        return understanding, path
    write_plain(understanding, plain)
    return understanding, plain


def read_alone(schema: Schema, name: str, path: Path, wishes: Wishes, plain: Path) -> Path:
    """Read a file about which nobody can be asked (see `read_file`): nothing is guessed.

    A heading that only resembles a column is carried along.

    Raises
    ------
    DatasetError
        If a number has two meanings, or a required column is missing that a heading resembles.
    """
    understanding = understand(schema, name, path, wishes)
    if understanding.unsure:
        carried = dict.fromkeys(understanding.unsure, "")
        alone = replace(wishes, columns={**wishes.columns, **carried})
        certain = understand(schema, name, path, alone)
        _require_sure(understanding, certain.missing)
        understanding = certain
    _require_decided(understanding)
    if understanding.is_plain:
        return path
    write_plain(understanding, plain)
    return plain


def _require_decided(understanding: Understanding) -> None:
    """Raise `DatasetError` if a number has two meanings."""
    faults = [
        DatasetFault(
            cell.line,
            cell.heading,
            cell.text,
            f"{cell.point} or {cell.comma} may be meant; send decimal=point or decimal=comma",
        )
        for cell in understanding.open_cells
    ]
    if faults:
        raise DatasetError(understanding.name, faults)


def _require_sure(understanding: Understanding, missing: Collection[str]) -> None:
    """Raise `DatasetError` if a missing column has a heading that resembles it."""
    faults = [
        DatasetFault(
            understanding.header_row,
            heading.text,
            None,
            f"the column {heading.column} is missing, and this heading may mean it; rename it, or send "
            f"column={heading.text}:{heading.column}",
        )
        for heading in understanding.columns
        if heading.sure == "similar" and heading.column in missing
    ]
    if faults:
        raise DatasetError(understanding.name, faults)
