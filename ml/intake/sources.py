"""Files by their kind: the rows of a text file or of a sheet, and what is to be said about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.intake.rows import Block, Blocks, Rows, blocks_of, fitted_blocks, fitted_rows
from ml.intake.texts import text_form, text_rows
from ml.intake.workbooks import read_sheet, workbook_kind
from ml.tables.header import detect_delimiter


@dataclass(frozen=True)
class Source:
    """A file whose rows can be read.

    Attributes
    ----------
    kind : str
        ``csv``, ``xlsx``, ``xls`` or ``ods``.
    rows : callable
        Yields the rows from the start.
    blocks : callable or None
        Yields the rows of a sheet by the block.
    is_plain : bool
        Whether encoding and delimiter are those that the readers of `ml.tables` expect.
    """

    name: str
    kind: str
    rows: Rows
    blocks: Blocks | None = None
    notes: Sequence[str] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sheets: Sequence[str] = ()
    sheet: str | None = None
    is_plain: bool = False

    def below(self, header: int, headings: Sequence[str]) -> Iterator[Block]:
        """Yield the rows below the row of the headings, each with as many cells (see `fitted_rows`)."""
        if self.blocks is not None:
            return fitted_blocks(self.name, self.blocks(), header, headings)
        rows = (row for row in self.rows() if row[0] > header)
        return blocks_of(fitted_rows(self.name, rows, headings))


def open_source(name: str, path: Path, sheet: str | None = None) -> Source:
    """Find out the kind of a file by its content.

    Parameters
    ----------
    sheet : str or None
        Name of the sheet to read of a workbook; ``None``: the first one.

    Raises
    ------
    DatasetError
        `CompressedFile` for archives, macros and passwords.
    InvalidValue
        If a sheet of a text file is asked for.
    """
    kind = workbook_kind(name, path)
    if kind is None:
        if sheet:
            raise InvalidValue(
                "invalid_choice", f"The sheet {show_value(sheet)} is not there: a text file has no sheets."
            )
        return _text_source(name, path)
    opened = read_sheet(name, path, kind, sheet)
    return Source(
        name=name,
        kind=kind,
        rows=opened.rows,
        blocks=opened.rows.blocks,
        notes=opened.notes,
        sheets=opened.names,
        sheet=opened.name,
    )


def _text_source(name: str, path: Path) -> Source:
    form = text_form(name, path)
    with path.open("rb") as file:
        first_line = file.readline(1 << 17)
    detected = detect_delimiter(first_line.removeprefix(b"\xef\xbb\xbf"))
    is_plain = form.first == 1 and form.encoding in ("utf-8", "utf-8-sig") and detected == form.delimiter
    return Source(
        name=name,
        kind="csv",
        rows=lambda: text_rows(name, path, form),
        notes=form.notes,
        encoding=form.encoding_name,
        delimiter=form.delimiter,
        is_plain=is_plain,
    )
