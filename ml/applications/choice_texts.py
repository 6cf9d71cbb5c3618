"""Choices as people write them: by value or label in any case, by the schema's spellings, by yes and no."""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from ml.applications.number_texts import is_decimal
from ml.schemas.features import Feature

_Chosen = TypeVar("_Chosen")
# What people write, and what spreadsheets write for a truth value in five languages.
_YES = frozenset(
    ["yes", "y", "true", "t", "ja", "j", "wahr", "oui", "vrai", "s\u00ed", "si", "verdadero", "vero"]
)
_NO = frozenset(["no", "n", "false", "f", "nein", "falsch", "non", "faux", "falso"])
_HYPHENS = re.compile(r"(?<=[^\W\d])[\-_\u2010-\u2015]+(?=[^\W\d])|(?<=[^\W\d])_+(?=\w)")


@functools.lru_cache(256)
def meant_choices(feature: Feature) -> dict[str, str | float]:
    """Return the values of a choice by folded text: values, labels, the schema's spellings, yes and no."""
    texts: list[tuple[str, str | float]] = []
    texts += [(fold_text(value), value) for value in feature.values if isinstance(value, str)]
    texts += [(fold_text(label), value) for value, label in feature.choices if not is_decimal(label)]
    texts += [(fold_text(text), value) for text, value in feature.spellings]
    by_text = {f"{value:g}" if isinstance(value, float) else value: value for value in feature.values}
    for words, value in truth_words(by_text):
        texts += [(word, value) for word in words]
    meant: dict[str, set[str | float]] = {}
    for text, value in texts:
        meant.setdefault(text, set()).add(value)
    return {text: values.pop() for text, values in meant.items() if len(values) == 1 and text}


def truth_words(values: Mapping[str, _Chosen]) -> Iterator[tuple[frozenset[str], _Chosen]]:
    """Yield the folded words for yes and those for no with their values, where a choice is between the two.

    Parameters
    ----------
    values : mapping
        Every value of the choice by its text.
    """
    by_fold = {fold_text(text): value for text, value in values.items()}
    for yes, no in (("yes", "no"), ("1", "0"), ("true", "false"), ("y", "n")):
        if by_fold.keys() == {yes, no}:
            yield _YES, by_fold[yes]
            yield _NO, by_fold[no]


def fold_text(text: str) -> str:
    """Return a text without case, spaces, hyphens between letters, and full stops at its end.

    A hyphen before a digit is a sign.
    """
    return _HYPHENS.sub("", "".join(text.split())).rstrip(".").casefold()
