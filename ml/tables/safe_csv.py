"""CSV that a spreadsheet opens without running any of it (see `ml.tables.safe_csv`)."""

import csv
from collections.abc import Iterable, Iterator, Sequence

FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "'")


def escape_formula(cell: object) -> object:
    """Return a cell as it is written to a file; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_PREFIXES) else cell


def unescape_formula(cell: str) -> str:
    """Return the text that a cell of a file stands for."""
    return cell[1:] if cell.startswith("'") and cell.startswith(FORMULA_PREFIXES, 1) else cell


# What keeps a text from standing as it is as the first cell of a line.
_NOT_PLAIN = (",", '"', "\r", *(f"\n{sign}" for sign in FORMULA_PREFIXES))


class _Echo:
    """A file that hands back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write rows as lines of CSV, each as soon as its row is there."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([escape_formula(cell) for cell in row])


def first_cells(texts: Sequence[str]) -> Sequence[str]:
    """Write texts without line breaks as the first cells of lines; at once where all are plain."""
    joined = "\n".join(["", *texts])
    # One character alone is looked for in no time; two, only where the second is there.
    if not any(mark[-1] in joined and mark in joined for mark in _NOT_PLAIN):
        return texts
    return [line.removesuffix("\r\n") for line in csv_lines((text,) for text in texts)]
