"""Columns of plain values to a frame and back."""

import pandas as pd
import pytest

from ml.products.loan_prediction.schema import built_in
from ml.schemas.features import Kind
from ml.tables.frames import columns_from_frame, frame_from_columns
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

ROWS = columns(application(), application(Gender=None, LoanAmount=None, Dependents=None))


def test_columns_come_back_as_they_went_in():
    assert columns_from_frame(SCHEMA, frame_from_columns(SCHEMA, ROWS)) == ROWS


def test_numbers_are_floats_and_gaps_are_nan():
    frame = frame_from_columns(SCHEMA, ROWS)
    numbers = [feature.column for feature in SCHEMA.features if feature.kind is Kind.NUMBER]
    assert set(frame[numbers].dtypes) == {pd.Series([0.5]).dtype}
    assert frame["LoanAmount"].isna().tolist() == [False, True]


def test_a_column_of_gaps_alone_is_still_a_column_of_numbers():
    assert columns_from_frame(SCHEMA, frame_from_columns(SCHEMA, columns(application(LoanAmount=None))))[
        "LoanAmount"
    ] == [None]


@pytest.mark.parametrize(("value", "meant"), [(0.0, "0"), (2, "2"), (3.0, "3+"), ("3+", "3+")])
def test_dependents_may_be_numbers_in_a_frame(value, meant):
    frame = frame_from_columns(SCHEMA, ROWS).assign(Dependents=value)
    assert columns_from_frame(SCHEMA, frame)["Dependents"] == [meant, meant]


def test_a_frame_as_pandas_reads_it_from_csv_will_do(sample_csv, dataset):
    assert columns_from_frame(SCHEMA, pd.read_csv(sample_csv)) == columns_from_frame(SCHEMA, dataset.frame)


def test_absent_columns_are_named():
    with pytest.raises(ValueError, match=r"lacks the column\(s\) Married, Loan_Amount_Term"):
        columns_from_frame(
            SCHEMA, frame_from_columns(SCHEMA, ROWS).drop(columns=["Married", "Loan_Amount_Term"])
        )


def test_the_frame_has_the_eleven_columns_in_their_order():
    assert tuple(frame_from_columns(SCHEMA, ROWS).columns) == SCHEMA.columns
