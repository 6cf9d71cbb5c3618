"""A points table as one SELECT in stages; each stage adds columns to the stage before."""

from collections.abc import Callable, Sequence
from functools import reduce

from sqlglot import exp

from ml.schemas.schema import LOAN_ID
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import ScorecardColumn
from ml.sql import Dialect
from ml.sql.columns import instalment, ratios, table_columns
from ml.sql.words import cast_to_double, divide, double_literal, edge_literal, quoted_column

N_REASONS = 4
_PREFIX = "loansite_"
# Beyond these log-odds exp() overflows; the probability is 0 or 1 to the last significant bit.
_MAX_LOG_ODDS = 700.0


def scorecard_select(
    scorecard: Scorecard, table: exp.Table, dialect: Dialect, threshold: float
) -> exp.Select:
    """Return the SELECT of Loan_ID, probability, outcome, log-odds and the most adverse reasons.

    Raises
    ------
    ExportError
        If SQL cannot express a number of the points table.
    """
    names = {entry.column for entry in scorecard.columns}
    stages = {
        "numbers": [quoted_column(LOAN_ID), *table_columns(names, dialect)],
        "instalments": instalment(names),
        "ratios": ratios(names),
        "bins": [_named(_bin(entry, dialect), entry, "bin") for entry in scorecard.columns],
        "points": [value for entry in scorecard.columns for value in (_points(entry), _reason(entry))],
        "ranks": [
            exp.alias_(_log_odds(scorecard), "log_odds", quoted=True),
            *(_rank(scorecard.columns, place) for place in range(len(scorecard.columns))),
        ],
        "scores": [exp.alias_(_probability(), "approval_probability", quoted=True)],
    }
    applications = exp.alias_(table, _PREFIX + "applications", table=True)
    return _chain(stages, applications, dialect, _results(scorecard, threshold))


def _chain(
    stages: dict[str, list[exp.Expr]], table: exp.Expr, dialect: Dialect, results: list[exp.Expr]
) -> exp.Select:
    """Return a SELECT from the last stage. Each stage reads the stage before; empty stages are left out."""
    source, named_stages = table, []
    for name, values in stages.items():
        if not values:
            continue
        stage = _select_from(source, [*([] if source is table else [exp.Star()]), *values])
        named_stages.append((_PREFIX + name, _fenced(stage, dialect)))
        source = exp.to_table(_PREFIX + name)
    query = _select_from(source, results)
    for name, stage in named_stages:
        query = query.with_(name, stage, copy=False)
    return query


def _select_from(source: exp.Expr, values: list[exp.Expr]) -> exp.Select:
    """Return a SELECT whose columns name their table, since SQLite reads an unknown quoted name as a text."""
    select = exp.select(*values).from_(source)
    for column in select.find_all(exp.Column):
        column.set("table", exp.to_identifier(source.alias_or_name))
    return select


def _fenced(stage: exp.Select, dialect: Dialect) -> exp.Select:
    """Keep the planner from merging a stage into the next one (see `Dialect.row_limit`)."""
    if dialect.row_limit is None:
        return stage
    return (stage.limit(dialect.row_limit) if dialect.row_limit else stage).offset(0)


def _named(value: exp.Expr, entry: ScorecardColumn, suffix: str) -> exp.Expr:
    return exp.alias_(value, f"{entry.column}_{suffix}", quoted=True)


def _read(entry: ScorecardColumn, suffix: str) -> exp.Column:
    return quoted_column(f"{entry.column}_{suffix}")


def _bin(entry: ScorecardColumn, dialect: Dialect) -> exp.Expr:
    value = quoted_column(entry.column)
    case = exp.case().when(value.is_(exp.null()), _integer(len(entry.bins) - 1))
    for number, place in entry.own_bins.items():
        case = case.when(value.eq(double_literal(number)), _integer(place))
    if entry.edges is None:
        return case.else_(_integer(len(entry.bins) - 1))
    for place, edge in enumerate(entry.edges):
        case = case.when(value < edge_literal(edge, dialect), _integer(place))
    return case.else_(_integer(len(entry.edges)))


def _points(entry: ScorecardColumn) -> exp.Expr:
    return _named(
        cast_to_double(_by_bin(entry, lambda place: double_literal(entry.bins[place].points))),
        entry,
        "points",
    )


def _reason(entry: ScorecardColumn) -> exp.Expr:
    """Return the text of an adverse reason, NULL for other bins."""
    adverse = [place for place, row in enumerate(entry.bins) if row.points < 0]
    text = _by_bin(entry, lambda place: exp.Literal.string(entry.reasons[place]["text"]), adverse)
    return _named(text, entry, "reason")


def _by_bin(
    entry: ScorecardColumn, value: Callable[[int], exp.Expr], places: Sequence[int] | None = None
) -> exp.Expr:
    case = exp.case(_read(entry, "bin"))
    for place in range(len(entry.bins)) if places is None else places:
        case = case.when(_integer(place), value(place))
    return case if case.args["ifs"] else exp.null()


def _rank(entries: Sequence[ScorecardColumn], place: int) -> exp.Expr:
    """Return the column's rank by points, from 1; columns with equal points keep their order."""
    own = _read(entries[place], "points")
    before = [_read(entry, "points") <= own for entry in entries[:place]]
    after = [_read(entry, "points") < own for entry in entries[place + 1 :]]
    ahead = [exp.case().when(test, _integer(1)).else_(_integer(0)) for test in before + after]
    return _named(_sum([_integer(1), *ahead]), entries[place], "rank")


def _log_odds(scorecard: Scorecard) -> exp.Expr:
    return _sum(
        [
            cast_to_double(double_literal(scorecard.base)),
            *(_read(entry, "points") for entry in scorecard.columns),
        ]
    )


def _sum(values: Sequence[exp.Expr]) -> exp.Expr:
    return reduce(lambda left, right: exp.Add(this=left, expression=right), values)


def _probability() -> exp.Expr:
    log_odds, one = quoted_column("log_odds"), cast_to_double(double_literal(1.0))
    case = exp.case().when(log_odds > double_literal(_MAX_LOG_ODDS), one)
    case = case.when(log_odds < double_literal(-_MAX_LOG_ODDS), cast_to_double(double_literal(0.0)))
    return case.else_(divide(one.copy(), one + exp.Exp(this=exp.Neg(this=log_odds))))


def _results(scorecard: Scorecard, threshold: float) -> list[exp.Expr]:
    probability = quoted_column("approval_probability")
    outcome = exp.case().when(probability >= double_literal(threshold), exp.Literal.string("approved"))
    reasons = [_ranked(scorecard.columns, place) for place in range(1, N_REASONS + 1)]
    return [
        quoted_column(LOAN_ID),
        probability,
        exp.alias_(outcome.else_(exp.Literal.string("denied")), "outcome", quoted=True),
        quoted_column("log_odds"),
        *(exp.alias_(value, f"reason_{place}", quoted=True) for place, value in enumerate(reasons, 1)),
    ]


def _ranked(entries: Sequence[ScorecardColumn], place: int) -> exp.Expr:
    case = exp.case()
    for entry in entries:
        case = case.when(_read(entry, "rank").eq(_integer(place)), _read(entry, "reason"))
    return case if entries else exp.null()


def _integer(value: int) -> exp.Expr:
    return exp.Literal.number(value)
