"""The line of large calls: they wait beside the sockets, and few at a time take a thread of the pool.

Two of them at once in a process gain nothing: its threads share one interpreter lock. Those that wait cost no
thread and no memory here, since their bodies wait in the kernel.
"""

import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]

from predictions.services.writing.locks import LARGE_BODY

PEEKED = 4_096  # bytes: a longer head joins no line
AT_ONCE = 2  # one runs, the other reads its body meanwhile
LONGEST_WAIT = 0.5  # seconds; then one more goes to a thread, which refuses it if two are there
_SCORES = re.compile(rb"POST (?:/api/v1/\S*predictions/|/predict)[ ?]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)


def is_large(data: bytes) -> bool:
    """Return whether these first bytes of a request are of a large call that scores."""
    length = _LENGTH.search(data, 0, data.find(b"\r\n\r\n") + 2) if _SCORES.match(data) else None
    return length is not None and int(length[1]) >= LARGE_BODY


class Line:
    """Large calls in the order in which they came. Only the main thread may use it.

    `start` gives a connection to a thread.
    """

    def __init__(self, start: Callable[[TConn], Any]) -> None:
        self._start, self._started = start, 0
        self._waiting: deque[tuple[float, TConn]] = deque()

    def join(self, conn: TConn) -> None:
        """Let a connection wait for its turn."""
        self._waiting.append((time.monotonic(), conn))
        self.move()

    def leave(self) -> None:
        """Take note of the end of one that was started."""
        self._started -= 1
        self.move()

    def move(self) -> None:
        """Start those whose turn it is, and one that has waited for too long: senders may be slow."""
        while self._waiting and self._started < AT_ONCE + self._has_waited_too_long():
            _, conn = self._waiting.popleft()
            self._started += 1
            self._start(conn)

    def _has_waited_too_long(self) -> bool:
        return time.monotonic() - self._waiting[0][0] > LONGEST_WAIT
