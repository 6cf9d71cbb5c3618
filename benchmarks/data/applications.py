"""Request bodies.

Each Loan_ID is `MARK`, which the load generator replaces in every request (`loan_ids`).
"""

import json
from typing import Any

from benchmarks.data import loan_ids, real_rows
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID

SCHEMA = built_in()

MARK = "@" * loan_ids.LENGTH
ROWS = 1000


def rows(count: int = ROWS) -> list[dict[str, Any]]:
    """Return applications with the missing values and decimals of real ones."""
    return [{LOAN_ID: MARK} | row for row in real_rows.drawn(count)]


def one() -> bytes:
    """Return the body of one application for our API."""
    return json.dumps(rows(1)[0]).encode()


def array(count: int = ROWS) -> bytes:
    """Return the body of `count` applications for our API."""
    return json.dumps(rows(count)).encode()


def article(count: int) -> bytes:
    """Return a body in the format of the article's client: an array inside a JSON string.

    The article's server fails at a missing Dependents, which it reads as the text "nan": send "0" instead.
    """
    sent = [row | {"Dependents": row["Dependents"] or "0"} for row in rows(count)]
    return json.dumps(json.dumps(sent)).encode()


def filled(body: bytes, ids: loan_ids.LoanIds) -> bytes:
    """Return a body with new Loan_IDs in place of the marks."""
    first, *others = body.split(MARK.encode())
    pairs = zip(ids.take(len(others)), others, strict=True)
    return first + b"".join(loan_id.encode() + piece for loan_id, piece in pairs)


def entries() -> dict[str, str]:
    """Return one application as the officer's form sends it."""
    row = next(row for row in rows() if None not in row.values())
    return {feature.name: str(row[feature.column]) for feature in SCHEMA.features}
