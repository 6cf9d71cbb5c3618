"""Progress lines on a terminal and elsewhere."""

import io

import pytest

from ml.progress import ProgressLine


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def written(stream):
    with ProgressLine(stream) as progress:
        progress("searching", 1, 2)
        progress("searching", 2, 2)
        progress("fitting", 1, 1)
    return stream.getvalue()


def test_elsewhere_than_on_a_terminal_each_phase_is_one_line():
    assert written(io.StringIO()) == "searching (2 steps)\nfitting (1 steps)\n"


def test_on_a_terminal_one_line_a_phase_moves():
    searching, fitting, rest = written(Terminal()).split("\n")
    assert searching.count("\r") == 2
    assert "\rsearching: 2 of 2, 0 s left" in searching
    assert fitting.startswith("\rfitting: 1 of 1")
    assert rest == ""


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_without_any_step_nothing_is_written(stream):
    opened = stream()
    with ProgressLine(opened):
        pass
    assert opened.getvalue() == ""


def test_a_phase_may_begin_with_no_step_done():
    stream = Terminal()
    ProgressLine(stream)("scoring", 0, 10)
    assert "scoring: 0 of 10" in stream.getvalue()
