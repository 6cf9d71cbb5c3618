"""CSV that a spreadsheet opens without running any of it (see `ml.tables.safe_csv`)."""

import csv
from collections.abc import Iterable, Iterator, Sequence

SIGNS = ("=", "+", "-", "@", "\t", "\r", "'")


def safe(cell: object) -> object:
    """Return a cell as it is written to a file; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(SIGNS) else cell


def meant(cell: str) -> str:
    """Return the text that a cell of a file stands for."""
    return cell[1:] if cell.startswith("'") and cell.startswith(SIGNS, 1) else cell


# What keeps a text from standing as it is as the first cell of a line.
_NOT_PLAIN = (",", '"', "\r", *(f"\n{sign}" for sign in SIGNS))


class _Echo:
    """A file that hands back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write rows as lines of CSV, each as soon as its row is there."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])


def first_cells(texts: Sequence[str]) -> Sequence[str]:
    """Write texts without line breaks as the first cells of lines; at once where all are plain."""
    joined = "\n".join(["", *texts])
    # One character alone is looked for in no time; two, only where the second is there.
    if not any(mark[-1] in joined and mark in joined for mark in _NOT_PLAIN):
        return texts
    return [line.removesuffix("\r\n") for line in lines((text,) for text in texts)]
