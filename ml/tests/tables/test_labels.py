"""The cells of a target: the schema's values, and the words for yes and no where it has them."""

import pytest

from ml.schemas.schema import Target
from ml.tables.labels import Labels


def read(text, *, good=("Y",), bad=("N",), leave_out=()):
    return Labels(Target("outcome", good, bad, leave_out, "", True)).read(text)


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
