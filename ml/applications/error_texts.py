"""Texts that stand for errors of spreadsheet cells: no reader takes them for a value."""

import re

UNSTORED_TEXT = "formula without a stored value: open and save the workbook"
_ERROR = re.compile(r"(#[A-Z0-9/_]+[!?]?|-?inf|nan) \(error\)")


def error_text(error: str) -> str:
    """Return the text of a cell with an error; no reader takes it for a missing value, as ``#N/A``.

    Examples
    --------
    >>> error_text("#N/A"), is_error_text(error_text("#N/A")), is_error_text("#N/A")
    ('#N/A (error)', True, False)
    """
    return f"{error} (error)"


def is_error_text(text: str) -> bool:
    """Return True for the text of a cell with an error, or with a formula that no program has computed."""
    return _ERROR.fullmatch(text) is not None or text == UNSTORED_TEXT
