"""A choice that no training row had weighs nothing: in the pipeline, its table, its JSON and its SQL."""

import numpy as np
import pytest

from ml.products.loan_prediction.schema import built_in
from ml.scorecard.scorecard import Scorecard
from ml.sql.export import to_sql
from ml.tables.frames import frame_from_columns
from ml.tests.helpers.databases import DATABASES
from ml.tests.helpers.tables import application, columns
from ml.training.compilation import check_equal, compile_scorecard
from ml.training.recipes import get

SCHEMA = built_in()

AREAS = ("Rural", "Semiurban", "Urban")


def without(dataset, column, *values):
    """The points table, and its pipeline, of the rows that have none of the values.

    Many rows of one area are refused, so that no fit drops the column.
    """
    kept = ~dataset.frame[column].isin(values).to_numpy()
    frame, y = dataset.frame[kept].reset_index(drop=True), dataset.y[kept]
    y = np.where((frame.Property_Area == frame.Property_Area.min()) & (frame.index % 3 > 0), 0, y)
    pipeline = get("scorecard").estimator().fit(frame, y)
    compiled = compile_scorecard(SCHEMA, pipeline)
    assert check_equal(compiled, pipeline, frame) <= 1e-9
    return compiled, pipeline


@pytest.fixture(scope="module", params=AREAS)
def gone(request, dataset):
    return request.param, *without(dataset, "Property_Area", request.param)


def reason_of(scorecard, column, **changes):
    reasons = scorecard.score(columns(application(**changes))).explanation(0).reasons
    return next(reason for reason in reasons if reason["column"] == column)


def test_an_unseen_area_contributes_nothing_and_is_named(gone):
    area, scorecard, _ = gone
    reason = reason_of(scorecard, "Property_Area", Property_Area=area)
    assert reason["contribution"] == 0
    assert reason["text"] == f"Property area: {area}, not seen in training"


def test_a_seen_area_never_shares_its_bin_with_an_unseen_one(gone):
    unseen, scorecard, _ = gone
    for area in set(AREAS) - {unseen}:
        assert reason_of(scorecard, "Property_Area", Property_Area=area)["text"] == f"Property area: {area}"


def test_pipeline_table_and_json_agree_on_unseen_values(gone):
    _, scorecard, pipeline = gone
    rows = [application(Property_Area=area, Credit_History=h) for area in AREAS for h in (0.0, 1.0, None)]
    table = scorecard.score(columns(*rows)).probability
    expected = pipeline.predict_proba(frame_from_columns(SCHEMA, columns(*rows)))[:, 1]
    np.testing.assert_allclose(table, expected, rtol=0, atol=1e-9)
    restored = Scorecard.from_json(SCHEMA, scorecard.to_json())
    assert restored.score(columns(*rows)).probability == table
    assert [scorecard.cache_keys(columns(row))[0] for row in rows] == [*scorecard.cache_keys(columns(*rows))]


def test_an_unseen_credit_history_does_not_share_the_weight_of_the_other_one(dataset):
    _, pipeline = without(dataset, "Credit_History", 0.0)
    weights = pipeline["woe"].transform(np.array([[history, 0, 5_000, 20, 0.1] for history in (0.0, 1.0)]))
    assert weights[0, 0] == 0 != weights[1, 0]


def test_sql_scores_unseen_values_as_python_does(gone):
    _, scorecard, _ = gone
    rows = [application(Property_Area=area) | {"Loan_ID": area} for area in AREAS]
    with DATABASES["sqlite"]() as database:
        found = {row[0]: row[1] for row in database.score(to_sql(scorecard, dialect="sqlite"), rows)}
    for row in rows:
        [probability] = scorecard.score(columns(row)).probability
        assert found[row["Loan_ID"]] == pytest.approx(probability, rel=0, abs=1e-9)


def test_a_table_where_all_was_seen_names_no_unseen_values(scorecard):
    assert all("unseen" not in entry for entry in scorecard.to_json()["columns"])
