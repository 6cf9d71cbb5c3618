"""Exported SQL gives what Python gives for any schema and policy, on each database that is installed."""

import functools
import random

import pytest

from ml.applications.plausibility import RemarkFinder
from ml.schemas.toml import read_schema
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
from ml.sql.export import to_sql
from ml.tests.helpers.databases import DATABASES, spark
from ml.tests.helpers.exports import check_equal_results

pytestmark = pytest.mark.slow

AWKWARD = r"""
name = "awkward"
title = "Awkward names and texts"

[id]
column = "the \"id\""

[target]
column = "paid"
good = ["yes"]
bad = ["no"]
means = "repaid"

[[column]]
name = "order"
kind = "number"
minimum = 0
usual = [10, 500]
special = { "-9" = "no record", "-8.5" = "unknown" }

[[column]]
name = "it's \"net\" income"
kind = "number"
minimum = 0
usual = [0.1, 9_000]

[[column]]
name = "Größe in m²"
kind = "number"
maximum = 1_000

[[column]]
name = "select"
kind = "category"
choices = ["it's", "It's", "its", "its ", " its", "größe", "GRÖSSE", 'a \ b', '"q"', "-- /*", "%s", "\\n"]

[[column]]
name = "from"
kind = "category"
choices = ["0", "1", "2", "3+"]
numbers = { "0" = "0", "1" = "1", "2" = "2", "3" = "3+" }

[[column]]
name = "group by"
kind = "number"
choices = [[1, "one"], [2, "two"], [4, "four"]]
direction = "none"

[[column]]
name = "age"
kind = "number"
usual = [18, 90]
protected = true

[[model_column]]
name = "order"
value = "`order`"

[[model_column]]
name = "ratio"
value = "`it's \"net\" income` / `order` - min(`Größe in m²`, 7.3)"
worst_if = "`order` <= 0 or `select` == 'its '"
direction = "up"

[[model_column]]
name = "words"
value = "`select`"

[[model_column]]
name = "from"
value = "`from`"

[[model_column]]
name = "coded"
value = "`group by`"
direction = "none"

[[remark]]
when = "`select` == 'größe' or `from` is missing and `Größe in m²` > 50"
code = "large"
column = "select"
text = "Is {`Größe in m²` * 2} right?"

[[remark]]
when = "`order` > 400"
code = "large"
text = "Silent."
refers = false

[[remark]]
when = "not (`group by` == 2) and `select` != 'its'"
code = "unusual_value"
column = "group by"
text = "Counted with those of numbers."
"""

CHOICES_ALONE = """
name = "choices-alone"
title = "Choices alone"
[id]
made = true
[target]
column = "y"
good = ["1"]
bad = ["0"]
means = "repaid"
[[column]]
name = "a"
kind = "category"
choices = ["x", "y", "z"]
[[column]]
name = "b"
kind = "yes_no"
"""

RULES = [
    DecisionRule(0.5),
    DecisionRule(0.45, 0.3, 0.6),
    DecisionRule(0.55, 0.5, 0.7, refer_gaps=False),
    DecisionRule(0.35, remarks="ignore"),
]


@pytest.fixture(params=DATABASES)
def database(request):
    with DATABASES[request.param]() as opened:
        yield opened


def bins(chance, count):
    points = [-0.75, -0.5, 0.0, 0.25, 0.5]
    return [Bin(f"it's \\ bin {place}", chance.choice(points), 0, 0) for place in range(count)]


@functools.cache
def awkward():
    """A scorecard of special codes, unseen choices, groups and ties, with its finder of remarks."""
    schema, chance = read_schema(AWKWARD), random.Random(5)
    made = {
        "order": {"edges": [25.5, 60.0, 300.0], "special": [-9.0, -8.5]},
        "ratio": {"edges": [-7.3, 0.0, 59.33777160677786]},
        "words": {"groups": [[0, 3], [1, 2, 4, 5], [6, 7, 8]], "unseen": [9, 10, 11]},
        "from": {"groups": [[0], [3, 1]], "unseen": [2]},
        "coded": {"groups": [[1], [2, 4]]},
    }
    entries = []
    for name, places in made.items():
        regular = len(places["edges"]) + 1 if "edges" in places else len(places["groups"])
        count = regular + len(places.get("special", ())) + bool(places.get("unseen")) + 1
        entries.append(ScorecardColumn(schema.by_model_column[name], bins(chance, count), **places))
    scorecard = Scorecard(schema, 0.1, entries)
    trained_on = {
        "order": [12.0, 450.0], "it's \"net\" income": [], "age": [20.0, 60.0],
        "from": ["0", "1", "3+"], "group by": [1.0, 4.0],
        "select": list(schema.by_column["select"].values[:9]),
    }  # fmt: skip
    return scorecard, RemarkFinder(schema, trained_on, scorecard.sources)


def random_rows(schema, count, seed):
    chance = random.Random(seed)
    return [{f.column: random_value(chance, f) for f in schema.features} for _ in range(count)]


def random_value(chance, feature):
    if chance.random() < 0.15:
        return None
    if feature.choices:
        return chance.choice(feature.values)
    special = [number for number, _ in feature.special]
    numbers = [0.0, 7.3, 25.5, 60.0, 1e-15, 1e15, -1.0, 450.0, 9_000.0]
    return chance.choice([*special, *numbers, chance.uniform(0, 600), chance.uniform(0, 30)])


@pytest.mark.parametrize("rule", RULES)
def test_awkward_names_and_texts_give_what_python_gives(database, rule):
    scorecard, finder = awkward()
    found = check_equal_results(database, scorecard, random_rows(scorecard.schema, 300, 1), rule, finder)
    assert len({row[8] for row in found.values()}) > 1  # causes


def test_a_text_that_is_no_choice_is_a_missing_value(database):
    scorecard, finder = awkward()
    rows = [
        row | {"select": text, "from": "4"}
        for row in random_rows(scorecard.schema, 5, 2)
        for text in ("ITS", "its  ", "grösse", "GROSSE", "", "it''s", "a b")
    ]
    check_equal_results(database, scorecard, rows, RULES[0], finder)


@pytest.mark.parametrize("text", ["3", "3.0"])
def test_a_number_that_stands_for_a_choice_is_read(database, text):
    scorecard, _ = awkward()
    (row,) = random_rows(scorecard.schema, 1, 3)
    sql, key = to_sql(scorecard, dialect=database.dialect), {scorecard.schema.id_field: "1"}
    spelt, chosen = (
        database.score(sql, [row | key | {"from": value}], schema=scorecard.schema) for value in (text, "3+")
    )
    assert spelt == chosen


def test_causes_stand_in_the_order_of_the_remarks(database):
    scorecard, finder = awkward()
    (row,) = random_rows(scorecard.schema, 1, 4)
    usual = {
        "order": 100.0,
        'it\'s "net" income': 0.0,
        "Größe in m²": 1.0,
        "select": "its",
        "from": "0",
        "age": 30.0,
    }
    changes = [
        {"order": 5.0}, {"order": 460.0}, {"it's \"net\" income": 5.0},
        {"it's \"net\" income": 5.0, "age": 5.0}, {"select": "größe"},
        {"select": "größe", "order": 420.0}, {"select": "%s", "group by": 4.0},
    ]  # fmt: skip
    rows = [row | usual | {"group by": 2.0} | change for change in changes]
    check_equal_results(database, scorecard, rows, DecisionRule(0.01), finder)


def test_a_table_without_numbers_and_with_made_ids_is_scored_by_a_key(database):
    schema, chance = read_schema(CHOICES_ALONE), random.Random(6)
    groups = {"a": [[0], [1, 2]], "b": [[0], [1]]}
    entries = [
        ScorecardColumn(schema.by_model_column[name], bins(chance, 3), groups=of)
        for name, of in groups.items()
    ]
    scorecard = Scorecard(schema, 0.0, entries)
    check_equal_results(database, scorecard, random_rows(schema, 20, 7))
    assert '"row number"' in to_sql(scorecard, dialect="postgres", key="row number")


def test_sixty_columns_are_more_than_a_function_takes(database):
    """PostgreSQL takes 100 arguments, SQLite 127."""
    columns = "".join(
        f'[[column]]\nname = "column {n}"\nkind = "number"\nusual = [1, 500]\n' for n in range(60)
    )
    schema, chance = read_schema(CHOICES_ALONE + columns), random.Random(8)
    entries = [
        ScorecardColumn(column, bins(chance, 4), edges=[25.5, 300.0])
        for column in schema.model_columns
        if column.column not in {"a", "b"}
    ]
    check_equal_results(database, Scorecard(schema, 0.3, entries), random_rows(schema, 30, 9))


@pytest.mark.slow
def test_awkward_names_and_texts_give_what_python_gives_in_spark():
    scorecard, finder = awkward()
    with spark() as database:
        check_equal_results(database, scorecard, random_rows(scorecard.schema, 100, 1), RULES[1], finder)
