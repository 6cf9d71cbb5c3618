"""Bytes of results in memory that a forked process shares with its parent, so that no pipe copies them.

A result marks such bytes by `pickle.PickleBuffer`.
"""

import itertools
import mmap
import pickle
from typing import Any

_PLACES = 3  # of results of one process: written, waiting, and read
_SIZE = 4 << 20  # bytes of a place


class SharedBytes:
    """Memory of one process, made before it is forked.

    The bytes of a result are overwritten by those of the third result after it.

    Examples
    --------
    >>> shared = SharedBytes()
    >>> message = shared.pack(("LP-1", pickle.PickleBuffer(b"text")))
    >>> name, text = shared.unpack(message)
    >>> name, bytes(text)
    ('LP-1', b'text')
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _PLACES * _SIZE)
        self._starts = itertools.cycle(range(0, _PLACES * _SIZE, _SIZE))

    def pack(self, result: object) -> bytes:
        """Put the marked bytes of a result into memory, and return the rest with what finds no room."""
        start, sizes = next(self._starts), list[int]()

        def place(buffer: pickle.PickleBuffer) -> bool:
            raw = buffer.raw()
            taken = sum(sizes)
            # An array or a table marks its memory too, and whoever gets it may keep it.
            if not isinstance(raw.obj, bytes) or taken + len(raw) > _SIZE:
                return True
            self._memory[start + taken : start + taken + len(raw)] = raw
            sizes.append(len(raw))
            return False

        rest = pickle.dumps(result, 5, buffer_callback=place)
        return pickle.dumps((start, sizes, rest))

    def unpack(self, message: bytes) -> Any:
        """Return the result; its marked bytes are views of the memory."""
        start, sizes, rest = pickle.loads(message)  # noqa: S301 # of our own process
        memory, ends = memoryview(self._memory), itertools.accumulate(sizes, initial=start)
        views = [memory[begin:end] for begin, end in itertools.pairwise(ends)]
        return pickle.loads(rest, buffers=views)  # noqa: S301 # the same
