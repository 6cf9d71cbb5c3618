"""Progress of a long task on standard error: a moving line on a terminal, else one line per phase."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO


class ProgressLine:
    """A context manager to be called with a phase, the steps done and all steps (``None`` if unknown)."""

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
            self._start_phase(phase, total)
        if self._moving:
            self._stream.write(f"\r{phase}: {self._count(done, total)} \x1b[K")
            self._stream.flush()

    def _count(self, done: int, total: int | None) -> str:
        if total is None:
            return f"{done}"
        seconds_left = (time.monotonic() - self._started) / max(done, 1) * (total - done)
        return f"{done} of {total}, {seconds_left:.0f} s left"

    def _start_phase(self, phase: str, total: int | None) -> None:
        if self._moving and self._phase:
            self._stream.write("\n")
        self._phase, self._started = phase, time.monotonic()
        if not self._moving:
            self._stream.write(f"{phase}\n" if total is None else f"{phase} ({total} steps)\n")
