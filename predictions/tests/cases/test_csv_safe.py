"""No spreadsheet runs what a cell of ours says, and every text comes back as it was."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.tables.safe_csv import csv_cell, csv_lines, first_cells, unescape_formula

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
texts |= st.text("=+-@\t\r\n', a", max_size=5)


def round_trip(*cells):
    return next(csv.reader(csv_lines([cells])))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "'=1", "'", "'tis"])
def test_text_that_could_be_a_formula_gets_an_apostrophe(text):
    assert round_trip(text) == [f"'{text}"]


@pytest.mark.parametrize("text", ["LP001", "a=b", "", " =1", 'a "b", c\nd'])
def test_other_text_stays_as_it_is(text):
    assert round_trip(text, "x") == [text, "x"]


def test_numbers_stay_numbers_with_all_their_digits():
    assert round_trip(-0.1, 1 / 3, -7, 1e-300) == ["-0.1", "0.3333333333333333", "-7", "1e-300"]


@given(st.lists(texts, min_size=1, max_size=3))
@example(["=x", "'=x"])
@example(["'", "''", "'a", "''=x"])
def test_what_was_written_is_read_as_it_was(cells):
    written = "".join(csv_lines([[*cells, "end"]]))
    [found] = csv.reader(io.StringIO(written, newline=""))
    assert [*map(unescape_formula, found)] == [*cells, "end"]


@given(st.lists(texts.filter(lambda text: text and "\n" not in text), min_size=1))
def test_first_cells_are_written_as_all_others(cells):
    assert [f"{cell},x\r\n" for cell in first_cells(cells)] == [*csv_lines((cell, "x") for cell in cells)]


@given(st.text(st.sampled_from("aZ0\u00e9-_=+@' ,;\"\r\n\t"), max_size=5))
def test_a_cell_alone_is_written_as_in_a_line(cell):
    assert [f"{csv_cell(cell)},x\r\n"] == [*csv_lines([(cell, "x")])]
