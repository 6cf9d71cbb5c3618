"""The options of a run that its parts read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """How much load, for how long, and on how full a site."""

    seconds: float  # per contender and round
    connections: int
    stored: int  # predictions that a site holds before
