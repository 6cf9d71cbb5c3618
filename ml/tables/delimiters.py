"""Find out what separates the cells of a CSV file."""


def detect_delimiter(content: bytes) -> str:
    """Return the delimiter that is most frequent in the first line: a comma, semicolon or tab.

    Examples
    --------
    >>> detect_delimiter(b"Loan_ID;Gender;Married")
    ';'
    """
    header = content.split(b"\n", 1)[0]
    return max(",;\t", key=lambda candidate: header.count(candidate.encode()))
