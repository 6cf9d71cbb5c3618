"""Read the outcomes of training tables as people write them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ml.applications.choice_texts import fold_text, truth_words
from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.schemas.features import MISSING_TEXT
from ml.schemas.schema import Target

LEFT_OUT = ""
"""What a cell means whose row is not trained on, in the tables of every schema."""

_LEAVE_OUT_WORD = "leave out"
_LEAVE_OUT = ("leaveout", "exclude", "excluded")
_APPROVED = ("approved", "accepted")
_REJECTED = ("rejected", "denied", "declined", "refused", "notapproved")
_SHOWN = ("yes", "true", "1", "no", "false", "0", "approved", "rejected")  # in messages
_APPROVAL = re.compile(r"\b(approv|accept|grant|originat|disburs)")
# What becomes of a loan after its approval, and whatever turns the sense of a sentence.
_NO_APPROVAL = re.compile(
    r"\b(not|no|never|without|den[iy]|reject|refus|declin|re-?pa[iy]|pa[iy]|default|arrear|delinq|late|overdue)"
)


class Labels:
    """Reads the cells of the target's column.

    The values of the schema are read whatever their case, spaces and hyphens. Where they are yes and no, or 1
    and 0, the words for these are read as well; ``approved`` only where yes means an approval. An empty cell,
    ``leave out``, ``exclude`` and ``leave out: REASON`` leave a row out.

    Parameters
    ----------
    target : Target
    chosen : mapping of str to str
        Values of the schema by words that a person gave a meaning; an empty text leaves rows out.

    Attributes
    ----------
    has_chosen : bool
        Whether a person gave a word a meaning.

    Raises
    ------
    InvalidValue
        If a word is given a meaning that the schema does not have.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> labels = Labels(built_in().target)
    >>> [labels.read(text) for text in ("Y", " y", "Yes", "1", "approved", "not approved", "?", "Leave out")]
    ['Y', 'Y', 'Y', 'Y', 'Y', 'N', '?', '']
    """

    def __init__(self, target: Target, chosen: Mapping[str, str] | None = None) -> None:
        self._target, self.has_chosen = target, bool(chosen)
        self._own = frozenset([*target.good, *target.bad, *target.leave_out])
        self._meant: dict[str, str | None] = dict.fromkeys(
            [*map(fold_text, MISSING_TEXT), *_LEAVE_OUT], LEFT_OUT
        )
        self._meant |= dict(_truths(target)) | _unique([*target.good, *target.bad, *target.leave_out])
        self._meant |= self._chosen(chosen or {})

    def _chosen(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Return the chosen meanings by the folds of their words. Raises `InvalidValue`."""
        own = _unique(self._own)
        meant: dict[str, str] = {}
        for word, value in chosen.items():
            folded = fold_text(word)
            known = meant.setdefault(folded, self._checked(value))
            given = known if known != value else own.get(folded) or value
            if given != value:
                raise InvalidValue(
                    "invalid_choice",
                    f"{show_value(word)} cannot mean {show_value(value or _LEAVE_OUT_WORD)}: "
                    f"it means {show_value(given or _LEAVE_OUT_WORD)} already.",
                )
        return meant

    def _checked(self, value: str) -> str:
        if value != LEFT_OUT and value not in self._own:
            raise InvalidValue(
                "invalid_choice",
                f"{show_value(value)} is no outcome of {self._target.column}; expected one of "
                f"{', '.join(self._target.codes)}, or nothing to leave its rows out.",
            )
        return value

    def read(self, text: str) -> str:
        """Return the value of the schema that a cell means, or `LEFT_OUT`; any other cell as it is."""
        text = text.strip()
        meant = text if text in self._own else self._meant.get(fold_text(text))
        if meant is None and left_out_reason(text):
            return LEFT_OUT
        return text if meant is None else meant

    def leaves_out(self, label: str) -> bool:
        """Return True if rows of a label that `read` returned are not trained on."""
        return label == LEFT_OUT or label in self._target.leave_out

    def knows(self, label: str) -> bool:
        """Return True if a label that `read` returned is an outcome, or leaves rows out."""
        return label in self._target.codes or self.leaves_out(label)

    def words(self) -> str:
        """Return the outcomes with words that are read as them, and how a row is left out."""
        also: dict[str, list[str]] = {}
        for word, value in _truths(self._target):
            if word in _SHOWN and self._meant[word] == value != word:
                also.setdefault(value, []).append(word)
        outcomes = [*self._target.codes, *filter(None, self._target.leave_out)]
        listed = (_with_words(value, sorted(also.get(value, ()), key=_SHOWN.index)) for value in outcomes)
        return ", ".join([*listed, _LEAVE_OUT_WORD])


def left_out_for(reason: str) -> str:
    """Return the cell of a row that is left out for a reason.

    Examples
    --------
    >>> left_out_for("LoanAmount refused"), left_out_reason("Leave out: asked twice"), left_out_reason("late")
    ('leave out: LoanAmount refused', 'asked twice', '')
    """
    return f"{_LEAVE_OUT_WORD}: {reason}"


def left_out_reason(cell: str) -> str:
    """Return why the row of a cell is left out; an empty text if it does not say so."""
    word, colon, reason = cell.partition(":")
    return reason.strip() if colon and is_left_out(word) else ""


def is_left_out(text: str) -> bool:
    """Return True for a word that leaves a row out, in the table of every schema that has no such outcome."""
    return fold_text(text) in _LEAVE_OUT


def means_approval(target: Target) -> bool:
    """Return True if the schema's words for a good outcome tell of an approval, and of nothing after it.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from ml.products.loan_prediction.schema import built_in
    >>> meanings = ["the loan was originated", "the approved loan was repaid", "Loan Status is Y"]
    >>> [means_approval(replace(built_in().target, means=means)) for means in meanings]
    [True, False, False]
    """
    means = target.means.casefold()
    return _APPROVAL.search(means) is not None and _NO_APPROVAL.search(means) is None


def _with_words(value: str, words: Sequence[str]) -> str:
    return f"{value} (also {', '.join(words)})" if words else value


def _unique(values: Iterable[str]) -> dict[str, str | None]:
    """Return values by their folds; None for a fold of several values."""
    meant: dict[str, str | None] = {}
    for value in values:
        folded = fold_text(value)
        meant[folded] = None if folded in meant else value
    return meant


def _truths(target: Target) -> Iterator[tuple[str, str]]:
    """Yield the words for yes and no with the values that they mean."""
    outcomes = [*target.good, *target.bad]
    of_approval = means_approval(target)
    for words, value in truth_words(dict(zip(outcomes, outcomes, strict=True))):
        is_yes = "yes" in words
        yield from ((word, value) for word in (*words, "1" if is_yes else "0"))
        if of_approval and (target.good == (value,) if is_yes else target.bad == (value,)):
            yield from ((word, value) for word in (_APPROVED if is_yes else _REJECTED))
