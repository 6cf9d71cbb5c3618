"""Progress of a command of several stages as a whole, on standard error."""

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TextIO

_FIRST_GUESS = 0.03  # below this share the time left is not guessed


class WholeProgress:
    """A context manager that is called with a stage and the share of it that is done.

    `stages` gives each stage's part of the whole. On a terminal one line moves, with the share of the whole
    and the time left; elsewhere each tenth is a line of its own.
    """

    def __init__(self, stages: Mapping[str, int], stream: TextIO | None = None) -> None:
        self._stages, self._stream = stages, stream or sys.stderr
        self._moving = self._stream.isatty()
        self._started, self._begun, self._tenth = time.monotonic(), False, -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._moving and self._begun:
            self._stream.write("\n")

    def __call__(self, stage: str, share: float) -> None:
        whole, self._begun = self._whole(stage, share), True
        if self._moving:
            self._stream.write(f"\r{100 * whole:.0f} %{self._left(whole)}: {stage} \x1b[K")
            self._stream.flush()
        elif (tenth := int(10 * whole + 1e-9)) > self._tenth:
            self._tenth = tenth
            self._stream.write(f"{10 * tenth} %: {stage}\n")
            self._stream.flush()

    def _whole(self, stage: str, share: float) -> float:
        names = list(self._stages)
        before = sum(self._stages[name] for name in names[: names.index(stage)])
        return (before + min(share, 1) * self._stages[stage]) / sum(self._stages.values())

    def _left(self, whole: float) -> str:
        if whole < _FIRST_GUESS:
            return ""
        seconds = (time.monotonic() - self._started) / whole * (1 - whole)
        return f", {seconds:.0f} s left"
