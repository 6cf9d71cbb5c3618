"""The cells of a target: the schema's values, and the words for yes and no where it has them."""

import pytest

from ml.errors import InvalidValue
from ml.schemas.schema import Target
from ml.tables.labels import LEFT_OUT, Labels


def labels(*, good=("Y",), bad=("N",), leave_out=(), means="", chosen=None):
    return Labels(Target("outcome", good, bad, leave_out, means, True), chosen)


def read(text, **facts):
    return labels(**facts).read(text)


@pytest.mark.parametrize("text", ["Fully Paid", "fully paid", " FULLY-PAID ", "Fullypaid"])
def test_values_of_the_schema_are_read_whatever_their_case_spaces_and_hyphens(text):
    assert read(text, good=("Fully Paid",), bad=("Charged Off",), leave_out=("Current",)) == "Fully Paid"


def test_a_value_that_is_left_out_is_read_alike():
    assert read("in  PROGRESS", leave_out=("In progress",)) == "In progress"


def test_yes_is_bad_where_the_schema_says_so():
    assert read("yes", good=("0",), bad=("1",)) == "1"


def test_an_approval_is_no_default():
    assert read("approved", good=("N",), bad=("Y",)) == "approved"


def test_a_value_of_the_schema_goes_before_a_word_for_no():
    assert read("f", leave_out=("F",)) == "F"


def test_values_that_differ_in_case_alone_are_told_apart():
    assert [read(text, good=("y",), bad=("Y",)) for text in ("y", "Y", "yes")] == ["y", "Y", "yes"]


def test_words_mean_nothing_where_outcomes_are_not_yes_and_no():
    assert read("yes", good=("paid",), bad=("late",)) == "yes"


@pytest.mark.parametrize("text", ["leave out", "Leave-Out", "EXCLUDE", "", "  ", "n/a"])
@pytest.mark.parametrize("good", ["Y", "paid"])
def test_a_row_is_left_out_by_a_word_or_by_nothing(text, good):
    known = labels(good=(good,))
    assert (known.read(text), known.leaves_out(LEFT_OUT)) == (LEFT_OUT, True)


@pytest.mark.parametrize("value", ["None", "exclude"])
def test_a_value_of_the_schema_goes_before_a_word_that_leaves_out(value):
    assert read(value.upper(), good=(value,)) == value


@pytest.mark.parametrize("means", ["the application was approved", "The loan was granted"])
def test_approved_is_yes_where_the_schema_means_an_approval(means):
    assert [read(text, means=means) for text in ("approved", "Not approved")] == ["Y", "N"]


@pytest.mark.parametrize("means", ["repaid", "the approved loan was paid back", "no approval was needed", ""])
def test_approved_is_unknown_where_the_schema_means_anything_else(means):
    known = labels(means=means)
    assert (known.read("approved"), known.knows("approved")) == ("approved", False)
    assert known.words() == "Y (also yes, true, 1), N (also no, false, 0), leave out"


def test_a_word_means_what_a_person_said():
    chosen = {"approved": "Y", "open": ""}
    assert [read(text, means="repaid", chosen=chosen) for text in ("Approved", "OPEN", "N")] == ["Y", "", "N"]


def test_a_word_cannot_mean_what_the_schema_does_not_have():
    with pytest.raises(InvalidValue, match="'maybe' is no outcome of outcome; expected one of Y, N"):
        labels(chosen={"approved": "maybe"})


@pytest.mark.parametrize("chosen", [{"late": "Y", "LATE": "N"}, {"Y": "N"}, {"n": ""}])
def test_a_word_cannot_mean_two_outcomes(chosen):
    with pytest.raises(InvalidValue, match="already"):
        labels(chosen=chosen)
