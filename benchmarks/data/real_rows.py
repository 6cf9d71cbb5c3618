"""Applications as awkward as real ones, drawn from the real table if it is beside the checkout.

Otherwise they are drawn from the synthetic sample, with as many decimals as in the real table.
"""

import csv
import functools
import random
from pathlib import Path
from typing import Any

from ml.products.loan_prediction.sample import make_sample
from ml.products.loan_prediction.schema import built_in
from ml.schemas.features import Kind
from ml.schemas.schema import LOAN_ID

SCHEMA = built_in()

REAL_TABLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "training.csv"
_NUMBERS = [feature.column for feature in SCHEMA.features if feature.kind is Kind.NUMBER]
_DECIMALS = {"CoapplicantIncome": 985.7999878}
_SHARE = 300  # one row in so many has decimals: 2 of the real table's 614


@functools.cache
def labelled() -> list[dict[str, Any]]:
    """Return the rows of the table, missing values as ``None``."""
    if not REAL_TABLE.exists():
        return [row | (_DECIMALS if number % _SHARE == 0 else {}) for number, row in enumerate(make_sample())]
    with REAL_TABLE.open(newline="") as file:
        return [_typed(row) for row in csv.DictReader(file)]


def drawn(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Draw applications without Loan_ID and target. Incomes differ from the drawn row's by up to 10%."""
    draw = random.Random(seed)
    rows = [dict(draw.choice(labelled())) for _ in range(count)]
    for row in rows:
        del row[SCHEMA.target.column], row[LOAN_ID]
        row["ApplicantIncome"] = float(round(row["ApplicantIncome"] * draw.uniform(0.9, 1.1)))
    return rows


def described() -> list[str]:
    """Return a sentence with the source of the rows and their shares of missing values and decimals."""
    rows = drawn(10_000)
    gaps = sum(None in row.values() for row in rows) / len(rows)
    decimals = sum(any(row[name] and row[name] % 1 for name in _NUMBERS) for row in rows) / len(rows)
    source = "the real table" if REAL_TABLE.exists() else "the synthetic sample"
    return [f"Rows are drawn from {source}: {gaps:.0%} have a gap, {decimals:.1%} decimals."]


def _typed(row: dict[str, str]) -> dict[str, Any]:
    return {name: _value(name, text) for name, text in row.items()}


def _value(name: str, text: str) -> Any:
    if not text:
        return None
    return float(text) if name in _NUMBERS else text
