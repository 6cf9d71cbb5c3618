"""Read a file about which nobody can be asked: what has two meanings is refused, and nothing is guessed."""

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ml.errors import DatasetError, DatasetFault
from ml.intake.conventions import OpenCell
from ml.intake.plain_file import plain_table_of
from ml.intake.understanding import Understanding, Wishes, understand
from ml.schemas.schema import Schema

NO_WISHES = Wishes()


class Door(NamedTuple):
    """What a refused sender is told to do.

    Attributes
    ----------
    decimal : str
        How to say the decimal mark.
    column : str
        How to say what a heading means, with the places ``{heading}`` and ``{column}``.
    """

    decimal: str
    column: str


PARAMETERS = Door(
    "send decimal=point or decimal=comma", "rename it, or send column={heading}:{column}"
)  # of the API
OPTIONS = Door(
    "give --decimal point or --decimal comma", 'rename it, or give --column "{heading}:{column}"'
)  # of commands


class TwoMeanings(DatasetError):
    """Numbers of a file depend on its decimal mark, which nothing in the file decides."""


def read_alone(
    schema: Schema,
    name: str,
    path: Path,
    wishes: Wishes,
    plain: Path,
    *,
    door: Door = PARAMETERS,
    training: bool = False,
) -> Path:
    """Write a file as plain CSV unless it is plain; return the file to read.

    A heading that only resembles a column is carried along.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    plain : Path
        Where the plain CSV is written.
    door : Door
        Where the file came from, for messages.
    training : bool
        Whether the file is a training table.

    Raises
    ------
    DatasetError
        If a number has two meanings (`TwoMeanings`), or a required column is missing that a heading
        resembles.
    InvalidValue
        If a wish names a column that the schema does not have.
    """
    understanding = understand(schema, name, path, wishes, training=training)
    if understanding.unsure:
        carried = dict.fromkeys(understanding.unsure, "")
        alone = replace(wishes, columns={**wishes.columns, **carried})
        certain = understand(schema, name, path, alone, training=training)
        _require_sure(understanding, certain.missing, door)
        understanding = certain
    require_decided(name, understanding.open_cells, door)
    return plain_table_of(understanding, plain)


@contextmanager
def plain_table(
    schema: Schema, path: Path, wishes: Wishes = NO_WISHES, *, training: bool = False
) -> Iterator[Path]:
    """Open a file that a command names (see `read_alone`): the file itself, or plain CSV for this block.

    What is no readable file is left to its reader: a pipe can be read only once, and is plain CSV.

    Raises
    ------
    DatasetError
        As `read_alone`; also if there are wishes for a pipe.
    """
    if not path.is_file() or not os.access(path, os.R_OK):
        _require_no_wishes(path, wishes)
        yield path
        return
    with tempfile.TemporaryDirectory() as directory:
        plain = Path(directory) / "plain.csv"
        yield read_alone(schema, path.name, path, wishes, plain, door=OPTIONS, training=training)


def _require_no_wishes(path: Path, wishes: Wishes) -> None:
    if path.exists() and wishes != NO_WISHES:
        expected = "a file is expected with --decimal, --sheet, --column and --label"
        raise DatasetError(f"{path}", [DatasetFault(1, None, None, expected)])


def require_decided(name: str, cells: Iterable[OpenCell], door: Door) -> None:
    """Raise `TwoMeanings` if there are cells of a file `name` whose number has two meanings."""
    faults = [
        DatasetFault(
            cell.line, cell.heading, cell.text, f"{cell.point} or {cell.comma} may be meant; {door.decimal}"
        )
        for cell in cells
    ]
    if faults:
        raise TwoMeanings(name, faults)


def _require_sure(understanding: Understanding, missing: Collection[str], door: Door) -> None:
    """Raise `DatasetError` if a missing column has a heading that resembles it."""
    faults = [
        DatasetFault(
            understanding.header_row,
            heading.text,
            None,
            f"the column {heading.column} is missing, and this heading may mean it; "
            + door.column.format(heading=heading.text, column=heading.column),
        )
        for heading in understanding.columns
        if heading.sure == "similar" and heading.column in missing
    ]
    if faults:
        raise DatasetError(understanding.name, faults)
