"""The points table equals the pipeline that it was compiled from."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.errors import CompilationError
from ml.products.loan_prediction.schema import built_in
from ml.scorecard.scorecard import Scorecard
from ml.tables.frames import frame_from_columns
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import application, columns
from ml.training.compilation import check_equal, compile_scorecard
from ml.training.recipes import get

SCHEMA = built_in()


def test_table_and_pipeline_agree_on_every_training_row(trained, dataset):
    assert check_equal(trained.scorecard, trained.pipeline, dataset.frame) <= 1e-9


@given(st.lists(applications(), min_size=1, max_size=10))
@example([application(ApplicantIncome=0, CoapplicantIncome=0, LoanAmount=None)])
@example([application(ApplicantIncome=5e-324, CoapplicantIncome=0)])
def test_table_and_pipeline_agree_on_any_application(trained, rows):
    table = trained.scorecard.score(columns(*rows)).probability
    pipeline = trained.pipeline.predict_proba(frame_from_columns(SCHEMA, columns(*rows)))[:, 1]
    np.testing.assert_allclose(table, pipeline, rtol=0, atol=1e-9)


def test_a_table_that_differs_is_refused(trained, dataset):
    other = Scorecard(SCHEMA, trained.scorecard.base + 1e-6, trained.scorecard.columns)
    with pytest.raises(CompilationError, match="differs from its pipeline by"):
        check_equal(other, trained.pipeline, dataset.frame)


def test_a_column_with_coefficient_0_is_left_out(dataset):
    pipeline = get("scorecard").estimator().fit(dataset.frame, dataset.y)
    pipeline["logistic"].coef_[0, 1] = 0
    compiled = compile_scorecard(SCHEMA, pipeline)
    assert "Property_Area" not in [column.column for column in compiled.columns]
    assert check_equal(compiled, pipeline, dataset.frame) <= 1e-9


def test_every_training_row_is_counted_in_a_bin_of_every_column(trained, dataset):
    for column in trained.scorecard.columns:
        assert sum(row.rows for row in column.bins) == len(dataset.y)
        assert sum(row.approved for row in column.bins) == dataset.y.sum()


def test_bins_are_named_in_the_units_of_their_column(trained):
    labels = {column.column: [row.label for row in column.bins] for column in trained.scorecard.columns}
    assert labels["Credit_History"] == ["does not meet the guidelines", "meets the guidelines", "not given"]
    assert labels["Property_Area"] == ["Rural", "Semiurban", "Urban", "not given"]
    assert labels["Total_Income"][0].startswith("under ")
    assert labels["Total_Income"][-2].endswith(" per month or more")
    assert all(" to under " in label for label in labels["Loan_To_Income"][1:-2])


def test_a_column_that_tells_nothing_is_left_out(dataset):
    frame = dataset.frame.assign(ApplicantIncome=4000.0, CoapplicantIncome=0.0)
    compiled = compile_scorecard(SCHEMA, get("scorecard").estimator().fit(frame, dataset.y))
    assert "Total_Income" not in [column.column for column in compiled.columns]


def test_a_column_of_which_no_row_has_a_value_is_left_out(dataset):
    frame = dataset.frame.assign(Loan_Amount_Term=np.nan)
    compiled = compile_scorecard(SCHEMA, get("scorecard").estimator().fit(frame, dataset.y))
    assert "Instalment_To_Income" not in [column.column for column in compiled.columns]
