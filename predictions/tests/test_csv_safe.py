"""No spreadsheet runs what a cell of ours says."""

import csv

import pytest

from predictions.csv_safe import lines


def round_trip(*cells):
    return next(csv.reader(lines([cells])))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_text_that_could_be_a_formula_gets_an_apostrophe(text):
    assert round_trip(text) == [f"'{text}"]


@pytest.mark.parametrize("text", ["LP001", "a=b", "", " =1", "'=1", 'a "b", c\nd'])
def test_other_text_stays_as_it_is(text):
    assert round_trip(text, "x") == [text, "x"]


def test_numbers_stay_numbers_with_all_their_digits():
    assert round_trip(-0.1, 1 / 3, -7, 1e-300) == ["-0.1", "0.3333333333333333", "-7", "1e-300"]
