"""Texts that a spreadsheet would run as formulas, in CSV files: the one place for that rule.

A text that begins with such a sign is written with an apostrophe before it, and read without. So is one that
begins with an apostrophe itself: every text comes back as it was.
"""

SIGNS = ("=", "+", "-", "@", "\t", "\r", "'")


def safe(cell: object) -> object:
    """Return a cell as it is written to a file; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(SIGNS) else cell


def meant(cell: str) -> str:
    """Return the text that a cell of a file stands for."""
    return cell[1:] if cell.startswith("'") and cell.startswith(SIGNS, 1) else cell
