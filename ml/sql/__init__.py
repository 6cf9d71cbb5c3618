"""SQL dialects of exports, readable without importing sqlglot, which costs a web worker 15 MB."""

from dataclasses import dataclass

from ml.errors import ExportError


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a database differs from the others.

    Attributes
    ----------
    name : str
        The name that sqlglot gives the dialect.
    has_nan : bool
        Doubles may be NaN, which is a missing value, as NULL is.
    text_cells : bool
        A numeric column may hold text, as after a CSV import; a text without a digit is a missing value.
    loose_text : bool
        ``'urban'`` equals ``'Urban'`` unless bytes are compared.
    loose_decimals : bool
        About one decimal literal in ten thousand is read as the neighbouring double.
    row_limit : int or None
        A LIMIT that no table reaches. In a subquery it keeps the planner from copying an expression to each
        place that reads it. 0 stands for an OFFSET without a LIMIT, ``None`` for neither.
    """

    name: str
    has_nan: bool = False
    text_cells: bool = False
    loose_text: bool = False
    loose_decimals: bool = False
    row_limit: int | None = None


DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect("postgres", has_nan=True, row_limit=0),
        Dialect("sqlite", text_cells=True, loose_decimals=True, row_limit=-1),
        Dialect("duckdb", has_nan=True),
        Dialect("mysql", loose_text=True, row_limit=2**63 - 1),
        Dialect("spark", has_nan=True),
    )
}


def dialect_of(name: str) -> Dialect:
    """Return the dialect called `name`.

    Raises
    ------
    ExportError
        If there is no such dialect; the message lists the known ones.
    """
    if name not in DIALECTS:
        raise ExportError(f"There is no SQL dialect {name!r}; known: {', '.join(DIALECTS)}.")
    return DIALECTS[name]
