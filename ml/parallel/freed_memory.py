"""Memory that a process has freed, and uses again."""

import contextlib
import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of parameters in malloc.h
_MOST_KEPT = 256 << 20  # bytes
_LARGEST_KEPT = 32 << 20


def keep_freed_memory() -> None:
    """Let this process, and those forked from it, keep freed memory instead of returning it at once.

    Each block of a table needs the same few megabytes as the block before. By default the C library returns
    them after each block, and the kernel clears every page of them again. Only glibc has this choice.
    """
    with contextlib.suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_TRIM_THRESHOLD, _MOST_KEPT)
        library.mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
