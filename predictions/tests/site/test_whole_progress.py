"""How far a command of several stages is, as a whole."""

import io
import re

from predictions.management.commands.demo import WholeProgress

STAGES = {"training": 30, "storing": 70}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def told(stream):
    with WholeProgress(STAGES, stream) as progress:
        for stage in STAGES:
            for done in range(101):
                progress(stage, done / 100)
    return stream.getvalue()


def test_a_terminal_has_one_line_with_the_share_of_the_whole_and_the_time_left():
    said = told(Terminal())
    assert said.count("\n") == 1
    shares = [int(share) for share in re.findall(r"\r(\d+)%", said)]
    assert (shares[0], shares[-1]) == (0, 100)
    assert shares == sorted(shares)
    assert re.search(r"\r65%, \d+ s left: storing ", said)


def test_elsewhere_each_tenth_is_a_line():
    stages = {10 * tenth: "training" if tenth <= 3 else "storing" for tenth in range(1, 11)}
    expected = ["0%: training", *(f"{share}%: {stage}" for share, stage in stages.items())]
    assert told(io.StringIO()).splitlines() == expected
