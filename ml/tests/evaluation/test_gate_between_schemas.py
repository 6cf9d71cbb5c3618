"""The gate between versions of different schemas: where one table must do, and what is not comparable."""

import dataclasses

import numpy as np
import pytest

from ml.errors import DatasetError
from ml.evaluation import ONE_TABLE
from ml.evaluation.gate import UnreadableTable, judge_candidate
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import with_outcomes_of
from ml.schemas.toml import facts_of, schema_from_facts
from ml.tables.frames import read_training_csv
from ml.tests.helpers.tables import HEADER, csv_text, training_rows
from ml.tests.helpers.versions import version

SCHEMA = built_in()
FIGURES = {"scorecard": 0.45, "one_rule": 0.481, "majority": 0.621}
LACKS = "sample.csv lacks Savings, which version 2 reads."


def later_schema(**facts):
    """The built-in product's schema with a further column of savings, or with these facts."""
    savings = {"name": "Savings", "kind": "number", "minimum": 0, "maximum": 1000}
    columns = [*facts_of(SCHEMA)["column"], savings]
    return schema_from_facts(facts_of(SCHEMA) | {"column": columns} | facts)


def savings_of(dataset, schema):
    """The sample's rows with savings, as a table of the later schema."""
    savings = np.random.default_rng(7).integers(0, 900, len(dataset.y)).astype(np.float64)
    frame = dataset.frame.assign(Savings=savings)
    return dataclasses.replace(dataset, schema=schema, frame=frame, digest="with savings")


def verdict(candidate, active):
    models = {name: {"folds": {"log_loss": np.full(50, value)}} for name, value in FIGURES.items()}
    validation = {"folds": 5, "models": models}
    return judge_candidate(validation, "scorecard", candidate, active, blocks=True, one_rule="a rule")


def details(found, name):
    return [check.detail for check in found.checks if check.name == name]


def outcome(found, name):
    return next(check.outcome for check in found.checks if check.name == name)


@pytest.fixture(scope="module")
def active(dataset):
    return version("version 1", dataset)


@pytest.fixture(scope="module")
def candidate(dataset):
    return version("version 2", savings_of(dataset, later_schema()))


@pytest.fixture(scope="module")
def on_one_table(candidate, active, dataset):
    """The active version's table lacks a column; the candidate's has all that the active version reads."""
    return verdict(
        dataclasses.replace(candidate, other_table=LACKS), dataclasses.replace(active, other_table=dataset)
    )


def test_a_table_that_lacks_a_column_of_the_candidate_is_not_used(on_one_table):
    assert outcome(on_one_table, ONE_TABLE) == "warning"
    assert LACKS in details(on_one_table, ONE_TABLE)[0]
    [compared] = details(on_one_table, "log loss")
    assert compared.startswith("On its own table (614 rows): log loss ")


def test_medians_and_missing_values_are_compared_for_shared_columns(on_one_table):
    assert outcome(on_one_table, "medians") == outcome(on_one_table, "missing values") == "passed"
    assert "Savings" not in str(details(on_one_table, "medians"))


@pytest.mark.slow
def test_both_tables_are_used_where_each_version_can_read_them(candidate, active, dataset):
    by_candidate = savings_of(dataset, candidate.dataset.schema)
    found = verdict(
        dataclasses.replace(candidate, other_table=by_candidate),
        dataclasses.replace(active, other_table=dataset),
    )
    assert [words.split(" (")[0] for words in details(found, "log loss")] == [
        "On version 1's table", "On its own table",
    ]  # fmt: skip
    assert details(found, ONE_TABLE) == []


def test_an_active_version_that_cannot_read_the_candidates_table_is_named(candidate, active):
    found = verdict(
        dataclasses.replace(candidate, other_table=LACKS),
        dataclasses.replace(active, other_table="the table has no incomes."),
    )
    assert details(found, "log loss") == [
        "On its own table, version 1 cannot be asked: the table has no incomes."
    ]
    assert outcome(found, "log loss") == "warning"


@pytest.fixture(scope="module")
def of_other_outcomes(dataset, active):
    """A candidate that learned another outcome, of which a fifth more rows are good."""
    schema = later_schema(target=facts_of(SCHEMA)["target"] | {"good": ["repaid"], "bad": ["lost"]})
    y = np.where(np.random.default_rng(2).random(len(dataset.y)) < 0.6, 1, dataset.y)
    table = dataclasses.replace(savings_of(dataset, schema), y=y)
    candidate = dataclasses.replace(version("version 2", table), other_table=table)
    return verdict(candidate, dataclasses.replace(active, other_table=dataclasses.replace(dataset, y=y)))


def test_other_outcomes_are_compared_on_one_table_alone(of_other_outcomes):
    assert "the outcomes of both tables are not the same" in details(of_other_outcomes, ONE_TABLE)[0]
    assert len(details(of_other_outcomes, "log loss")) == 1


def test_the_approval_rate_of_other_outcomes_only_warns(of_other_outcomes):
    assert outcome(of_other_outcomes, "approval rate") == "warning"
    assert not any(
        "The labels of its table" in words for words in details(of_other_outcomes, "approvals by group")
    )


def test_the_approval_rate_of_other_outcomes_only_warns_beside_a_lost_table(candidate):
    target = dataclasses.replace(SCHEMA.target, good=("repaid",))
    found = verdict(candidate, UnreadableTable("version 1", "gone.", 0.2, target))
    assert outcome(found, "approval rate") == "warning"


@pytest.mark.slow
def test_groups_that_either_schema_protects_are_compared(dataset, active):
    unprotected = [column | {"protected": False} for column in facts_of(SCHEMA)["column"]]
    schema = schema_from_facts(facts_of(SCHEMA) | {"column": unprotected})
    women_denied = np.where(dataset.frame["Gender"] == "Female", 0, dataset.y)
    table = dataclasses.replace(dataset, schema=schema, y=women_denied, digest="other")
    candidate = dataclasses.replace(version("version 2", table), other_table=dataset)
    found = verdict(candidate, dataclasses.replace(active, other_table=table))
    assert "Gender Female 0.00 times as often" in str(details(found, "approvals by group"))


@pytest.mark.slow
def test_a_protected_number_is_compared_by_its_bands(dataset):
    income = {"name": "ApplicantIncome", "kind": "number", "protected": True, "bands": [3000, 6000]}
    columns = [
        income if column["name"] == "ApplicantIncome" else column for column in facts_of(SCHEMA)["column"]
    ]
    facts = facts_of(SCHEMA) | {"column": columns, "remark": []}
    others = [column for column in facts["model_column"] if "ApplicantIncome" not in column["value"]]
    schema = schema_from_facts(facts | {"model_column": others})
    active = version("version 1", dataclasses.replace(dataset, schema=schema))
    low_denied = np.where(dataset.frame["ApplicantIncome"] < 3000, 0, dataset.y)
    table = dataclasses.replace(dataset, schema=schema, y=low_denied, digest="other")
    found = verdict(version("version 2", table), active)
    assert "ApplicantIncome Under 3,000 0.00 times as often" in str(details(found, "approvals by group"))


def test_a_table_is_read_by_another_schema_with_its_own_outcomes(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(csv_text(training_rows(60), HEADER))
    later = later_schema(
        target=facts_of(SCHEMA)["target"] | {"column": "Repaid", "good": ["1"], "bad": ["0"]}
    )
    with pytest.raises(DatasetError, match="Repaid is missing"):
        read_training_csv(later, path)
    read = read_training_csv(with_outcomes_of(later, SCHEMA), path)
    assert (len(read.y), read.absent, "Savings" in read.frame) == (60, ["Savings"], True)


@pytest.mark.slow
def test_a_column_of_which_the_active_table_has_no_value_is_new_and_not_moved(candidate, dataset):
    table = savings_of(dataset, later_schema())
    empty = dataclasses.replace(table, frame=table.frame.assign(Savings=np.nan), digest="no savings")
    found = verdict(candidate, version("version 1", empty))
    assert (outcome(found, "medians"), outcome(found, "missing values")) == ("passed", "passed")
