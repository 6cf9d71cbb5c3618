"""A column of categories is a sequence like the list of its values."""

import numpy as np
import pytest

from ml.applications.types import Categorical

VALUES = ["Urban", None, "Rural", "Urban"]


@pytest.fixture
def column():
    return Categorical(["Rural", "Urban", None, "Semiurban"], np.array([1, 2, 0, 1]))


def test_it_has_the_rows_of_the_list(column):
    assert (len(column), list(column), column[2]) == (4, VALUES, "Rural")
    assert list(column[1:3]) == VALUES[1:3]


def test_it_holds_the_values_of_its_rows_and_not_every_choice(column):
    assert [value in column for value in ("Rural", None, "Semiurban", "Elsewhere")] == [
        True,
        True,
        False,
        False,
    ]


def test_numbers_are_looked_up_and_a_gap_has_none(column):
    numbers = column.numbers({"Rural": 0.0, "Urban": 2.0})
    np.testing.assert_array_equal(numbers, [2.0, np.nan, 0.0, 2.0])
