"""Texts that are not plain numbers but look like numbers or dates."""

import re
from collections import Counter
from collections.abc import Mapping

_MONTH = r"(jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*"
_TIME = r"([ T]\d{1,2}:\d{2}.*)?"
_FORMATS = {
    "date": re.compile(
        rf"(\d{{4}}[-/.]\d{{1,2}}([-/.]\d{{1,2}})?{_TIME}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}{_TIME}"
        rf"|(\d{{1,2}}[- ])?{_MONTH}[- .,]+(\d{{1,2}}, )?\d{{2,4}})",
        re.IGNORECASE,
    ),
    "comma": re.compile(r"[+-]?(\d+|\d{1,3}([. ]\d{3})+),\d+|[+-]?\d{1,3}(,\d{3})+(\.\d+)?"),
    "percent": re.compile(r"[+-]?\d+([.,]\d+)?\s*%"),
    "currency": re.compile(r"[-+]?([$€£]|[A-Z]{3} )\s?[\d.,]+|[-+]?[\d.,]+\s?([$€£]|[A-Z]{2,3})"),
}
_GAP_WORDS = frozenset([
    "?", "-", "--", ".", "..", "*", "#", "na", "n.a.", "n/a", "none", "nil", "unknown", "missing",
    "not available",
    "not known", "not applicable", "not given", "no data", "#div/0!", "#value!", "#n/v", "k.a.", "inf",
    "-inf",
])  # fmt: skip


def format_of(texts: Mapping[str, int]) -> tuple[str | None, int]:
    """Return the most frequent format of texts, and how many cells have it.

    Parameters
    ----------
    texts : mapping of str to int
        Texts and how often they come.

    Examples
    --------
    >>> format_of({"12,5": 3, "0,25": 1, "own": 1})
    ('comma', 4)
    """
    counts: Counter[str] = Counter()
    for text, count in texts.items():
        for name, pattern in _FORMATS.items():
            if pattern.fullmatch(text):
                counts[name] += count
                break
    return counts.most_common(1)[0] if counts else (None, 0)


def is_gap_word(text: str) -> bool:
    """Return True if a text among numbers usually means that a value is missing."""
    return text.casefold() in _GAP_WORDS
