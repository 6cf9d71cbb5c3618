"""Labels of columns within sentences."""

from collections.abc import Sequence


def in_a_sentence(label: str) -> str:
    """Write a label as a word of a sentence. Abbreviations keep their capitals.

    Examples
    --------
    >>> in_a_sentence("Loan amount"), in_a_sentence("FICO score")
    ('loan amount', 'FICO score')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def with_article(label: str) -> str:
    """Write a label with its article.

    Examples
    --------
    >>> with_article("Loan amount"), with_article("Income per month")
    ('a loan amount', 'an income per month')
    """
    return f"{'an' if label[:1].lower() in 'aeiou' else 'a'} {in_a_sentence(label)}"


def listed(words: Sequence[str], joint: str) -> str:
    """Join words as a sentence lists them.

    Examples
    --------
    >>> listed(["income", "loan amount", "term"], "or")
    'income, loan amount or term'
    """
    *others, last = words or [""]
    return f"{', '.join(others)} {joint} {last}" if others else last
