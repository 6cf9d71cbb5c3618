"""Aligned text."""

from collections.abc import Sequence


def lines(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table: text to the left in the first column, figures to the right in the others."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    body = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in (header, *rows)
    ]
    return ["", title, *(line.rstrip() for line in body)]
