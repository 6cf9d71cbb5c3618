"""Rules for texts that people write: a reason is a line of printable text, a note may have several lines."""

from ml.applications.values import is_plain_line, show_value
from ml.errors import InvalidValue

REASON_LENGTH = 500
NOTE_LENGTH = 2_000
NOTICE_LENGTH = 10_000


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
    """Return a valid note without spaces around it. It may be empty. Raises `InvalidValue`."""
    if not isinstance(text, str):
        raise InvalidValue("invalid", f"Text is expected, not {show_value(text)}.")
    text = text.replace("\r\n", "\n")  # browsers send line ends like this
    if len(text) > length:
        raise InvalidValue("max_length", f"At most {length:,} characters are expected, not {len(text):,}.")
    for line in text.split("\n"):
        if not line.replace("\t", "").isprintable():
            raise InvalidValue("invalid", f"Lines of printable text are expected, not {show_value(line)}.")
    return text.strip()
