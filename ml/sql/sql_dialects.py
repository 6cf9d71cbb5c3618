"""What differs between databases. No SQL builder here: the web worker reads the names."""

from dataclasses import dataclass

from ml.errors import ExportError


@dataclass(frozen=True, slots=True)
class Dialect:
    """One database language.

    Attributes
    ----------
    has_nan : bool
        Its doubles may be NaN, which stands for a gap as NULL does.
    text_cells : bool
        A numeric column may hold text (a CSV import does that); without a digit it is a gap too.
    loose_text : bool
        ``'urban'`` equals ``'Urban'`` unless bytes are compared.
    loose_decimals : bool
        It reads about one decimal literal in ten thousand as the neighbouring double.
    most_rows : int or None
        A limit no table reaches. Written into a subquery, it keeps the planner from copying an expression to
        every place that reads it. ``None``: not needed.
    """

    name: str
    has_nan: bool = False
    text_cells: bool = False
    loose_text: bool = False
    loose_decimals: bool = False
    most_rows: int | None = None


DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect("postgres", has_nan=True, most_rows=0),
        Dialect("sqlite", text_cells=True, loose_decimals=True, most_rows=-1),
        Dialect("duckdb", has_nan=True),
        Dialect("mysql", loose_text=True, most_rows=2**63 - 1),
        Dialect("spark", has_nan=True),
    )
}


def dialect_of(name: str) -> Dialect:
    """Return the dialect of that name; raises ExportError with those there are."""
    if name not in DIALECTS:
        raise ExportError(f"There is no SQL dialect {name!r}; known: {', '.join(DIALECTS)}.")
    return DIALECTS[name]
