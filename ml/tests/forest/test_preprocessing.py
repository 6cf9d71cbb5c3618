"""The article's pre-processing, by example."""

import pytest

from ml.products.loan_prediction.preprocessing import PreProcessing
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import frame_from_columns
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

GAPS = {feature.column: None for feature in SCHEMA.features if feature.optional}


@pytest.fixture
def frame():
    return frame_from_columns(
        SCHEMA,
        columns(
            application(LoanAmount=100.0, Loan_Amount_Term=360.0),
            application(LoanAmount=140.0, Loan_Amount_Term=180.0),
            application(**GAPS),
        ),
    )


def coded(frame, **changes):
    """The coded values of one application, by column, after a fit on `frame`."""
    values = PreProcessing().fit(frame).transform(frame_from_columns(SCHEMA, columns(application(**changes))))
    return dict(zip(SCHEMA.columns, values[0].tolist(), strict=True))


def test_the_means_are_those_of_the_rows_of_fit(frame):
    fitted = PreProcessing().fit(frame)
    assert (fitted.amt_mean_, fitted.term_mean_) == (120.0, 270.0)


def test_gaps_are_filled_as_the_article_does(frame):
    found = coded(frame, **GAPS)
    filled = {"Gender": 1, "Married": 0, "Dependents": 0, "Self_Employed": 0, "Credit_History": 1}
    assert {name: found[name] for name in GAPS} == filled | {"LoanAmount": 120, "Loan_Amount_Term": 270}


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        ("Gender", {"Female": 0, "Male": 1}),
        ("Married", {"No": 0, "Yes": 1}),
        ("Dependents", {"0": 0, "1": 1, "2": 2, "3+": 3}),
        ("Education", {"Graduate": 0, "Not Graduate": 1}),
        ("Self_Employed", {"No": 0, "Yes": 1}),
        ("Property_Area", {"Rural": 0, "Urban": 1, "Semiurban": 2}),
    ],
)
def test_categories_are_coded_as_the_article_does(frame, column, codes):
    assert {value: coded(frame, **{column: value})[column] for value in codes} == codes


def test_numbers_stay_as_they_are(frame):
    found = coded(frame, ApplicantIncome=5849.0, LoanAmount=9.0, Credit_History=0.0)
    assert (found["ApplicantIncome"], found["LoanAmount"], found["Credit_History"]) == (5849.0, 9.0, 0.0)


def test_an_unknown_category_is_refused_by_name(frame):
    with pytest.raises(ValueError, match="Gender: 'Other' is not one of Female, Male"):
        coded(frame, Gender="Other")


def test_the_article_s_columns_keep_their_names(frame):
    assert PreProcessing().fit(frame).get_feature_names_out().tolist() == list(SCHEMA.columns)
