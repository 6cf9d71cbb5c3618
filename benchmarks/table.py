"""Aligned text, and the figures in it."""

import re
from collections.abc import Sequence

Cells = dict[str, dict[str, str]]  # the text of a row's cells by the first cell and by the header


def lines(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table: text to the left in the first column, figures to the right in the others."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    body = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in (header, *rows)
    ]
    return ["", title, *(line.rstrip() for line in body)]


def cells(printed: Sequence[str]) -> Cells:
    """Return the cells of all tables in printed lines. Rows of the same name are joined."""
    found: Cells = {}
    header: list[str] = []
    for line in printed:
        row = re.split(r" {2,}", line.strip())
        if len(row) == 1:
            header = []
        elif not header:
            header = row
        elif len(row) == len(header):
            found.setdefault(row[0], {}).update(zip(header[1:], row[1:], strict=True))
    return found


def figure(cell: str) -> float:
    """Return the number in a cell such as "1,265", "0.41 x" or "9%"."""
    return float(cell.replace(",", "").rstrip("x%").strip())
