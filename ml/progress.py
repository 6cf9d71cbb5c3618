"""Progress of a long task on standard error: a moving line on a terminal, a plain line a phase otherwise."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO


class ProgressLine:
    """A context manager that is called with phase, steps done and steps in all (``None``: nobody knows)."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._moving = self._stream.isatty()
        self._phase = ""
        self._started = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._moving and self._phase:
            self._stream.write("\n")

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        if phase != self._phase:
            self._begin(phase, total)
        if self._moving:
            self._stream.write(f"\r{phase}: {self._words(done, total)} \x1b[K")
            self._stream.flush()

    def _words(self, done: int, total: int | None) -> str:
        if total is None:
            return f"{done}"
        left = (time.monotonic() - self._started) / max(done, 1) * (total - done)
        return f"{done} of {total}, {left:.0f} s left"

    def _begin(self, phase: str, total: int | None) -> None:
        if self._moving and self._phase:
            self._stream.write("\n")
        self._phase, self._started = phase, time.monotonic()
        if not self._moving:
            self._stream.write(f"{phase}\n" if total is None else f"{phase} ({total} steps)\n")
