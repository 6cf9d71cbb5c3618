"""Bytes of results that a forked process shares with its parent."""

from pickle import PickleBuffer

import numpy as np
import pytest

from ml.parallel.processes import map_in_order
from ml.parallel.shared_bytes import SharedBytes

MIB = 1 << 20


def text_of(number):
    return number, PickleBuffer(b"%d," % number * 1000), PickleBuffer(b"end")


def array_of(number):
    return np.full(10, number)


@pytest.mark.parametrize("processes", [1, 2])
def test_marked_bytes_come_as_they_were(processes):
    for number, text, end in map_in_order(text_of, range(50), processes):
        assert (bytes(text), bytes(end)) == (b"%d," % number * 1000, b"end")


@pytest.mark.parametrize("size", [0, 3 * MIB, 5 * MIB], ids=["none", "not both", "too many"])
def test_bytes_without_room_come_all_the_same(size):
    shared, content = SharedBytes(), bytes(size)
    first, second = shared.unpack(shared.pack([PickleBuffer(content), PickleBuffer(content)]))
    assert bytes(first) == bytes(second) == content


def test_arrays_are_never_overwritten():
    arrays = list(map_in_order(array_of, range(50), 2))
    assert [int(array[0]) for array in arrays] == [*range(50)]
