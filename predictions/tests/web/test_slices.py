"""Bit slices compare whole blocks as if each row was compared."""

import random

import pytest

from predictions.reading.blocks.codes import CODED
from predictions.reading.blocks.slices import first_of, join, pack, places, within

WIDTH, SIZE = 6, 32
ROWS = (1 << 3 * SIZE) - 1


@pytest.fixture(params=["drawn", "alike", "few bits"])
def codes(request):
    """The codes of three blocks."""
    draw = random.Random(request.param)
    kinds = {"drawn": range(1 << WIDTH), "alike": [5], "few bits": [0, 63]}
    return [draw.choice(kinds[request.param]) for _ in range(3 * SIZE)]


@pytest.fixture
def slices(codes):
    return join([pack(codes[start : start + SIZE], WIDTH) for start in range(0, 3 * SIZE, SIZE)], WIDTH, SIZE)


@pytest.mark.parametrize(("low", "high"), [(0, 63), (5, 5), (0, 4), (17, 40), (63, 63), (1, 62)])
def test_rows_within_a_range_are_those_whose_codes_are(codes, slices, low, high):
    expected = [place for place, code in enumerate(codes) if low <= code <= high]
    assert list(places(within(slices, low, high, ROWS))) == expected


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("count", [1, 7, 95, 96, 200])
def test_the_first_rows_are_those_with_the_first_codes_and_all_their_equals(codes, slices, count, descending):
    last = sorted(codes, reverse=descending)[:count][-1]
    expected = [n for n, code in enumerate(codes) if (code >= last if descending else code <= last)]
    assert list(places(first_of(slices, ROWS, count, descending=descending))) == expected


def test_a_slice_in_which_all_codes_agree_takes_one_byte():
    assert len(pack([5] * SIZE, WIDTH)) == WIDTH


def test_the_codes_of_amounts_have_the_order_of_the_amounts():
    amounts = sorted([None, 0.0, 0.5, 1, 1.01, 9.99, 10, 127, 128, 129, 4_521.5, 1e15], key=lambda n: n or 0)
    codes = [CODED["amount"].code_of(amount) for amount in amounts]
    assert codes == sorted(codes)


@pytest.mark.parametrize("probability", [0.0, 0.5, 0.999999, 1.0])
def test_every_probability_has_a_code_that_fits_its_bits(probability):
    coded = CODED["probability"]
    assert 0 <= coded.code_of(probability) <= coded.highest
