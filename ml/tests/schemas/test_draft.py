"""A lender's table becomes a schema that trains as it stands."""

import csv
import io
import random
import subprocess
import sys

import pytest

from ml.applications.records import record_kind
from ml.errors import DatasetError
from ml.schemas.draft import draft_schema
from ml.schemas.toml import read_schema, schema_from_facts
from ml.tables.training_csv import read_training_table
from ml.tests.helpers.tables import ROOT

ROWS = 200
GOOD = [random.Random(row).random() < 0.7 for row in range(ROWS)]
TARGET = {"repaid": [int(good) for good in GOOD]}


def csv_of(columns, delimiter=","):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return file.getvalue().encode()


def spread(*values, seed=0):
    """Values in an order that has nothing to do with the outcome."""
    listed = [values[row % len(values)] for row in range(ROWS)]
    random.Random(seed).shuffle(listed)
    return listed


INCOME = {"income": spread(*range(1000, 1000 + ROWS))}


def drafted(target="repaid", good=(), **columns):
    """Return the draft of a table, after the table was read by it as the training reads it."""
    columns = columns if target in columns else columns | TARGET
    content = csv_of(INCOME | columns)
    draft = draft_schema("car_loans.csv", content, target, good)
    schema = schema_from_facts(draft.facts)
    assert read_schema(draft.toml()) is schema
    assert (
        len(read_training_table(schema, "car_loans.csv", content).records) == draft.good_rows + draft.bad_rows
    )
    return draft


def column(name, cells):
    return next(c for c in drafted(**{name: cells}).columns if c.heading == name)


def refusal(columns, target="repaid", good=()):
    with pytest.raises(DatasetError) as error:
        draft_schema("t.csv", columns if isinstance(columns, bytes) else csv_of(columns), target, good)
    return str(error.value)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 2, 3, 4], "number"),
        ([0, 1], "number"),
        (["0.5", "1.25", "7"], "number"),
        (["True", "False"], "yes_no"),
        (["y", "n"], "yes_no"),
        (["own", "rent", "for free"], "category"),
        (["flat, rented", 'the "Old" house'], "category"),
    ],
)
def test_a_kind_follows_from_the_cells(cells, kind):
    assert column("thing", spread(*cells)).facts["kind"] == kind


@pytest.mark.parametrize("heading", ["branch_code", "region", "Sex", "zip"])
def test_numbers_whose_heading_says_that_they_are_codes_are_a_category(heading):
    facts = column(heading, spread(10, 20, 30)).facts
    assert (facts["kind"], facts["choices"], facts["numbers"]["10"]) == ("category", ["10", "20", "30"], "10")


def test_codes_keep_their_leading_zeros():
    assert column("office", spread("007", "012")).facts["choices"] == ["007", "012"]


def test_choices_stand_in_the_order_of_their_numbers():
    cells = spread("10+ years", "2 years", "< 1 year")
    assert column("employed", cells).facts["choices"] == ["< 1 year", "2 years", "10+ years"]


def test_bounds_leave_room_and_0_is_the_lowest_of_what_is_never_negative():
    facts = column("amount", spread(250, 18424)).facts
    assert (facts["minimum"], facts["maximum"], facts["decimals"]) == (0, 50_000, 0)


@pytest.mark.parametrize("gap", ["", "NA", "?", "n.a."])
def test_texts_among_numbers_that_mean_a_gap_are_read_as_gaps(gap):
    found = column("score", spread(*range(1, 40), gap))
    assert found.facts["kind"] == "number"
    assert found.gaps + found.facts.get("missing", []).count(gap) > 0


def test_numbers_with_exponents_stay_numbers():
    facts = column("share", spread("8.5e-05", "0.2", "0.31")).facts
    assert (facts["kind"], facts["exponents"]) == ("number", True)


@pytest.mark.parametrize("code", [-9, 999])
def test_a_frequent_number_far_outside_the_others_is_proposed_as_a_code(code):
    found = column("months_since", spread(*range(9), code))
    assert list(found.facts["special"]) == [str(code)]
    assert "looks like a code" in found.notes[0]


def test_a_column_of_one_value_is_carried():
    assert column("bank", ["HQ"] * ROWS).role == "carried"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([f"Town {row}" for row in range(ROWS)], "too many"),
        ([f"2020-01-{row % 28 + 1:02}" for row in range(ROWS)], "Dates"),
        ([f"{row / 7:.1f}%" for row in range(ROWS)], "percent"),
        ([f"${row}" for row in range(ROWS)], "currency"),
        ([""] * ROWS, "empty"),
    ],
)
def test_a_column_that_no_kind_fits_is_left_out_and_the_note_says_why(cells, words):
    found = column("thing", cells)
    assert (found.role, found.facts) == ("left_out", {})
    assert words in found.notes[0]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("gender_code", [1, 2]),
        ("partner", ["male : single", "female : divorced"]),
        ("AgeYears", [*range(18, 80)]),
        ("foreign_worker", ["yes", "no"]),
        ("afam", [0, 1]),
        ("maritalstatus", ["a", "b"]),
        ("religion", ["a", "b"]),
        ("group", ["white", "black", "other"]),
    ],
)
def test_a_column_that_tells_a_protected_trait_is_proposed_as_protected(heading, cells):
    found = column(heading, spread(*cells))
    assert found.facts["protected"]
    assert "Check it." in found.notes[-1]


def test_a_protected_number_has_bands():
    assert column("age", spread(*range(18, 80))).facts["bands"] == [25, 40, 60]


@pytest.mark.parametrize(
    "heading",
    ["age_of_vehicle", "loan_origin_channel", "savings", "message", "sussex_branch", "single_family"],
)
def test_a_column_about_a_thing_is_not_proposed_as_protected(heading):
    assert "protected" not in column(heading, spread(1, 2, 3, 4)).facts


@pytest.mark.parametrize(
    "heading", ["default_date", "recovered", "charged_off", "days_past_due", "payment_2"]
)
def test_a_column_whose_heading_says_so_is_known_only_after_the_decision(heading):
    found = column(heading, spread(1, 2, 3))
    assert found.role == found.facts["role"] == "after_decision"
    assert "Its name says" in found.notes[0]


@pytest.mark.parametrize(
    "cells", [["A" if good else "B" for good in GOOD], ["" if good else 7 for good in GOOD]]
)
def test_a_column_that_tells_the_outcome_alone_is_known_only_after_the_decision(cells):
    found = column("thing", cells)
    assert (found.role, found.auc) == ("after_decision", 1.0)
    assert "AUC 1.000" in found.notes[0]


def test_a_category_of_many_values_is_not_flattered():
    assert column("place", spread(*(f"Town {n}" for n in range(50)))).auc < 0.6


@pytest.mark.parametrize("heading", ["Application No", "loan_key", "id", "Loan_ID"])
def test_different_values_under_a_heading_that_says_so_are_the_id(heading):
    draft = drafted(**{heading: random.Random(3).sample(range(10**6), ROWS)})
    assert draft.facts["id"] == {"column": heading}


def test_without_such_a_column_ids_are_made():
    assert drafted().facts["id"] == {"made": True}


@pytest.mark.parametrize("heading", ["customer_id", "ssn", "phone"])
def test_an_id_of_something_else_is_left_out(heading):
    draft = drafted(application_id=range(ROWS), **{heading: random.Random(3).sample(range(10**6), ROWS)})
    assert [c.role for c in draft.columns if c.heading == heading] == ["left_out"]


def test_a_reserved_name_gets_an_underscore_and_files_go_on_to_use_the_old_one():
    found = column("reasons", spread("a", "b"))
    assert (found.name, found.facts["aliases"]) == ("reasons_", ["reasons"])
    assert "field of replies" in "".join(found.notes)


def test_a_long_heading_is_cut_and_files_go_on_to_use_the_old_one():
    found = column("ä" * 40, spread(1, 2, 3))
    assert len(found.name.encode()) <= 63
    assert found.facts["aliases"] == ["ä" * 40]


@pytest.mark.parametrize(
    ("target", "good", "bad"),
    [
        ("deny", "no", "yes"),
        ("default", "0", "1"),
        ("SeriousDlqin2yrs", "0", "1"),
        ("loan_approved", "TRUE", "FALSE"),
        ("status", "Fully Paid", "Charged Off"),
        ("risk", "good", "bad"),
        ("non_default", "1", "0"),
    ],
)
def test_known_words_tell_the_good_value(target, good, bad):
    draft = drafted(target, **{target: [good if row else bad for row in GOOD]})
    assert (draft.facts["target"]["good"], draft.facts["target"]["bad"]) == ([good], [bad])
    assert draft.good_rows == sum(GOOD)


def test_what_good_means_is_left_to_a_person():
    target = drafted().facts["target"]
    assert (target["means"], target["means_confirmed"]) == ("Repaid is 1", False)


def test_a_value_that_only_custom_makes_good_is_doubted():
    assert "check it" in drafted("y", y=TARGET["repaid"]).notes[0]


@pytest.mark.parametrize("values", [["1", "2"], ["a", "b"], ["paid", "late", "current"]])
def test_unclear_values_of_the_target_are_refused_and_listed(values):
    message = refusal(INCOME | {"repaid": spread(*values)})
    assert "--good" in message
    assert all(repr(value) in message for value in values)


def test_all_values_that_are_not_good_are_bad():
    target = drafted("s", ["a"], s=spread("a", "b", "c", "")).facts["target"]
    assert (target["good"], target["bad"], target["leave_out"]) == (["a"], ["b", "c"], [""])


def test_values_left_out_are_neither():
    content = csv_of(INCOME | {"s": spread("paid", "late", "open")})
    draft = draft_schema("t.csv", content, "s", leave_out=["open"])
    assert draft.facts["target"]["leave_out"] == ["open"]


def test_ten_rows_of_each_kind_are_needed():
    assert "at least 10 bad rows" in refusal({"x": range(20), "repaid": [1] * 19 + [0]})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "a heading"),
        (b"a,repaid\n", "at least one row"),
        (b"a,b,repaid\n1,2,3\n1,2\n", "line 3: 3 cells"),
        (b"a b,A_B,repaid\n1,2,3\n", "'a b' and 'A_B'"),
        (b",,repaid\n1,2,3\n", "2 columns have no heading"),
        (b"a,b\n1,2\n", "'repaid' is no column"),
        ("a,repaid\nü,1\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, words):
    assert words in refusal(content)


@pytest.mark.parametrize("cells", [["12,5", "3,75"], ["1,250", "12,400"], ["1.250,00", "3,5"]])
def test_numbers_with_a_comma_are_refused(cells):
    message = refusal(csv_of(INCOME | {"amount": spread(*cells)} | TARGET, ";"))
    assert "column amount" in message
    assert "1234.5" in message


def test_a_table_of_which_nothing_is_left_is_refused():
    assert "no column is left" in refusal({"id": range(ROWS)} | TARGET)


def test_semicolons_tabs_and_a_byte_order_mark_are_read():
    for delimiter in ";\t":
        content = b"\xef\xbb\xbf" + csv_of(INCOME | TARGET, delimiter)
        assert draft_schema("t.csv", content, "repaid").columns[0].heading == "income"


def test_a_heading_without_a_name_is_left_out():
    assert drafted(**{"": range(ROWS)}).columns[1].role == "left_out"


def test_sixty_columns_are_drafted():
    draft = drafted(**{f"v{number}": spread(1, 2, 3, seed=number) for number in range(60)})
    assert len(draft.facts["column"]) == 61


def test_a_column_says_what_it_holds():
    found = column("colour", spread("red", "red", "blue", ""))
    assert (found.gaps, found.distinct, found.frequent) == (0.25, 2, (("red", 100), ("blue", 50)))


def test_a_table_of_more_values_than_are_kept_is_read_like_a_small_one():
    rows = 9000
    amounts = [f"{random.Random(row).random() * 1000:.3f}" for row in range(rows)]
    late_gap = [*amounts[:-20], *["NA"] * 10, *["?"] * 10]
    content = csv_of({"amount": amounts, "late": late_gap, "y": [row % 2 for row in range(rows)]})
    draft = draft_schema("t.csv", content, "y")
    assert [c.facts.get("missing") for c in draft.columns] == [None, ["?"], None]
    assert draft.columns[1].gaps == 10 / rows
    read_training_table(schema_from_facts(draft.facts), "t.csv", content)


def test_rows_are_drafted_like_the_file_that_holds_them():
    columns = INCOME | TARGET
    rows = [[*columns], *([str(cell) for cell in row] for row in zip(*columns.values(), strict=True))]
    assert draft_schema("t", rows, "repaid").facts == draft_schema("t", csv_of(columns), "repaid").facts


def test_a_draft_needs_neither_pandas_nor_the_parser_of_formulas():
    code = (
        "import sys, ml.schemas.draft; print({'pandas', 'sklearn', 'ml.expressions.parser'} & {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_a_heading_with_quotes_and_backslashes_stays_a_name():
    draft = drafted(**{'height "net" a\\b': spread(1, 2, 3)})
    schema = schema_from_facts(draft.facts)
    assert 'height "net" a\\b' in schema.columns
    assert record_kind(schema).record_type


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,y\n" + b"x" * 200_000, "line 2: lines of at most"),
        (b"," * 1_000_000, "line 1: lines of at most"),
        (b"a,y\nx\0,1\n", "line 2: text without NUL"),
    ],
)
def test_a_file_without_line_breaks_or_with_nul_is_refused(content, expected):
    with pytest.raises(DatasetError, match=expected):
        draft_schema("table.csv", content, "y")


def test_amount_and_term_are_proposed_where_headings_name_them():
    draft = drafted(loan_amnt=spread(*range(5, 200)), Loan_Amount_Term=spread(12, 24, 36, 48, 60))
    assert (draft.facts["amount"], draft.facts["term"]) == ("loan_amnt", "Loan_Amount_Term")
    assert "'loan_amnt' is taken as the amount asked for." in draft.notes


def test_no_amount_is_proposed_where_no_heading_names_one():
    draft = drafted(down_payment_amount=spread(*range(5, 200)), employment_duration=spread(*range(40)))
    assert not {"amount", "term"} & draft.facts.keys()
