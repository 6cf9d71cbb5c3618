"""A refusal names the value and what was expected, however strange the value is."""

import pytest

from ml.applications.values import from_json, show_value
from ml.errors import InvalidValue
from ml.products.loan_prediction.schema import built_in

SCHEMA = built_in()


def detail_of(column, value):
    with pytest.raises(InvalidValue) as refusal:
        from_json(SCHEMA.by_column[column], value)
    return str(refusal.value)


def test_a_refused_choice_names_the_choices():
    assert detail_of("Education", "PhD") == "'PhD' is not one of Graduate, Not Graduate."


def test_a_refused_number_names_bounds_and_unit():
    expected = "-1 is too small; expected a number from 0 to 10,000,000 (per month)."
    assert detail_of("ApplicantIncome", -1) == expected


def test_an_exclusive_bound_is_named_as_one():
    assert "expected a number above 0 and up to 1,000,000 (thousands)" in detail_of("LoanAmount", 0)


def test_a_gap_is_told_what_is_expected():
    assert detail_of("Property_Area", None) == "A value is required: one of Rural, Semiurban, Urban."


def test_a_long_text_is_cut_and_its_length_told():
    assert show_value("x" * 1000) == "'" + "x" * 40 + "'... (1,000 characters)"


@pytest.mark.parametrize("value", ["\ud800", "a\x00b", "\u202eabc", "\x1b[31m"])
def test_what_cannot_be_printed_is_escaped(value):
    assert show_value(value).isascii()


def test_a_number_of_many_digits_is_not_written_out():
    assert show_value(10**5000) == "a number of very many digits"


def test_a_deeply_nested_array_is_not_written_out():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert detail_of("LoanAmount", deep).startswith("an array is not a number")
