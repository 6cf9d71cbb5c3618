"""The gate when a product's schema changes: who can read whose table, and what activation then asks."""

import csv
import functools
import io
import random

import pytest
from django.core.management import CommandError, call_command

from ml.products.loan_prediction.schema import built_in
from ml.schemas.toml import facts_of, schema_from_facts
from ml.tables.frames import read_training_csv
from ml.tests.helpers.shared import once
from ml.training.recipes import get
from ml.training.training import train
from predictions.live import products
from predictions.models import ModelVersion
from predictions.roles import Role
from predictions.services.products.schemas import add_schema_version
from predictions.services.versions import comparisons, gate, registry, training_files
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.slow

SAVINGS = {"name": "Savings", "kind": "number", "minimum": 0, "maximum": 900, "direction": "up"}
SCHEMA = built_in()
LATER = schema_from_facts(facts_of(SCHEMA) | {
    "column": [*facts_of(SCHEMA)["column"], SAVINGS],
    "model_column": [*facts_of(SCHEMA)["model_column"], {"name": "Savings", "value": "Savings"}],
})  # fmt: skip


def with_savings(path, target):
    """The sample with a column of savings, under Loan_IDs of no sample."""
    dice, rows = random.Random(5), list(csv.DictReader(io.StringIO(path.read_text())))
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "Savings"])
        writer.writeheader()
        for number, row in enumerate(rows):
            writer.writerow(row | {"Loan_ID": f"S{number}", "Savings": dice.randrange(900)})
    return target


@pytest.fixture(scope="session")
def savings_csv(sample_csv, tmp_path_factory):
    return with_savings(sample_csv, tmp_path_factory.mktemp("savings") / "with-savings.csv")


@pytest.fixture(scope="session")
def trained_later(savings_csv, tmp_path_factory):
    made = functools.partial(train, read_training_csv(LATER, savings_csv), get("scorecard", LATER))
    return once(tmp_path_factory, "later-schema", made)


@pytest.fixture
def later(active_version, kept_table):
    """The second version of the built-in product's schema; the active version is of the first."""
    ModelVersion.objects.update(synthetic=False)
    return add_schema_version(product=products.built_in(), schema=LATER, by=None, reason="Savings are asked")


@pytest.fixture
def candidate(later, savings_csv, trained_later):
    training_files.store_training_file(name=savings_csv.name, content=savings_csv.read_bytes(), by=None)
    return registry.register(trained=trained_later, by=None, schema=later)


@pytest.fixture
def verdict(candidate):
    return comparisons.compare_with_active(candidate=candidate).verdict


def details(verdict, name):
    return [check["detail"] for check in verdict["checks"] if check["name"] == name]


def test_a_kept_table_without_a_column_of_the_candidate_is_not_used(verdict, active_version, candidate):
    assert details(verdict, "compared on one table")[0].startswith(
        f"The table of version {active_version.pk} cannot be used: synthetic-sample.csv lacks Savings, which "
        f"version {candidate.pk} reads."
    )
    assert [words.split(" (")[0] for words in details(verdict, "log loss")] == ["On its own table"]
    assert not verdict["refused"]


def test_a_kept_file_with_the_column_is_read_by_the_candidates_schema(
    verdict, candidate, active_version, savings_csv
):
    """Though the active version's own schema does not have that column."""
    file = training_files.store_training_file(
        name="old.csv", content=savings_csv.read_bytes() + b"\n", by=None
    )
    ModelVersion.objects.filter(pk=active_version.pk).update(data_digest=file.digest, data_name=file.name)
    again = comparisons.compare_with_active(candidate=candidate).verdict
    assert details(again, "compared on one table") == []
    assert details(again, "log loss")[0].startswith(f"On version {active_version.pk}'s table (614 rows)")


def test_a_table_that_the_active_version_cannot_read_is_named(verdict, candidate, active_version):
    path = training_files.training_file_path(candidate.data_digest)
    ModelVersion.objects.filter(pk=active_version.pk).update(columns=["Credit_History", "Rating"])
    content = path.read_text().replace("Credit_History", "History")
    file = training_files.store_training_file(name="new.csv", content=content.encode(), by=None)
    ModelVersion.objects.filter(pk=candidate.pk).update(data_digest=file.digest, data_name=file.name)
    said = comparisons.table_as_read(ModelVersion.objects.get(pk=candidate.pk), active_version)
    assert said == f"new.csv lacks Credit_History, which version {active_version.pk} reads."


def test_the_command_wants_a_reason_of_its_own_after_a_comparison_on_one_table(later, savings_csv):
    with pytest.raises(CommandError, match=r"was compared on one table\. It stays a candidate"):
        call_command("train", data=savings_csv, activate=True, stdout=io.StringIO())
    candidate = ModelVersion.objects.latest("pk")
    call_command("activate_model", str(candidate.pk), reason="Savings tell more", stdout=io.StringIO())
    assert candidate.activations.get().reason == "Savings tell more"


def test_the_page_asks_why_after_a_comparison_on_one_table(verdict, candidate, client_of):
    assert gate.compared_on_one_table(verdict)
    page = client_of(Role.MODEL_MANAGER).get(f"/models/{candidate.pk}/")
    assert "Reason to activate it after a comparison on one table" in words(page)
    assert "Both versions were measured on this version's training table alone" in words(page)
    assert "Schema version 1 version 2 changes" in words(page)
