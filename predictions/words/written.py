"""Rules for written texts: a reason is one line of printable text, a note may have several."""

import contextlib
from collections.abc import Iterator

from ml.applications.values import LOAN_ID_LENGTH, UNPRINTABLE, is_plain_line, show_value
from ml.errors import InvalidValue

REASON_LENGTH = 500
NOTE_LENGTH = 2_000
NOTICE_LENGTH = 10_000
HOLD_LENGTH = 500
# The JSON schema of what `is_plain_line` accepts. It leaves surrogates out: JSON in UTF-8 has none, and most
# engines know none.
PLAIN_LINE = {
    "type": "string",
    "minLength": 1,
    "maxLength": LOAN_ID_LENGTH,
    "pattern": "^[^ ](.*[^ ])?$",
    "not": {"pattern": f"[{UNPRINTABLE}]"},
}


def checked_reason(text: object) -> str:
    """Return a valid reason. Raises `InvalidValue`."""
    if not isinstance(text, str) or not text:
        raise InvalidValue("required", f"A reason is expected, not {show_value(text)}.")
    if len(text) > REASON_LENGTH:
        detail = f"At most {REASON_LENGTH} characters are expected, not {len(text)}."
        raise InvalidValue("max_length", detail)
    if not is_plain_line(text):
        raise InvalidValue("invalid", f"A line of printable text is expected, not {show_value(text)}.")
    return text


def checked_note(text: object, length: int = NOTE_LENGTH) -> str:
    """Return a valid note, without spaces around it; it may be empty. Raises `InvalidValue`."""
    if not isinstance(text, str):
        raise InvalidValue("invalid", f"Text is expected, not {show_value(text)}.")
    text = text.replace("\r\n", "\n")  # browsers send CRLF
    if len(text) > length:
        raise InvalidValue("max_length", f"At most {length:,} characters are expected, not {len(text):,}.")
    for line in text.split("\n"):
        if not line.replace("\t", "").isprintable():
            raise InvalidValue("invalid", f"Lines of printable text are expected, not {show_value(line)}.")
    return text.strip()


def checked_words(text: object, length: int = NOTE_LENGTH) -> str:
    """Return a valid note that is not empty. Raises `InvalidValue`."""
    words = checked_note(text, length) if text is not None else ""
    if not words:
        raise InvalidValue("required", f"A text of 1 to {length:,} characters is expected.")
    return words


@contextlib.contextmanager
def add_faults(faults: dict[str, InvalidValue], name: str) -> Iterator[None]:
    """Add an `InvalidValue` to the faults of a form, as the fault of the field `name`."""
    try:
        yield
    except InvalidValue as error:
        faults[name] = error
