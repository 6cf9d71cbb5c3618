"""Conventions of both steps that take a frame: the article's and the scorecard's."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from ml.products.loan_prediction.preprocessing import PreProcessing
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import frame_from_columns
from ml.tests.helpers.tables import application, columns
from ml.training.frame_steps import ModelAndProtectedColumns, ModelColumns

SCHEMA = built_in()


STEPS = {
    "article": PreProcessing(),
    "scorecard": ModelColumns(SCHEMA),
    "with protected": ModelAndProtectedColumns(SCHEMA),
}


@pytest.fixture(params=STEPS)
def step(request):
    return clone(STEPS[request.param])


@pytest.fixture
def frame():
    return frame_from_columns(
        SCHEMA, columns(application(), application(Gender=None, LoanAmount=None, Credit_History=None))
    )


def test_the_frame_is_never_changed(step, frame):
    before = frame.copy(deep=True)
    step.fit(frame).transform(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_other_columns_and_the_order_do_not_matter(step, frame):
    other = frame[frame.columns[::-1]].assign(Note="x")
    np.testing.assert_array_equal(step.fit(frame).transform(other), step.transform(frame))


@pytest.mark.parametrize("call", ["fit", "transform"])
def test_a_missing_column_is_named(step, frame, call):
    with pytest.raises(ValueError, match=r"lacks the column\(s\) Gender, LoanAmount"):
        getattr(step.fit(frame), call)(frame.drop(columns=["LoanAmount", "Gender"]))


def test_an_array_is_refused(step, frame):
    with pytest.raises(ValueError, match="A DataFrame is expected, not ndarray"):
        step.fit(frame.to_numpy())


def test_transforming_before_the_fit_is_refused(step, frame):
    with pytest.raises(NotFittedError):
        step.transform(frame)


def test_the_names_of_the_columns_that_come_out_are_told(step, frame):
    values = step.fit_transform(frame)
    assert len(step.get_feature_names_out()) == values.shape[1]


def test_it_can_be_cloned_printed_and_asked_for_parameters(step):
    copy = clone(step).set_params(**step.get_params())
    assert repr(copy) == repr(step)
    assert copy.get_params() == step.get_params()


def test_a_pickled_copy_gives_the_same(step, frame):
    values = step.fit_transform(frame)
    copy = pickle.loads(pickle.dumps(step))  # noqa: S301 -- our own bytes, made in this line
    np.testing.assert_array_equal(copy.transform(frame), values)
