"""A training table before it is trained on: its outcomes, its counts, its first rows."""

import pytest

from ml.intake.plain_file import plain_table_of
from ml.intake.training_preview import outcomes_of, preview_training
from ml.intake.understanding import Wishes, understand
from ml.products.loan_prediction.schema import built_in
from ml.tests.helpers.tables import csv_text, training_rows

ROWS = training_rows(30)


@pytest.fixture
def shown(tmp_path):
    """Return a function that returns the outcomes and the preview of rows."""

    def shown(rows, **wishes):
        path = tmp_path / "table.csv"
        path.write_text(csv_text(rows))
        understanding = understand(built_in(), path.name, path, Wishes(**wishes), training=True)
        plain = plain_table_of(understanding, tmp_path / "plain.csv")
        return outcomes_of(understanding), preview_training(built_in(), understanding, plain.read_bytes())

    return shown


def with_outcomes(*words):
    given = [row | {"Loan_Status": word} for row, word in zip(ROWS, words, strict=False)]
    return [*given, *ROWS[len(words) :]]


def test_each_word_of_the_outcome_is_counted_with_what_it_means(shown):
    outcomes, found = shown(with_outcomes("approved", "leave out", "late", "late"))
    meant = {outcome.word: (outcome.rows, outcome.meaning) for outcome in outcomes}
    assert (meant["approved"], meant["leave out"], meant["late"]) == ((1, "Y"), (1, ""), (2, None))
    assert (found.good + found.remarked, found.refused, found.left_out) == (27, 2, 1)
    assert [row.cells[-1].words for row in found.rows[:2]] == ["Y", "left out"]
    assert "One of Y (also yes" in found.rows[2].cells[-1].fault


def test_a_chosen_word_is_shown_as_it_stands_with_its_meaning(shown):
    outcomes, found = shown(with_outcomes("late", "late"), labels={"late": "N"})
    assert ("late", 2, "N") in outcomes
    assert (found.refused, found.problems) == (0, [])


def test_too_few_outcomes_are_a_problem_of_the_table_and_of_no_row(shown):
    _, found = shown([row | {"Loan_Status": "Y"} for row in ROWS])
    assert (found.faults, found.refused, len(found.problems)) == ([], 0, 1)


def test_a_column_in_another_unit_is_named(shown):
    _, found = shown([row | {"LoanAmount": "128000"} for row in ROWS])
    assert [column.column for column in found.unusual] == ["LoanAmount"]
