"""Request bodies, made once.

Each holds `MARK`, which the load generator replaces by a number of its own: every request scores applications
that were never seen before.
"""

import json
from typing import Any

from ml.sample import make_sample
from ml.schema import FEATURES, LOAN_ID, TARGET

MARK = "@@@@@@@@"
ROWS = 1000


def rows(count: int = ROWS) -> list[dict[str, Any]]:
    """Return synthetic applications without gaps: the article's code turns a gap into the text "nan"."""
    drawn = [row for row in make_sample(2 * count + 20) if None not in row.values()]
    kept = drawn[:count]
    for number, row in enumerate(kept):
        row.pop(TARGET)
        row[LOAN_ID] = f"BENCH-{MARK}-{number:04d}"
    return kept


def one() -> bytes:
    """Return the body of one application for our API."""
    return json.dumps(rows(1)[0]).encode()


def array(count: int = ROWS) -> bytes:
    """Return the body of a thousand for our API, or of as many as asked."""
    return json.dumps(rows(count)).encode()


def article(count: int) -> bytes:
    """Return a body as the article's client sends it: an array inside a JSON string."""
    return json.dumps(json.dumps(rows(count))).encode()


def entries() -> dict[str, str]:
    """Return one application as the officer's form sends it."""
    row = rows(1)[0]
    return {feature.name: str(row[feature.column]) for feature in FEATURES}
