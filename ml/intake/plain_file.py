"""Write a file that was understood as plain CSV: UTF-8, commas, the schema's headings, plain decimals."""

import csv
import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import IO, cast

from ml.applications.number_texts import Convention, number_readings, read_number
from ml.applications.spellings import read_spelling
from ml.errors import InvalidValue
from ml.intake.conventions import number_in
from ml.intake.headings import Heading, Headings
from ml.intake.rows import Cell
from ml.intake.survey import has_numbers
from ml.intake.understanding import Understanding
from ml.schemas.features import MISSING_TEXT, Feature

_MAGNITUDE = 1000  # the least; units such as years multiply by less
_MAX_CACHED = 100_000  # cells of a column


def write_plain(understanding: Understanding, target: Path) -> int:
    """Write a file as plain CSV and return the number of its rows.

    Line k of the plain file is row k of the file: rows that are not read become blank lines, and line breaks
    in cells become spaces. A number that cannot be read keeps its text, so that its reader refuses it.

    Parameters
    ----------
    target : Path
        The plain file; it is overwritten.
    """
    with target.open("w", encoding="utf-8", newline="") as file:
        return _write(understanding, file)


def plain_table_of(understanding: Understanding, target: Path) -> Path:
    """Return the file to read: the file itself if it is plain, else `target`, which is written."""
    if understanding.is_plain:
        return understanding.path
    write_plain(understanding, target)
    return target


def _write(understanding: Understanding, file: IO[str]) -> int:
    columns = understanding.columns
    names = Headings(understanding.schema)
    writer = csv.writer(file, lineterminator="\n")
    file.write("\n" * (understanding.header_row - 1))
    writer.writerow([names.plain_name(heading) for heading in columns])
    texts = [_PlainTexts(understanding, heading) for heading in columns]
    written, last = 0, understanding.header_row  # lines
    for lines, cells in understanding.blocks():
        plain = [text.of(cells[heading.place]) for text, heading in zip(texts, columns, strict=True)]
        if lines[-1] - last == len(lines):  # no line between is left out: this is quicker
            if (unquoted := _unquoted_csv(plain)) is not None:
                file.write(unquoted)
            else:
                writer.writerows(zip(*plain, strict=True))
        else:
            for line, row in zip(lines, zip(*plain, strict=True), strict=True):
                file.write("\n" * (line - last - 1))
                writer.writerow(row)
                last = line
        last = lines[-1]
        written += len(lines)
    return written


def _unquoted_csv(columns: Sequence[Sequence[str]]) -> str | None:
    """Return the rows of some columns as CSV if no cell needs quotes; ``None`` if one does."""
    width, rows = len(columns), len(columns[0])
    text = "\n".join(map(",".join, zip(*columns, strict=True)))
    if '"' in text or "\r" in text or width == 1:  # a single cell that is empty has quotes
        return None
    is_unquoted = text.count(",") == rows * (width - 1) and text.count("\n") == rows - 1
    return f"{text}\n" if is_unquoted else None


class _PlainTexts(dict[Cell, str]):
    """The plain texts of the cells of a column; each distinct cell is read once."""

    def __init__(self, understanding: Understanding, heading: Heading) -> None:
        super().__init__()
        schema, column = understanding.schema, heading.column or ""
        self._feature = schema.by_column[column] if has_numbers(schema, column) else None
        self._convention = understanding.convention
        chosen = understanding.labels is not None and understanding.labels.has_chosen
        self._labels = understanding.labels if chosen and column == schema.target.column else None
        self._per = Decimal(f"{understanding.per.get(column, 1):.15g}")

    def of(self, cells: Sequence[Cell]) -> Sequence[str]:
        """Return the plain texts of some cells."""
        if self._feature is None and self._labels is None and (texts := _printable(cells)) is not None:
            return texts
        if len(self) > _MAX_CACHED:
            self.clear()
        return [*map(self.__getitem__, cells)]

    def __missing__(self, cell: Cell) -> str:
        self[cell] = text = self._text(cell)
        return text

    def _text(self, cell: Cell) -> str:
        feature = self._feature
        if isinstance(cell, str):
            cell = " ".join(cell.splitlines()) if not cell.isprintable() else cell
            if feature is None:
                return cell if self._labels is None else self._labels.read(cell)
            plain = plain_number(feature, cell.strip(), self._convention)
        else:
            plain = decimal_text(cell)
        if self._labels is not None:
            return self._labels.read(plain)
        return plain if feature is None or self._per == 1 else self._divided(feature, cell, plain)

    def _divided(self, feature: Feature, cell: Cell, plain: str) -> str:
        """Return an amount divided; a code, and a text that holds no bare amount, as they are."""
        amount = _bare_amount(feature, cell.strip(), self._convention) if isinstance(cell, str) else cell
        if amount is None or amount in dict(feature.special):
            return plain
        return f"{Decimal(decimal_text(amount)) / self._per:f}"


def _bare_amount(feature: Feature, text: str, convention: Convention | None) -> float | None:
    """Return the amount in a text, with or without a currency; ``None`` if there is none, or as in 128k.

    Bounds are those of the divided amount. Thousands are a magnitude even in a column of thousands.
    """
    unit = feature.unit.replace("thousands", "").strip()
    free = replace(feature, unit=unit, scale=1.0, minimum=None, above=None, maximum=None)
    written = read_number(number_in(text), convention)
    try:
        amount = read_spelling(free, text, convention).value
    except InvalidValue:
        return None
    if (
        written is None
        or not isinstance(amount, float)
        or abs(amount) >= _MAGNITUDE * abs(float(written)) > 0
    ):
        return None
    return amount


def _printable(cells: Sequence[Cell]) -> Sequence[str] | None:
    """Return cells if all of them are texts without line breaks, as is usual; ``None`` for others."""
    if {*map(type, cells)} != {str}:
        return None
    texts = cast(Sequence[str], cells)
    return texts if "".join(texts).isprintable() else None


def plain_number(feature: Feature, text: str, convention: Convention | None) -> str:
    """Return a text of a number column as the readers of plain files understand it.

    Parameters
    ----------
    convention : Convention or None
        Decimal mark of the file. ``None``: a text that depends on it is written so that it is refused.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> income = built_in().by_column["ApplicantIncome"]
    >>> plain_number(income, "5.849,50", Convention.COMMA), plain_number(income, "4.100", None)
    ('5849.50', '4.100 (4100 or 4.1?)')
    >>> plain_number(income, "0.125", Convention.COMMA), plain_number(income, "none", Convention.COMMA)
    ('0.125 (with a decimal point)', 'none')
    """
    if convention is Convention.POINT or text in MISSING_TEXT or text in feature.missing:
        return text
    if (number := number_readings(text).comma) is not None and convention is Convention.COMMA:
        return number
    try:
        value = read_spelling(feature, text, convention).value
    except InvalidValue as error:
        return _refused(feature, text, error)
    if feature.choices or value is None or isinstance(value, str):
        return text
    return decimal_text(value)


def decimal_text(number: float) -> str:
    """Return the shortest plain decimal that is read as the number.

    Examples
    --------
    >>> decimal_text(360.0), decimal_text(1.5e-07)
    ('360', '0.00000015')
    """
    text = repr(number)
    if "e" in text or not math.isfinite(number):
        text = f"{Decimal(text):f}"
    return text.removesuffix(".0")


def _refused(feature: Feature, text: str, error: InvalidValue) -> str:
    """Return a text that was refused, so that its reader refuses it as well."""
    if error.code == "ambiguous":
        point, comma = (float(reading or "nan") for reading in number_readings(number_in(text)))
        return f"{text} ({decimal_text(max(point, comma))} or {decimal_text(min(point, comma))}?)"
    try:
        read_spelling(feature, text, Convention.POINT)
    except InvalidValue:
        return text
    return f"{text} (with a decimal point)"
