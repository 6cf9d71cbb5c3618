"""What each feature accepts, through the typed door (JSON) and the text door (CSV, form)."""

import pytest

from ml.applications.spellings import TEXT_INPUT
from ml.applications.values import JSON_INPUT
from ml.errors import InvalidValue
from ml.products.loan_prediction.schema import built_in

SCHEMA = built_in()

OPTIONAL = [feature.column for feature in SCHEMA.features if feature.optional]
REQUIRED = [feature.column for feature in SCHEMA.features if not feature.optional]

# column, JSON value, text, cleaned value
GOOD = [
    ("Gender", "Female", "Female", "Female"),
    ("Married", "Yes", " Yes ", "Yes"),
    ("Dependents", "0", "0", "0"),
    ("Dependents", 0, "00", "0"),
    ("Dependents", 0.0, "0.0", "0"),
    ("Dependents", 2, "2", "2"),
    ("Dependents", 3, "3", "3+"),
    ("Dependents", "3+", "3+", "3+"),
    ("Education", "Not Graduate", "Not Graduate", "Not Graduate"),
    ("Self_Employed", "No", "No", "No"),
    ("ApplicantIncome", 0, "0", 0.0),
    ("ApplicantIncome", 5720, "+5720", 5720.0),
    ("ApplicantIncome", 5720.0, "5720.0", 5720.0),
    ("CoapplicantIncome", 10_000_000, "10000000", 1e7),
    ("CoapplicantIncome", 0.5, ".5", 0.5),
    ("CoapplicantIncome", -0.0, "-0", 0.0),
    ("ApplicantIncome", -0.0, "-0.0", 0.0),
    ("Credit_History", -0.0, "-.0", 0.0),
    ("LoanAmount", 1_000_000, "1000000.", 1e6),
    ("LoanAmount", 0.1, "0.1", 0.1),
    ("Loan_Amount_Term", 1, "1", 1.0),
    ("Loan_Amount_Term", 600, "600", 600.0),
    ("Credit_History", 1, "1", 1.0),
    ("Credit_History", 0.0, "0.0", 0.0),
    ("Property_Area", "Semiurban", "Semiurban", "Semiurban"),
]

# column, JSON value, text, code
REFUSED = [
    ("Gender", "mail", "mail", "invalid_choice"),
    ("Gender", 1, "1", "invalid_choice"),
    ("Married", "Maybe", "Maybe", "invalid_choice"),
    ("Dependents", 4, "4", "invalid_choice"),
    ("Dependents", -1, "-1", "invalid_choice"),
    ("Dependents", 1.5, "1.5", "invalid_choice"),
    ("Dependents", 10**400, "1" + 400 * "0", "invalid_choice"),
    ("Education", "PhD", "PhD", "invalid_choice"),
    ("Self_Employed", "perhaps", "perhaps", "invalid_choice"),
    ("ApplicantIncome", -1, "-1", "min_value"),
    ("ApplicantIncome", 10_000_001, "10000001", "max_value"),
    ("ApplicantIncome", 10**400, "1" + 400 * "0", "max_value"),
    ("CoapplicantIncome", -0.01, "-0.01", "min_value"),
    ("CoapplicantIncome", -(10**400), "-1" + 400 * "0", "min_value"),
    ("LoanAmount", 0, "0", "min_value"),
    ("LoanAmount", 1_000_000.5, "1000000.5", "max_value"),
    ("LoanAmount", "many", "many", "invalid"),
    ("Loan_Amount_Term", 0, "0", "min_value"),
    ("Loan_Amount_Term", 10**9, "1000000000", "max_value"),
    ("Credit_History", 2, "2", "invalid_choice"),
    ("Credit_History", 0.5, "0.5", "invalid_choice"),
    ("Credit_History", "good", "good", "invalid"),
    ("Property_Area", "Moon", "Moon", "invalid_choice"),
]

NOT_NUMBERS_OF_TEXT = [
    "1_000",
    "\uff11\uff12\uff18",
    "\u0661\u0662\u0668",
    "1e3",
    "1e308",
    "0x10",
    "1,00",
    "1 00",
    "--1",
    "Infinity",
    "-inf",
]
NOT_NUMBERS = [True, False, "128", "1_000", "Infinity", [128], {"value": 128}, []]


def code_of(door, column, value):
    with pytest.raises(InvalidValue) as refusal:
        door.value(SCHEMA.by_column[column], value)
    return refusal.value.code


@pytest.mark.parametrize(("column", "typed", "text", "cleaned"), GOOD)
def test_both_doors_clean_a_good_value_alike(column, typed, text, cleaned):
    feature = SCHEMA.by_column[column]
    assert repr(JSON_INPUT.value(feature, typed)) == repr(TEXT_INPUT.value(feature, text)) == repr(cleaned)


@pytest.mark.parametrize(("column", "typed", "text", "code"), REFUSED)
def test_both_doors_refuse_a_bad_value_with_the_same_code(column, typed, text, code):
    assert code_of(JSON_INPUT, column, typed) == code_of(TEXT_INPUT, column, text) == code


@pytest.mark.parametrize("column", OPTIONAL)
@pytest.mark.parametrize(("typed", "text"), [(None, ""), ("", "  "), (float("nan"), "NaN"), (None, "NA")])
def test_a_gap_in_an_optional_feature_is_no_value(column, typed, text):
    feature = SCHEMA.by_column[column]
    assert JSON_INPUT.value(feature, typed) is None
    assert TEXT_INPUT.value(feature, text) is None


@pytest.mark.parametrize("column", REQUIRED)
@pytest.mark.parametrize(("typed", "text"), [(None, ""), ("", "  "), (float("nan"), "NaN"), (None, None)])
def test_a_gap_in_a_required_feature_is_refused(column, typed, text):
    assert code_of(JSON_INPUT, column, typed) == code_of(TEXT_INPUT, column, text) == "required"


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=repr)
@pytest.mark.parametrize("column", ["ApplicantIncome", "LoanAmount", "Credit_History"])
def test_only_a_number_is_a_json_number(column, value):
    assert code_of(JSON_INPUT, column, value) == "invalid"


@pytest.mark.parametrize("text", [*NOT_NUMBERS_OF_TEXT, "-nan", "\uff11"])
@pytest.mark.parametrize("column", ["ApplicantIncome", "LoanAmount", "Credit_History"])
def test_a_text_that_nobody_takes_for_a_number_is_refused(column, text):
    assert code_of(TEXT_INPUT, column, text) == "invalid"


@pytest.mark.parametrize(("value", "code"), [(1e308, "max_value"), (float("inf"), "max_value")])
def test_a_huge_json_number_is_too_large(value, code):
    assert code_of(JSON_INPUT, "LoanAmount", value) == code


@pytest.mark.parametrize("value", [True, [], {}, ["Male"]], ids=repr)
@pytest.mark.parametrize("column", ["Gender", "Dependents"])
def test_only_text_and_listed_numbers_are_categories(column, value):
    assert code_of(JSON_INPUT, column, value) == "invalid_choice"


def test_five_thousand_digits_of_text_are_too_large():
    assert code_of(TEXT_INPUT, "ApplicantIncome", "9" * 5000) == "max_value"
