"""Read the outcomes of training tables as people write them."""

from collections.abc import Iterable

from ml.applications.choice_texts import fold_text, truth_words
from ml.schemas.schema import Target

# For outcomes of yes and no whose yes is good. A column of defaults has none of these words.
_APPROVED = ("approved", "accepted")
_REJECTED = ("rejected", "denied", "declined", "refused", "notapproved")


class Labels:
    """Reads the cells of the target's column.

    The values of the schema are read whatever their case, spaces and hyphens. Where they are yes and no, or 1
    and 0, the words for these are read as well.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> labels = Labels(built_in().target)
    >>> [labels.read(text) for text in ("Y", " y", "Yes", "1", "approved", "not approved", "?")]
    ['Y', 'Y', 'Y', 'Y', 'Y', 'N', '?']
    """

    def __init__(self, target: Target) -> None:
        own = [*target.good, *target.bad, *target.leave_out]
        self._meant = {**dict(_truths(target)), **_unique(own)} | dict(zip(own, own, strict=True))

    def read(self, text: str) -> str:
        """Return the value of the schema that a cell means; a cell that means none as it is."""
        text = text.strip()
        return self._meant.get(text) or self._meant.get(fold_text(text)) or text


def _unique(values: Iterable[str]) -> dict[str, str]:
    """Return values by their folds; nothing for a fold of several values."""
    meant: dict[str, str] = {}
    for value in values:
        folded = fold_text(value)
        meant[folded] = "" if folded in meant else value
    return meant


def _truths(target: Target) -> Iterable[tuple[str, str]]:
    """Yield the words for yes and no with the values that they mean."""
    outcomes = [*target.good, *target.bad]
    for words, value in truth_words(dict(zip(outcomes, outcomes, strict=True))):
        is_yes = "yes" in words
        yield from ((word, value) for word in (*words, "1" if is_yes else "0"))
        if target.good == (value,) if is_yes else target.bad == (value,):
            yield from ((word, value) for word in (_APPROVED if is_yes else _REJECTED))
