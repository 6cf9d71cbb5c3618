"""What a table holds, by column."""

import numpy as np

from ml.applications.plausibility import training_values
from ml.applications.types import Categorical
from ml.products.loan_prediction.schema import built_in
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()


def test_numbers_have_ends_and_choices_are_listed():
    rows = [application(LoanAmount=None), application(LoanAmount=9.0, Dependents="3+", Credit_History=None)]
    values = training_values(SCHEMA, [columns(row) for row in rows])
    assert (values["LoanAmount"], values["ApplicantIncome"]) == ([9.0, 9.0], [4_000.0, 4_000.0])
    assert (values["Dependents"], values["Credit_History"]) == (["1", "3+"], [1.0])


def test_a_column_without_values_has_none():
    assert training_values(SCHEMA, [columns(application(LoanAmount=None))])["LoanAmount"] == []


def test_arrays_are_read_as_lists():
    plain = columns(application(), application(LoanAmount=None))
    quick = plain | {
        "LoanAmount": np.array([130.0, np.nan]),
        "Credit_History": np.array([1.0, np.nan]),
        "Property_Area": Categorical(["Urban", None], np.array([0, 1], dtype=np.int8)),
    }
    wanted = training_values(SCHEMA, [plain | {"Credit_History": [1.0, None]}])
    assert training_values(SCHEMA, [quick]) == wanted


def test_a_trained_model_keeps_what_its_rows_hold(trained, dataset):
    kept = trained.report["values"]
    assert kept["ApplicantIncome"] == [
        dataset.frame.ApplicantIncome.min(),
        dataset.frame.ApplicantIncome.max(),
    ]
    assert kept["Property_Area"] == ["Rural", "Semiurban", "Urban"]
