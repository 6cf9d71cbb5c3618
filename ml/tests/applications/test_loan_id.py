"""What a Loan_ID may be."""

import sys
import unicodedata

import pytest

from ml.applications.values import JSON_INPUT, TEXT_INPUT
from ml.errors import InvalidValue

UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def accepts(value):
    try:
        return JSON_INPUT.loan_id(value) == value
    except InvalidValue:
        return False


@pytest.mark.parametrize("value", ["LP001015", "a", "x" * 64, "a b", "é" * 64, "😀", "مرحبا", "=1+1", "<b>"])
def test_printable_text_of_up_to_64_characters_is_a_loan_id(value):
    assert JSON_INPUT.loan_id(value) == TEXT_INPUT.loan_id(value) == value


@pytest.mark.parametrize(
    "value",
    ["x" * 65, "a\nb", "a\tb", "a\x00b", "\u202eabc", "a\ud800", "a\u200bb", "a\xa0b", "\U000e0041", "a\x7f"],
    ids=ascii,
)
def test_other_text_is_refused_at_both_doors(value):
    for door in (JSON_INPUT, TEXT_INPUT):
        with pytest.raises(InvalidValue, match="is not a Loan_ID") as refusal:
            door.loan_id(value)
        assert refusal.value.code == "invalid"


@pytest.mark.parametrize("value", [" a", "a ", "a\n", "\ta", 1, True, ["a"]], ids=ascii)
def test_the_typed_door_takes_a_loan_id_as_it_is(value):
    assert not accepts(value)


def test_spaces_around_a_loan_id_do_not_count_in_text():
    assert TEXT_INPUT.loan_id(" LP1 ") == "LP1"


@pytest.mark.parametrize("value", [None, ""])
def test_no_loan_id_is_no_loan_id(value):
    assert JSON_INPUT.loan_id(value) is None
    assert TEXT_INPUT.loan_id(value) is None


def test_no_character_that_cannot_be_seen_is_accepted():
    unseen = [
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in UNPRINTABLE
    ]
    assert not [ascii(character) for character in unseen if accepts(character)]
