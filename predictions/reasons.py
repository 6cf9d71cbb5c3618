"""The rule for a reason that somebody gives: a line of printable text."""

import re

from ml.errors import InvalidValue
from ml.values import LOAN_ID_REGEX, show

REASON_LENGTH = 500
_LINE = re.compile(LOAN_ID_REGEX)  # printable, no space at either end


def checked_reason(text: object) -> str:
    """Return the reason; raises `InvalidValue`."""
    if not isinstance(text, str) or not text:
        raise InvalidValue("required", f"A reason is expected, not {show(text)}.")
    if len(text) > REASON_LENGTH:
        detail = f"At most {REASON_LENGTH} characters are expected, not {len(text)}."
        raise InvalidValue("max_length", detail)
    if not _LINE.match(text):
        raise InvalidValue("invalid", f"A line of printable text is expected, not {show(text)}.")
    return text
