"""Applications and CSV texts to test with."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

from ml.products.loan_prediction.golden_rows import golden_columns
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID

SCHEMA = built_in()

TRAINED_AT = datetime(2017, 9, 28, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
STORED = ROOT / "predictions" / "tests" / "stored"  # what earlier commits made
HEADER = (LOAN_ID, *SCHEMA.columns, SCHEMA.target.column)


def application(**changes):
    """A good application as JSON would bring it."""
    return {LOAN_ID: "LP-1"} | {name: values[0] for name, values in golden_columns().items()} | changes


def columns(*rows):
    """Applications as columns."""
    return {name: [row[name] for row in rows] for name in SCHEMA.columns}


def training_rows(count=30):
    """Rows of text, a third of them refused, with Loan_IDs LP-1 and up in lines 2 and up."""
    return [
        {name: str(value) for name, value in application(Loan_ID=f"LP-{number}").items()}
        | {SCHEMA.target.column: "N" if number % 3 == 0 else "Y"}
        for number in range(1, count + 1)
    ]


def csv_text(rows, header=HEADER, delimiter=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, header, delimiter=delimiter, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
