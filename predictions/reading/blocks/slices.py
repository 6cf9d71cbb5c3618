"""Bit slices: the codes of many rows, bit by bit, so that whole blocks are compared at once.

Slice number n has the n-th bit of each row's code; the most significant slice is the first. A set of rows is
an integer with one bit for each row, and the row in the lowest bit is the first.
"""

from collections.abc import Iterator, Sequence

_ZEROS, _ONES, _VARIED = b"012"


def pack(codes: Sequence[int], width: int) -> bytes:
    """Return the slices of `width` bits of each code: a byte for each slice, then those that vary."""
    texts = {code: f"{code:0{width}b}" for code in {*codes}}
    digits = "".join(map(texts.__getitem__, reversed(codes)))
    kinds, varied = bytearray(), []
    for number in range(width):
        column = digits[number::width]
        kind = _VARIED if "1" in column and "0" in column else (_ONES if "1" in column else _ZEROS)
        kinds.append(kind)
        if kind == _VARIED:
            varied.append(int(column, 2).to_bytes(_length(len(codes)), "little"))
    return bytes(kinds) + b"".join(varied)


def join(packed: Sequence[bytes], width: int, size: int) -> list[int]:
    """Return the slices of several packed blocks, one after the other.

    Parameters
    ----------
    size
        Rows that each block takes, a multiple of 8. Rows that a block does not have are zeros.
    """
    length = size // 8
    filled = {_ZEROS: bytes(length), _ONES: b"\xff" * length}
    blocks = [_slices(block, width) for block in packed]
    slices = []
    for number in range(width):
        kinds = {block[number] for block in packed}
        parts = [next(block) for block in blocks]
        if kinds == {_ZEROS}:
            slices.append(0)
        else:
            every = [filled[part] if isinstance(part, int) else part.ljust(length, b"\0") for part in parts]
            slices.append(int.from_bytes(b"".join(every), "little"))
    return slices


def _slices(packed: bytes, width: int) -> Iterator[int | bytes]:
    """Yield each slice of a block; only its kind if it does not vary."""
    kinds = packed[:width]
    place, length = width, (len(packed) - width) // max(1, kinds.count(_VARIED))
    for kind in kinds:
        if kind == _VARIED:
            yield packed[place : place + length]
            place += length
        else:
            yield kind


def within(slices: Sequence[int], low: int, high: int, rows: int) -> int:
    """Return those of the `rows` whose code is from `low` to `high`."""
    at_most = _at_most(slices, high, rows)
    return at_most if low <= 0 else at_most & ~_at_most(slices, low - 1, rows)


def _at_most(slices: Sequence[int], highest: int, rows: int) -> int:
    """Return those of the `rows` whose code is `highest` or below."""
    equal, below = rows, 0
    for number, ones in enumerate(slices):
        if highest >> (len(slices) - 1 - number) & 1:
            below |= equal & ~ones
            equal &= ones
        else:
            equal &= ~ones
    return below | equal


def first_of(slices: Sequence[int], rows: int, count: int, *, descending: bool) -> int:
    """Return those of the `rows` with the first codes in their order: `count` at least, if there are as many.

    Of equal codes it returns all or none.
    """
    chosen, rest = 0, rows
    for ones in slices:
        better = rest & ones if descending else rest & ~ones
        if (chosen | better).bit_count() >= count:
            rest = better
        else:
            chosen, rest = chosen | better, rest & ~better
    return chosen | rest


def places(rows: int) -> Iterator[int]:
    """Yield the place of each of the rows."""
    digits = f"{rows:b}"[::-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


def _length(rows: int) -> int:
    return (rows + 7) // 8
