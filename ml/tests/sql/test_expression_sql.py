"""A formula gives the same for arrays, for one application and in SQL, on each database that is installed."""

import itertools
import math
from contextlib import closing, contextmanager
from random import Random

import pytest
from sqlglot import exp

from ml.expressions.arrays import FALSE, MISSING, TRUE, numbers, truths
from ml.expressions.compiled import compile_values
from ml.expressions.nodes import Kind
from ml.expressions.parser import parse
from ml.sql import DIALECTS
from ml.sql.expressions import INFINITY, expression_sql, number_column, text_column
from ml.tests.helpers.databases import DATABASES
from ml.tests.helpers.formulas import COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS, random_rows, random_trees

SEED, FORMULAS, ROWS = 20, 250, 60
TRUTHS = {True: TRUE, False: FALSE, None: MISSING}


@pytest.fixture(params=DATABASES)
def database(request):
    with DATABASES[request.param]() as opened:
        yield opened


@pytest.fixture(scope="module")
def sqlite():
    with DATABASES["sqlite"]() as opened:
        yield opened


def from_arrays(trees, rows):
    """Results by tree and row; a missing one is None, a truth a bool."""
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    return [_array(tree, columns) for tree in trees]


def _array(tree, columns):
    if tree.kind is Kind.TRUTH:
        names = {code: truth for truth, code in TRUTHS.items()}
        return [names[code] for code in truths(tree, columns).tolist()]
    return [None if math.isnan(value) else value for value in numbers(tree, columns).tolist()]


def from_compiled(trees, rows):
    compiled = compile_values(trees)
    by_row = [compiled(row) for row in rows]
    return [
        [None if value is None or math.isnan(value) else value for value in values]
        for values in zip(*by_row, strict=True)
    ]


def from_sql(database, trees, rows, number=None):
    with stored(database, rows, number or database.double) as cursor:

        def execute(sql):
            cursor.execute(sql)
            return cursor.fetchall()

        return selected(execute, database.dialect, trees)


def selected(execute, dialect, trees):
    """Results by tree and row of the table `applications`."""
    batches = [trees[start : start + 25] for start in range(0, len(trees), 25)]
    return list(itertools.chain.from_iterable(_selected(execute, dialect, batch) for batch in batches))


@contextmanager
def stored(database, rows, number):
    """Store `rows` in a table `applications`, numbered from 0; give the cursor that sees it."""
    quote = "`" if database.dialect == "mysql" else '"'
    text = "TEXT CHARACTER SET utf8mb4" if database.dialect == "mysql" else "VARCHAR(200)"
    types = dict.fromkeys(NUMBER_COLUMNS, number) | dict.fromkeys(TEXT_COLUMNS, text)
    fields = ", ".join(f"{quote}{name}{quote} {kind}" for name, kind in types.items())
    marks = ", ".join([database.mark] * (len(types) + 1))
    with closing(database.connection.cursor()) as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE applications (number INTEGER, {fields})")
        values = [(number, *(row[name] for name in types)) for number, row in enumerate(rows)]
        cursor.executemany(f"INSERT INTO applications VALUES ({marks})", values)  # noqa: S608 # our own names
        yield cursor
        cursor.execute("DROP TABLE applications")


def _selected(execute, dialect, trees):
    dialect = DIALECTS[dialect]
    cells = [
        exp.alias_(number_column(name, dialect, "applications"), name, quoted=True) for name in NUMBER_COLUMNS
    ] + [exp.alias_(text_column(name, dialect, "applications"), name, quoted=True) for name in TEXT_COLUMNS]
    stage = exp.select("number", *cells).from_("applications")
    results = [_result(tree, dialect) for tree in trees]
    query = exp.select(*results, copy=False).from_("cells").order_by("number").with_("cells", stage)
    found = zip(*execute(query.sql(dialect.name, copy=False)), strict=True)
    return [[_python(value, tree) for value in values] for values, tree in zip(found, trees, strict=True)]


def _result(tree, dialect):
    written = expression_sql(tree, dialect, lambda name: exp.column(name, table="cells", quoted=True))
    if tree.kind is not Kind.TRUTH:
        return written
    yes, no = exp.Literal.number(1), exp.Literal.number(0)
    return exp.case().when(written, yes).when(exp.Not(this=exp.paren(written.copy())), no)


def _python(value, tree):
    if value is None:
        return None
    if tree.kind is Kind.TRUTH:
        return bool(value)
    return math.copysign(math.inf, value) if abs(value) == INFINITY else value


def differences(trees, first, second):
    return [
        (tree, row, one, other)
        for tree, ones, others in zip(trees, first, second, strict=True)
        for row, (one, other) in enumerate(zip(ones, others, strict=True))
        if one != other
    ]


@pytest.fixture(scope="module")
def round_of_formulas():
    random = Random(SEED)
    trees, rows = random_trees(random, FORMULAS), random_rows(random, ROWS)
    return trees, rows, from_arrays(trees, rows)


def test_random_formulas_give_the_same_for_arrays_and_for_one_application(round_of_formulas):
    trees, rows, expected = round_of_formulas
    compiled = from_compiled(trees, rows)
    assert differences(trees, expected, compiled) == []
    assert [*map(repr, expected)] == [*map(repr, compiled)]  # the sign of a zero too


@pytest.mark.slow
def test_random_formulas_give_the_same_in_sql(database, round_of_formulas):
    trees, rows, expected = round_of_formulas
    assert differences(trees, expected, from_sql(database, trees, rows)) == []


@pytest.mark.slow
def test_random_formulas_give_the_same_in_spark(round_of_formulas):
    pyspark = pytest.importorskip("pyspark.sql")
    trees, rows, expected = round_of_formulas
    session = (
        pyspark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    )
    fields = [f"`{name}` DOUBLE" for name in NUMBER_COLUMNS] + [f"`{name}` STRING" for name in TEXT_COLUMNS]
    values = [(number, *(row[name] for name in COLUMNS)) for number, row in enumerate(rows)]
    table = session.createDataFrame(values, ", ".join(["number INT", *fields]))
    table.createOrReplaceTempView("applications")
    found = selected(lambda sql: session.sql(sql).collect(), "spark", trees[:100])
    session.stop()
    assert differences(trees[:100], expected[:100], found) == []


def test_the_random_formulas_reach_every_result(round_of_formulas):
    results = set(itertools.chain.from_iterable(round_of_formulas[2]))
    assert {None, True, False, math.inf, -math.inf} <= results
    assert len(results) > 1000


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_missing(dialect, value):
    tree = parse("a is missing", COLUMNS, "truth")
    row = dict.fromkeys(COLUMNS) | {"a": value}
    with DATABASES[dialect]() as database:
        assert from_sql(database, [tree], [row]) == from_compiled([tree], [row]) == [[True]]


@pytest.mark.parametrize("cell", ["", " ", "NA", "nan", "None", "inf"])
def test_a_text_without_a_digit_is_a_missing_number_in_sqlite(sqlite, cell):
    tree = parse("a is missing", COLUMNS, "truth")
    assert from_sql(sqlite, [tree], [dict.fromkeys(COLUMNS) | {"a": cell}]) == [[True]]


def test_a_number_of_an_imported_csv_is_read_in_sqlite(sqlite):
    row = dict.fromkeys(COLUMNS) | {"a": "128.5"}
    assert from_sql(sqlite, [parse("a * 2", COLUMNS)], [row]) == [[257.0]]


@pytest.mark.parametrize("number", ["INTEGER", "DECIMAL(18, 3)"])
def test_whole_and_exact_numbers_are_computed_as_doubles(database, number):
    tree, row = parse("a / b + 1 / 3", COLUMNS), dict.fromkeys(COLUMNS) | {"a": 1, "b": 3}
    assert from_sql(database, [tree], [row], number) == [[1.0 / 3.0 + 1.0 / 3.0]]


def test_a_whole_number_in_a_column_of_texts_is_a_text(sqlite):
    row = dict.fromkeys(COLUMNS) | {"area": 1}
    assert from_sql(sqlite, [parse("area = '1'", COLUMNS, "truth")], [row]) == [[True]]


def test_a_table_that_lacks_a_column_is_an_error(database):
    tree = parse("`other-income`", COLUMNS)
    read = number_column("other-income", DIALECTS[database.dialect], "applications")
    query = exp.select(expression_sql(tree, DIALECTS[database.dialect], lambda _: read)).from_("applications")
    with closing(database.connection.cursor()) as cursor:
        cursor.execute("CREATE TEMPORARY TABLE applications (number INTEGER)")
        with pytest.raises(Exception, match="other-income"):
            cursor.execute(query.sql(database.dialect))
