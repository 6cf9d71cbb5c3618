"""A SELECT in stages: each stage computes columns from those of the stage before."""

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from ml.sql import Dialect
from ml.sql.words import quoted_column

Stage = Mapping[str, exp.Expr]
"""Expressions by the name of the column that they give. They may read each column of an earlier stage."""

PREFIX = "loansite_"


def staged_select(
    table: exp.Table, stages: Mapping[str, Stage], results: Sequence[exp.Expr], dialect: Dialect
) -> exp.Select:
    """Return a SELECT of `results` from the last stage; the first stage reads `table`.

    A stage gives what later stages read: columns of its own, and those that it hands on. Other columns are
    left out, and so are empty stages. A column names its table, since SQLite reads an unknown quoted name as
    a text.
    """
    source: exp.Expr = exp.alias_(table, PREFIX + "applications", table=True)
    named = []
    for name, values in _needed(stages, results):
        columns = [exp.alias_(value, alias, quoted=True, copy=False) for alias, value in values.items()]
        named.append((PREFIX + name, _fenced(_select_from(source, columns), dialect)))
        source = exp.to_table(PREFIX + name)
    query = _select_from(source, results)
    for alias, stage in named:
        query = query.with_(alias, stage, copy=False)
    return query


def _needed(stages: Mapping[str, Stage], results: Iterable[exp.Expr]) -> list[tuple[str, Stage]]:
    """Return the stages with the columns that are read, from the last stage to the first and back."""
    kept: list[tuple[str, Stage]] = []
    needed = _read(results)
    for name, stage in reversed([*stages.items()]):
        own = {alias: value for alias, value in stage.items() if alias in needed}
        if not own:
            continue
        handed_on = {alias: quoted_column(alias) for alias in needed if alias not in own}
        kept.append((name, {**handed_on, **own}))
        needed = {**dict.fromkeys(handed_on), **_read(own.values())}
    first, values = kept.pop()
    own_of_first = {alias: value for alias, value in values.items() if alias in stages[first]}
    return [(first, own_of_first), *reversed(kept)]


def _read(values: Iterable[exp.Expr]) -> dict[str, None]:
    return {column.name: None for value in values for column in value.find_all(exp.Column)}


def _select_from(source: exp.Expr, values: Sequence[exp.Expr]) -> exp.Select:
    select = exp.select(*values, copy=False).from_(source)
    for column in select.find_all(exp.Column):
        column.set("table", exp.to_identifier(source.alias_or_name))
    return select


def _fenced(stage: exp.Select, dialect: Dialect) -> exp.Select:
    """Keep the planner from merging a stage into the next one (see `Dialect.row_limit`)."""
    if dialect.row_limit is None:
        return stage
    if dialect.row_limit:
        stage = stage.limit(dialect.row_limit, copy=False)
    return stage.offset(0, copy=False)
