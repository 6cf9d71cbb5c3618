"""The floors and goals of speed, and the printed figure that each is compared with.

A figure is read from the table of the part that measures it, so that both tables always agree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import table
from benchmarks.peers import FASTAPI

Tables = Mapping[str, table.Cells]  # by the name of the part that printed them
Measure = Callable[[Tables], float]  # fails with LookupError or ValueError if it was not printed
_HEADER = ["floors and goals", "before", "measured", "floor", "floor is", "goal", "goal is"]


@dataclass(frozen=True, slots=True)
class Floor:
    """A row of the table. A goal below its floor makes both upper limits."""

    name: str
    before: str  # before the work that the floors are set for
    floor: float
    goal: float
    measure: Measure

    def reaches(self, figure: float, limit: float) -> bool:
        """Return whether a measured figure is as good as a limit."""
        return figure <= limit if self.goal < self.floor else figure >= limit


def _cell(part: str, row: str, column: str) -> Measure:
    """Return the figure in a cell. `row` is the beginning of the row's name."""

    def measure(tables: Tables) -> float:
        for name, cells in tables[part].items():
            if name.startswith(row) and column in cells:
                return table.figure(cells[column])
        raise KeyError(row, column)

    return measure


def _divided(numerator: Measure, denominator: Measure) -> Measure:
    return lambda tables: numerator(tables) / denominator(tables)


def _highest(part: str, column: str) -> Measure:
    """Return the highest figure in a column of all rows."""

    def measure(tables: Tables) -> float:
        figures = [table.figure(cells[column]) for cells in tables[part].values() if column in cells]
        if not figures:
            raise KeyError(column)
        return max(figures)

    return measure


def _memory(call: str) -> Measure:
    ours, theirs = (_cell("http", f"{name}, {call}", "worker MiB") for name in ("ours", FASTAPI))
    return _divided(ours, theirs)


_ONE, _ARRAY, _POSTGRES = "ours, one row", "ours, 1,000 rows", "ours on PostgreSQL, one row"
_SCORE = "manage.py score"
_BESIDE_POLARS = _divided(_cell("bulk", _SCORE, "rows/s"), _cell("bulk", "polars", "rows/s"))
_BATCHES = {name: _cell("batches", f"{name}, 1 worker", "rows/s") for name in ("SQLite", "PostgreSQL")}
FLOORS = [
    Floor("one row: x the article's server", "9.5", 18, 35, _cell("http", _ONE, "ratio")),
    Floor("one row: x the best hand-made", "0.08", 0.2, 0.65, _cell("http", _ONE, "x hand-made")),
    Floor("one row on PostgreSQL: x the article's", "4.9", 8, 15, _cell("http", _POSTGRES, "ratio")),
    Floor("array of 1,000: x the article's", "0.7-1.1", 1.8, 4, _cell("http", _ARRAY, "ratio")),
    Floor("p99 / p50, one row", "4.2", 5, 3, _cell("http", _ONE, "p99/p50")),
    Floor("p99 / p50, array of 1,000", "6.2", 5, 3, _cell("http", _ARRAY, "p99/p50")),
    Floor("CSV of 10^6 rows: x pandas + pipeline", "1.84", 4, 8, _cell("bulk", _SCORE, "ratio")),
    Floor("CSV of 10^6 rows: x polars + compiled", "0.41", 0.8, 1.2, _BESIDE_POLARS),
    Floor("batch, SQLite: rows/s of one worker", "83,000", 83_000, 150_000, _BATCHES["SQLite"]),
    Floor("batch, PostgreSQL: rows/s of one worker", "23,000", 23_000, 60_000, _BATCHES["PostgreSQL"]),
    Floor("slowest list, sort or filter: 10^6 / 10^4", "8.6-16", 2, 1.3, _highest("history", "ratio")),
    Floor("history file of 10^6 rows, s", "129", 20, 8, _cell("history", "history file", "seconds")),
    Floor("worker memory / FastAPI + pandas's", "0.35", 0.4, 0.25, _memory("one row")),
    Floor("the same under arrays", "0.6", 0.6, 0.4, _memory("1,000 rows")),
    Floor("bytes stored a prediction", "306-319", 320, 200, _cell("http", "ours", "bytes a prediction")),
    Floor("train, whole command, s", "7.1", 5, 3, _cell("train", "train", "seconds")),
]
PARTS = ["train", "http", "history", "batches", "bulk"]  # that print the figures


def lines(printed: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the table for the printed lines of each part."""
    tables = {part: table.cells(text) for part, text in printed.items()}
    return table.lines("Floors and goals", _HEADER, [_compared(floor, tables) for floor in FLOORS])


def _compared(floor: Floor, tables: Tables) -> list[str]:
    limits = (floor.floor, floor.goal)
    try:
        measured = floor.measure(tables)
    except (LookupError, ValueError):
        value, verdicts = "not measured", ["-", "-"]
    else:
        value = _text(measured)
        verdicts = ["held" if floor.reaches(measured, limit) else "missed" for limit in limits]
    pairs = zip(map(_text, limits), verdicts, strict=True)
    return [floor.name, floor.before, value, *(text for pair in pairs for text in pair)]


def _text(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
