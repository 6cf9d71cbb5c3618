"""The options of a run that its parts read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """The load, its duration, and the number of predictions stored before the run."""

    seconds: float  # per contender and round
    connections: int
    stored: int  # predictions that a site holds before
