"""CSV files that a spreadsheet opens without running a formula.

A text that starts like a formula is written with an apostrophe before it and read without. So is a text that
starts with an apostrophe and such a sign: every text is read as it was.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence

FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "'")


def escape_formula(cell: object) -> object:
    """Return a cell as it is written to a file: a text like a formula with an apostrophe before it.

    Examples
    --------
    >>> escape_formula("=1+1")
    "'=1+1"
    >>> escape_formula(-1)
    -1
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_PREFIXES) else cell


def unescape_formula(cell: str) -> str:
    """Return the text of a cell that `escape_formula` may have written.

    Examples
    --------
    >>> unescape_formula("'=1+1")
    '=1+1'
    >>> unescape_formula("'tis")
    "'tis"
    """
    return cell[1:] if cell.startswith("'") and cell.startswith(FORMULA_PREFIXES, 1) else cell


class _LineWriter:
    """A file for `csv.writer` that returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    r"""Yield each row as a line of CSV, formulas escaped.

    Examples
    --------
    >>> list(csv_lines([("LP-1", 0.5), ("=1+1", None)]))
    ['LP-1,0.5\r\n', "'=1+1,\r\n"]
    """
    writer = csv.writer(_LineWriter())
    for row in rows:
        yield writer.writerow([escape_formula(cell) for cell in row])


END_OF_LINE = "\r\n"


def csv_cell(cell: object) -> str:
    r"""Return one of several cells as the text that `csv_lines` writes for it.

    Examples
    --------
    >>> [csv_cell(cell) for cell in ("LP1", "a, b", "=1+1", 0.5, None)]
    ['LP1', '"a, b"', "'=1+1", '0.5', '']
    """
    if isinstance(cell, float):
        return repr(cell)
    if isinstance(cell, str) and cell[:1].isalnum() and cell.replace("-", "").replace("_", "").isalnum():
        return cell
    (line,) = csv_lines([(cell, None)])
    return line.removesuffix(f",{END_OF_LINE}")


# A text with one of these is quoted or escaped when it is the first cell of a line.
_QUOTED_OR_ESCAPED = (",", '"', "\r", *(f"\n{sign}" for sign in FORMULA_PREFIXES))


def first_cells(texts: Sequence[str]) -> Sequence[str]:
    """Return texts without line breaks as the first cells of CSV lines.

    Usually all texts are plain: then a few searches in one joined text replace a call per text.
    """
    joined = "\n".join(["", *texts])
    # Searching for one character is far quicker than for two, so the last character is tried first.
    if not any(mark[-1] in joined and mark in joined for mark in _QUOTED_OR_ESCAPED):
        return texts
    return [line.removesuffix("\r\n") for line in csv_lines((text,) for text in texts)]
