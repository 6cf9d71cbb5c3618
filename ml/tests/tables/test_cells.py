"""Cells of a query are read as text where they are text, and as JSON would bring them where not."""

from datetime import date
from decimal import Decimal

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tables.block_reader import BlockReader
from ml.tables.cells import QueryChunk
from ml.tests.helpers.tables import application

SCHEMA = built_in()

NAMES = (*reversed(SCHEMA.columns), LOAN_ID)


def read(*rows):
    return BlockReader(SCHEMA)(QueryChunk(7, NAMES, [[row[name] for name in NAMES] for row in rows]).block())


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("LoanAmount", 128, 128.0), ("LoanAmount", Decimal("128.50"), 128.5), ("LoanAmount", " 12.5 ", 12.5),
        ("LoanAmount", None, None), ("LoanAmount", float("nan"), None), ("LoanAmount", Decimal("NaN"), None),
        ("LoanAmount", "NA", None), ("Dependents", 3, "3+"), ("Dependents", "3", "3+"),
        ("Gender", "Male   ", "Male"), ("Credit_History", Decimal(1), 1.0), ("Credit_History", "1", 1.0),
    ],
)  # fmt: skip
def test_a_cell_becomes_a_value(column, cell, value):
    loan_ids, columns, refused, _ = read(application(**{column: cell}))
    assert (list(loan_ids), columns[column], refused) == (["LP-1"], [value], [])


@pytest.mark.parametrize(
    ("column", "cell", "shown", "why"),
    [
        ("Credit_History", True, "True", "is not a number"),
        ("LoanAmount", date(2026, 1, 2), "datetime.date(2026, 1, 2)", "is not a number"),
        ("LoanAmount", Decimal("Infinity"), "inf", "too large"),
        ("LoanAmount", "1e3", "1e3", "not a number"),
        ("Gender", b"Male", "b'Male'", "is not one of"),
        ("Gender", ["Male"], "['Male']", "is not one of"),
        ("ApplicantIncome", None, "", "required"),
        (LOAN_ID, 17, "17", "not a Loan_ID"),
        (LOAN_ID, None, "", "required"),
    ],
)
def test_a_refused_cell_is_told_with_its_row(column, cell, shown, why):
    good = application(Credit_History=1)  # equal to True, and no reason to take that one
    loan_ids, _, ((_, (fault,)),), _ = read(good, application(**{column: cell}), good)
    assert list(loan_ids) == ["LP-1", "LP-1"]
    assert (fault.line, fault.column, fault.value) == (8, column, shown)
    assert why in fault.expected
