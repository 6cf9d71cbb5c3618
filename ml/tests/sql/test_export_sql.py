"""Exported SQL scores every row as Python does, on each database that is installed."""

import csv
import itertools
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ml.products.loan_prediction.sample import make_sample
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.rule_reader import rules_from_facts
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
from ml.sql import DIALECTS
from ml.sql.export import to_sql
from ml.sql.words import edge_literal
from ml.tests.helpers.databases import DATABASES
from ml.tests.helpers.exports import check_equal_results
from ml.tests.helpers.strategies import applications
from ml.tests.helpers.tables import application, columns

SCHEMA = built_in()

WHOLE = {"sqlite": "INTEGER", "duckdb": "INTEGER", "postgres": "INTEGER", "mysql": "INT"}
EXACT = {"sqlite": "NUMERIC", "duckdb": "DECIMAL(18, 3)", "postgres": "NUMERIC", "mysql": "DECIMAL(18, 3)"}


@pytest.fixture(params=DATABASES)
def database(request):
    with DATABASES[request.param]() as opened:
        yield opened


@pytest.fixture(scope="module")
def sqlite():
    with DATABASES["sqlite"]() as opened:
        yield opened


def with_every_gap():
    for gaps in itertools.product([False, True], repeat=len(SCHEMA.source_columns)):
        yield application(
            **{name: None for name, gap in zip(SCHEMA.source_columns, gaps, strict=True) if gap}
        )


def without_income():
    for amount, term in itertools.product([None, 0.001, 128.0], [None, 1.0, 360.0]):
        changes = {"CoapplicantIncome": 0.0, "LoanAmount": amount, "Loan_Amount_Term": term}
        yield from (application(ApplicantIncome=income, **changes) for income in (0.0, -0.0, 5e-324, 1e-9))


def about(value, steps=3):
    """The doubles next to `value`, and itself."""
    below = above = value
    yield value
    for _ in range(steps):
        below, above = math.nextafter(below, -math.inf), math.nextafter(above, math.inf)
        yield from (below, above)


def on_every_edge(scorecard):
    """Rows about each edge; a term of 1 makes both ratios the loan amount when income is 1,000."""
    edges = {entry.column: entry.edges for entry in scorecard.columns}
    for value in itertools.chain(*map(about, edges["Total_Income"])):
        yield application(ApplicantIncome=value, CoapplicantIncome=0.0)
    even = {"ApplicantIncome": 1000.0, "CoapplicantIncome": 0.0, "Loan_Amount_Term": 1.0}
    for value in itertools.chain(*map(about, edges["Loan_To_Income"] + edges["Instalment_To_Income"])):
        yield application(LoanAmount=value, **even)


def lies_on_an_edge(entry, rows):
    values = SCHEMA.by_model_column[entry.column].values(columns(*rows)).tolist()
    return set(entry.edges) <= set(values)


def test_the_rows_about_edges_lie_on_them(scorecard):
    rows = list(on_every_edge(scorecard))
    for entry in scorecard.columns:
        if entry.model_column.direction != 0 and entry.column != "Credit_History":
            assert lies_on_an_edge(entry, rows), entry.column


def test_all_rows_of_the_sample_score_alike(database, scorecard):
    check_equal_results(database, scorecard, make_sample())


@pytest.mark.slow
def test_all_rows_of_the_real_table_score_alike(database, scorecard, real_table):
    with real_table.open(newline="") as file:
        rows = [{name: _cell(value) for name, value in row.items()} for row in csv.DictReader(file)]
    check_equal_results(database, scorecard, rows)


def test_every_combination_of_gaps_scores_alike(database, scorecard):
    check_equal_results(database, scorecard, list(with_every_gap()))


def test_no_income_and_next_to_none_score_alike(database, scorecard):
    check_equal_results(database, scorecard, list(without_income()))


def test_values_on_an_edge_belong_to_the_bin_above(database, scorecard):
    check_equal_results(database, scorecard, list(on_every_edge(scorecard)))


def test_an_unknown_area_is_missing(database, scorecard):
    areas = ["urban", "URBAN", "Urban ", "", "Moon", "Ländlich"]
    check_equal_results(database, scorecard, [application(Property_Area=area) for area in areas])


@pytest.mark.parametrize("kind", [WHOLE, EXACT], ids=["whole", "exact"])
def test_whole_and_exact_numbers_are_not_divided_as_integers(database, scorecard, kind):
    rows = [row for row in make_sample(100) if float(row["LoanAmount"] or 0).is_integer()]
    check_equal_results(database, scorecard, rows, number=kind[database.dialect])


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value) encountered")
def test_numbers_out_of_range_score_alike_and_stop_nothing(database, scorecard):
    changes = [
        {"Loan_Amount_Term": 0.0}, {"Loan_Amount_Term": 0.0, "LoanAmount": 0.0}, {"Credit_History": 2.0},
        {"Loan_Amount_Term": -12.0}, {"LoanAmount": -5.0}, {"ApplicantIncome": -1e5}, {"LoanAmount": 5e-324},
        {"ApplicantIncome": 1e90}, {"LoanAmount": 1e90},
    ]  # fmt: skip
    check_equal_results(database, scorecard, [application(**change) for change in changes])


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_a_nan_is_a_gap_where_there_is_one(dialect, scorecard):
    rows = [application(**{name: math.nan}) for name in SCHEMA.source_columns if name != "Property_Area"]
    with DATABASES[dialect]() as database:
        check_equal_results(database, scorecard, rows)


@pytest.mark.parametrize("gap", ["", " ", "NA", "nan", "None", "NULL"])
def test_text_cells_of_an_imported_csv_are_read(sqlite, scorecard, gap):
    texts = {name: gap if value is None else str(value) for name, value in application().items()}
    found = sqlite.score(to_sql(scorecard, dialect="sqlite"), [texts, texts | {"LoanAmount": gap}])
    rows = [application(), application(LoanAmount=None)]
    assert [row[1] for row in found] == pytest.approx(scorecard.score(columns(*rows)).probability, abs=1e-9)


def test_the_table_may_have_any_name(database, scorecard):
    name = "my table; --"
    sql = to_sql(scorecard, dialect=database.dialect, table=name)
    assert len(database.score(sql, [application()], table=name)) == 1


def test_texts_of_reasons_may_hold_quotes_and_backslashes(database):
    bins = [Bin(label, -1.0, 0, 0) for label in ('it\'s \\ 100% "so"', "-- /* ", "é")]
    check_equal_results(
        database,
        Scorecard(SCHEMA, 0.0, [ScorecardColumn(SCHEMA.by_model_column["Total_Income"], bins, edges=[1.0])]),
        [application()],
    )


@pytest.mark.parametrize("missing", [LOAN_ID, *SCHEMA.source_columns])
def test_a_table_that_lacks_a_column_is_an_error(database, scorecard, missing):
    sql = to_sql(scorecard, dialect=database.dialect)
    with pytest.raises(Exception, match=f"(?i){missing}"):
        database.score(sql, [application()], without=missing)


def amounts(maximum):
    """Numbers from 0 up, none but 0 below 1e-80.

    Exported SQL writes quotients beyond 1e100 as 1e200 and below 1e-100 as 0 (see `ml.sql.columns`), so that
    no database overflows. An instalment of 1e-102 and an income of 1e-104 give a ratio of 100 in Python, and
    0 in SQL. With these numbers every instalment and every ratio lies between 1e-90 and 1e90.
    """
    return st.just(0.0) | st.floats(1e-80, maximum)


def exportable_applications():
    """Valid applications whose numbers have a size that exported SQL is made for (docs/export.md)."""
    return applications(
        ApplicantIncome=amounts(SCHEMA.by_column["ApplicantIncome"].maximum),
        CoapplicantIncome=amounts(SCHEMA.by_column["CoapplicantIncome"].maximum),
        LoanAmount=st.none() | st.floats(1e-80, SCHEMA.by_column["LoanAmount"].maximum),
    )


@pytest.mark.slow
@given(st.lists(exportable_applications(), min_size=20, max_size=40))
@settings(max_examples=10)
def test_any_applications_score_alike(sqlite, scorecard, rows):
    check_equal_results(sqlite, scorecard, rows)


CONDITIONS = [
    "LoanAmount * 1000 / Loan_Amount_Term > 0.3 * (ApplicantIncome + CoapplicantIncome)",
    "Property_Area == 'Rural' or Loan_Amount_Term < 100",
    "not (Property_Area == 'Urban') and min(ApplicantIncome, CoapplicantIncome) < 1000",
    "Dependents is missing or Dependents == '3+'",
    "Education != 'Graduate' and Credit_History == 0",
]


@st.composite
def policies_with_rules(draw):
    facts = [
        {"code": f"r{place}", "when": when, "action": action, "officer": "It's so.", "applicant": "No."}
        for place, when in enumerate(CONDITIONS)
        if (action := draw(st.sampled_from(["refer", "deny", None])))
    ]
    limit = draw(st.none() | st.sampled_from([0.5, 128.0, 300.1]))
    band = draw(st.sampled_from([(None, None), (0.4, 0.6)]))
    return DecisionRule(0.5, *band, rules=rules_from_facts(facts, SCHEMA), limit_amount=limit)


@pytest.mark.slow
@given(st.lists(exportable_applications(), min_size=20, max_size=30), policies_with_rules())
@settings(max_examples=8, deadline=None)
def test_any_rules_and_limit_decide_alike(sqlite, scorecard, rows, rule):
    check_equal_results(sqlite, scorecard, rows, rule)


def test_rules_and_limit_decide_alike_on_each_database(database, scorecard):
    actions = ["refer", "refer", "deny", "deny", "refer"]
    facts = [
        {"code": f"r{place}", "when": when, "action": action, "officer": "It's so.", "applicant": "No."}
        for place, (when, action) in enumerate(zip(CONDITIONS, actions, strict=True))
    ]
    rule = DecisionRule(0.5, 0.4, 0.6, rules=rules_from_facts(facts, SCHEMA), limit_amount=128.0)
    found = check_equal_results(database, scorecard, [*with_every_gap(), *make_sample(rows=60)], rule)
    assert {row[1] for row in found.values()} == {"approved", "denied", "refer"}


points = st.sampled_from([0.0, -0.0, -1.0, 1.0, -1000.0, 1000.0]) | st.floats(-5, 5)


@st.composite
def scorecards(draw):
    """Tables of any columns, with few bins and many ties."""
    entries = []
    for name in draw(st.lists(st.sampled_from(list(SCHEMA.by_model_column)), unique=True)):
        edges = sorted(draw(st.lists(st.sampled_from([0.0, 0.1, 1.0, 33.3, 5000.0, 1e5]), max_size=3)))
        bins = [Bin(f"bin {place}", draw(points), 0, 0) for place in range(len(edges) + 2)]
        entries.append(ScorecardColumn(SCHEMA.by_model_column[name], bins, edges=edges))
    return Scorecard(SCHEMA, draw(points), entries)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:overflow encountered in exp")
@given(scorecards(), st.lists(exportable_applications(), min_size=1, max_size=10))
@settings(max_examples=30)
def test_awkward_scorecards_score_alike(sqlite, awkward, rows):
    check_equal_results(sqlite, awkward, rows)


@pytest.mark.filterwarnings("ignore:overflow encountered in exp")
@pytest.mark.parametrize("base", [-1e4, -701.0, -699.0, 0.0, 699.0, 701.0, 1e4])
def test_a_log_odds_of_any_size_becomes_a_probability(database, base):
    check_equal_results(database, Scorecard(SCHEMA, base, []), [application()])


def test_equal_reasons_keep_the_order_of_the_columns(database):
    bins = [Bin("any", -1.0, 0, 0)] * 2
    check_equal_results(
        database,
        Scorecard(
            SCHEMA,
            0.0,
            [ScorecardColumn(model, bins, edges=[]) for model in SCHEMA.by_model_column.values()],
        ),
        [application()],
    )


@given(st.floats(1e-99, 1e99) | st.floats(-1e99, -1e-99))
@example(4.683565418502954e98)
@example(59.33777160677786)  # a decimal that SQLite 3.40 reads as the double below
def test_an_edge_is_read_to_the_last_bit(sqlite, value):
    (found,) = sqlite.connection.execute(
        f"SELECT {edge_literal(value, DIALECTS['sqlite']).sql('sqlite')}"
    ).fetchone()
    assert found == value


def _cell(value):
    try:
        return float(value)
    except ValueError:
        return value or None


def test_groups_and_special_values_have_bins_of_their_own(database):
    bins = [Bin(f"bin {place}", 0.5 - place, 0, 0) for place in range(4)]
    area = ScorecardColumn(SCHEMA.by_model_column["Property_Area"], bins[:3], groups=[[0, 2]], unseen=[1])
    income = ScorecardColumn(SCHEMA.by_model_column["Total_Income"], bins, edges=[3000.0], special=[2500.0])
    rows = [
        application(Property_Area=place, ApplicantIncome=amount, CoapplicantIncome=0)
        for place in ("Rural", "Semiurban", "Urban")
        for amount in (2000, 2500, 3000)
    ]
    check_equal_results(database, Scorecard(SCHEMA, 0.0, [area, income]), rows)
