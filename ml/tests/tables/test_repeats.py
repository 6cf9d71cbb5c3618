"""Loan_IDs that repeat are found in a file of any size, each with the line of another."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.tables.plain_ids import PlainIds
from ml.tables.repeats import RepeatedLoanIds


def pairs(*chunks):
    """Add chunks of (line, Loan_ID) and return each repeated line with the line of another."""
    repeats = RepeatedLoanIds()
    for chunk in chunks:
        repeats.add([line for line, _ in chunk], [loan_id for _, loan_id in chunk])
    return [tuple(pair) for pair in repeats.pairs().tolist()]


def test_the_first_row_names_the_second_and_later_rows_name_the_first():
    assert pairs([(2, "a"), (3, "b"), (4, "a")], [(5, "c"), (6, "a")]) == [(2, 4), (4, 2), (6, 2)]


def test_ids_of_letters_and_digits_are_the_same_however_their_block_was_read():
    repeats = RepeatedLoanIds()
    repeats.add([2, 3], PlainIds([b"LP1", b"LP2"]))
    repeats.add([4, 5], ["LP2 ", "L\u00e9"])
    assert repeats.pairs().tolist() == [[3, 4], [4, 3]]


def test_a_file_without_repeats_has_no_pairs():
    assert pairs([(2, "a"), (3, "b")]) == []


def test_rows_without_a_loan_id_repeat_nothing():
    assert pairs([(2, ""), (3, " "), (4, "")]) == []


def test_errors_of_a_spreadsheet_repeat_nothing():
    assert pairs([(2, "#N/A"), (3, "#N/A "), (4, "#17")], [(5, "#17")]) == [(4, 5), (5, 4)]


def test_spaces_around_a_loan_id_and_its_unicode_form_do_not_tell_rows_apart():
    assert pairs([(2, "é"), (3, " e\u0301 ")]) == [(2, 3), (3, 2)]


@given(st.lists(st.sampled_from(["", "a", "b", "c", "d", "e"]), min_size=1), st.integers(1, 5))
def test_exactly_the_rows_that_share_a_loan_id_are_found(loan_ids, size):
    rows = list(enumerate(loan_ids, 2))
    lines = defaultdict(list)
    for line, loan_id in rows:
        lines[loan_id].append(line)
    expected = [
        (line, same[0] if line != same[0] else same[1])
        for line, loan_id in rows
        if loan_id and len(same := lines[loan_id]) > 1
    ]
    assert pairs(*(rows[at : at + size] for at in range(0, len(rows), size))) == expected


@pytest.mark.parametrize("length", [1, 16, 17])
def test_an_id_kept_as_bytes_repeats_the_same_text(length):
    loan_id, repeats = "LP000000000000012"[-length:], RepeatedLoanIds()
    repeats.add([2, 3], PlainIds([loan_id.encode(), b"A"]))
    repeats.add([4, 5, 6], ["A-1", f" {loan_id}", "A-1"])
    assert repeats.pairs().tolist() == [[2, 5], [4, 6], [5, 2], [6, 4]]


def test_ids_that_begin_alike_are_told_apart():
    assert pairs([(line, f"LP{line:08}") for line in range(2, 2_000)]) == []
