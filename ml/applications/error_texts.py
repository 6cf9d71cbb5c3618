"""Texts that stand for errors of spreadsheet cells: no reader takes them for a value."""

import re

UNSTORED_TEXT = "formula without a stored value: open and save the workbook"
_MARKED = re.compile(r"(#[A-Z0-9/_]+[!?]?|-?inf|nan) \(error\)")
# What Excel and LibreOffice write for errors into text files, in the languages of their menus, such as #REF!,
# #BEZUG! and #NOM?; those of a missing value, which have no mark at the end; LibreOffice's numbers of errors.
_WRITTEN = re.compile(
    r"#[\u00a1\u00bf]?[A-Z\u00c0-\u00de]+(?:/0)?[!?]|#(?:NV|N/[ABDT]|I/T|YOK|HI\u00c1NYZIK|GETTING_DATA)"
    r"|(?:Err|Erreur|Error|Errore|Erro|Fehler|Fout) ?:5[0-9]{2}"
)


def error_text(error: str) -> str:
    """Return the text of a cell with an error; no reader takes it for a missing value, as ``#N/A``.

    Examples
    --------
    >>> error_text("#N/A")
    '#N/A (error)'
    """
    return f"{error} (error)"


def is_error_text(text: str) -> bool:
    """Return True for the text of a cell with an error, or with a formula that no program has computed.

    Examples
    --------
    >>> [is_error_text(text) for text in ("#N/A (error)", "#WERT!", "Err:502", "#17", "LP#REF!")]
    [True, True, True, False, False]
    """
    return any(pattern.fullmatch(text) for pattern in (_MARKED, _WRITTEN)) or text == UNSTORED_TEXT


def may_hold_errors(joined: str) -> bool:
    """Return False if none of the joined texts is one of an error: a quick look at very many."""
    return any(part in joined for part in ("#", ":5", "(error)", UNSTORED_TEXT))
