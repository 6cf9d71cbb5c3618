"""Training of a product: by its own schema, with its own recipes, checks and words."""

import csv
import functools
import io
import json
import random

import pytest
from django.core.management import CommandError, call_command

from ml.schemas.toml import schema_from_facts
from ml.tables.frames import read_training_csv
from ml.tests.helpers.shared import once
from ml.training.recipes import get
from ml.training.training import TrainedModel, train
from predictions.errors import MeaningNotConfirmed
from predictions.live import active_model
from predictions.models import AuditRecord, ModelVersion, Policy, Product
from predictions.roles import Role
from predictions.services.products import products
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.slow

SCHEMA = schema_from_facts(
    {
        "name": "car-loan",
        "title": "Car loan",
        "target": {
            "column": "outcome",
            "good": ["repaid"],
            "bad": ["lost"],
            "leave_out": ["withdrawn"],
            "means": "repaid in time",
            "means_confirmed": False,
        },
        "column": [
            {"name": "age", "kind": "number", "minimum": 18, "maximum": 99, "protected": True, "bands": [40]},
            {"name": "price", "kind": "number", "minimum": 1, "maximum": 99999, "usual": [1000, 90000]},
            {
                "name": "purpose",
                "kind": "category",
                "choices": ["a car of the family that is new", "a used car", "a van for the own trade"],
            },
        ],
    }
)


def table(rows=400):
    """Past car loans as CSV: dear cars and vans are lost more often; some were withdrawn."""
    dice = random.Random(4)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["age", "price", "purpose", "outcome", "branch"])
    for number in range(rows):
        price, place = dice.randrange(1000, 80000), dice.randrange(3)
        lost = dice.random() < 0.05 + 0.7 * price / 80000 + 0.1 * place
        outcome = "withdrawn" if number % 40 == 0 else "lost" if lost else "repaid"
        choice = SCHEMA.by_column["purpose"].values[place]
        writer.writerow([dice.randrange(18, 80), price, choice, outcome, "North"])
    return text.getvalue()


@pytest.fixture
def car_loan(db, artefacts) -> Product:
    return products.add_product(schema=SCHEMA, by=None, reason="We lend on cars now")


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "cars.csv"
    file.write_text(table())
    return file


def run(command, *arguments, **options):
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="session")
def trained_on_cars(tmp_path_factory) -> TrainedModel:
    file = tmp_path_factory.mktemp("data") / "cars.csv"
    file.write_text(table())
    made = functools.partial(train, read_training_csv(SCHEMA, file), get("scorecard", SCHEMA))
    return once(tmp_path_factory, "cars", made)


@pytest.fixture
def register(trained_on_cars, car_loan):
    facts = {"by": None, "product_id": car_loan.pk, "schema": car_loan.schema_versions.get()}
    return lambda: registry.register(trained=trained_on_cars, **facts)


@pytest.fixture
def version(register) -> ModelVersion:
    return register()


def test_a_version_is_of_the_product_and_of_its_schema(version, car_loan):
    assert (version.product, version.schema, version.schema_number) == (
        car_loan,
        car_loan.schema_versions.get(),
        1,
    )
    assert version.columns == ["price", "purpose"]
    assert active_model.open_version(version).predictor.schema.digest == SCHEMA.digest


def test_the_report_says_what_training_did_not_use_and_what_a_good_outcome_means(version):
    report = version.report
    assert (report["further"], report["absent"], report["left_out"]) == (["branch"], [], 10)
    assert (report["rows"], report["means"]) == (390, "repaid in time")
    assert [group["value"] for group in report["groups"]["age"]["groups"]] == ["Under 40", "40 or more"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"product": "boat"}, "There is no product 'boat'. Known: loan-prediction, car-loan."),
        ({"product": "car-loan", "recipe": "article"}, "'article' is not a recipe; there are scorecard."),
        (
            {"product": "car-loan", "confirm": ["age"]},
            "age cannot be confirmed; columns whose unit is checked: price.",
        ),
    ],
)
def test_what_the_product_does_not_have_is_named(car_loan, path, options, message):
    with pytest.raises(CommandError) as refused:
        run("train", data=path, **options)
    assert str(refused.value) == message


def test_the_sample_is_the_built_in_products_alone(car_loan):
    with pytest.raises(CommandError, match="The synthetic sample is of the built-in product"):
        run("train", product="car-loan")


def test_a_policy_is_adopted_for_the_product(car_loan):
    run("adopt_policy", product="car-loan", threshold=0.7, reason="Losses")
    assert Policy.objects.of_product(car_loan).newest().threshold == 0.7
    assert Policy.objects.of_product(1).newest().threshold == 0.5


def test_the_training_page_offers_the_products_recipes_and_columns(car_loan, client_of):
    page = client_of(Role.MODEL_MANAGER).get("/products/car-loan/models/training/")
    assert [name for name, _ in page.context["form"].fields["recipe"].choices] == ["scorecard"]
    assert [name for name, _ in page.context["form"].fields["confirm"].choices] == ["price"]
    text = words(page)
    assert "With the 3 columns of an application, and outcome (repaid or lost); at most 8 MB." in text
    assert "A good outcome means: repaid in time (not confirmed" in text


def test_nobody_activates_a_version_whose_meaning_nobody_confirmed(version):
    with pytest.raises(
        MeaningNotConfirmed, match=r"what a good outcome of version .* means: 'repaid in time'"
    ):
        registry.activate(version_id=version.pk, by=None, reason="first")
    with pytest.raises(CommandError, match="--confirm-means"):
        run("activate_model", version.pk, reason="first")


def test_a_confirmation_is_kept_with_the_activation_and_in_the_audit_log(version, user_with):
    manager = user_with(Role.MODEL_MANAGER)
    registry.activate(version_id=version.pk, by=manager, reason="first", confirm_means=True)
    assert version.activations.get().means_confirmed
    record = AuditRecord.objects.first()
    assert (record.by, record.detail["means_confirmed"]) == (manager, "repaid in time")


def test_one_confirmation_is_enough_for_a_schema(version, register):
    registry.activate(version_id=version.pk, by=None, reason="first", confirm_means=True)
    again = registry.activate(version_id=register().pk, by=None, reason="again", override=True)
    assert not again.activations.get().means_confirmed


def test_the_command_trains_and_activates_a_version_of_the_product(car_loan, path):
    out = run("train", product="car-loan", data=path, activate=True, confirm_means=True)
    assert "A good outcome means: repaid in time." in out
    assert "Rows left out by their outcome: 10." in out
    assert ModelVersion.objects.of_product(car_loan).active().get().activations.get().means_confirmed


def test_the_page_asks_for_the_confirmation(version, client_of):
    manager, address = client_of(Role.MODEL_MANAGER), f"/products/car-loan/models/{version.pk}/"
    assert "A good outcome means: repaid in time ." in words(manager.get(address))
    refused = manager.post(f"{address}activate/", {"reason": "first"})
    assert (refused.status_code, "Confirm what a good outcome means" in words(refused)) == (422, True)
    done = manager.post(f"{address}activate/", {"reason": "first", "confirm_means": "on"}, follow=True)
    assert "confirmed the meaning of a good outcome" in words(done)


def test_the_api_asks_for_the_confirmation(version, user_with):
    api = ApiClient(user_with(Role.MODEL_MANAGER))
    address = f"/api/v1/products/car-loan/models/{version.pk}/activate/"
    refused = api.post(address, {"reason": "first"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "meaning_not_confirmed")
    assert api.post(address, {"reason": "first", "confirm_means": 1}).status_code == 400
    assert api.post(address, {"reason": "first", "confirm_means": True}).status_code == 200


@pytest.fixture
def pages(version, client_of):
    """Read a page of the version."""
    auditor = client_of(Role.AUDITOR)
    return lambda page="": words(auditor.get(f"/products/car-loan/models/{version.pk}/{page}"))


def test_every_page_of_figures_says_what_they_predict(pages):
    for page in ("", "evaluation/", "scorecard/"):
        assert "What the model predicts: repaid in time (not confirmed by a person)." in pages(page)
    assert "A good outcome means: repaid in time." in pages("card/")


def test_the_page_of_a_version_shows_product_schema_and_what_was_not_used(pages):
    text = pages()
    assert "Product Car loan" in text
    assert "Schema Version 1" in text
    assert "Rows left out 10 by their outcome Columns of the file not used branch" in text


def test_the_evaluation_shows_strength_and_the_found_rule(pages, version):
    text = pages("evaluation/")
    assert "Gini coefficient 0." in text
    assert f"the one rule ({version.report['one_rule']})" in text
    assert text.index("Information value Price") < text.index("Purpose 0.")


def test_the_scorecard_shows_how_far_points_are_uncertain(pages, version):
    low, high = version.report["strength"]["points"]["price"][0]
    assert "95% interval" in pages("scorecard/")
    assert low < high
    ModelVersion.objects.update(report=version.report | {"strength": None})
    assert "95% interval" not in pages("scorecard/")


def test_groups_are_named_by_their_bands(pages):
    assert "Age (protected)" in pages("evaluation/")
    assert "Under 40" in pages("evaluation/")


def test_the_exports_are_of_the_product(version):
    assert '"price"' in run("export_model", version.pk, format="sql", dialect="sqlite")
    assert json.loads(run("export_model", version.pk, format="json"))["model"]["model_version"] == version.pk


def test_a_replay_of_a_product_reproduces_its_predictions(version, user_with):
    registry.activate(version_id=version.pk, by=None, reason="first", confirm_means=True)
    api = ApiClient(user_with(Role.OFFICER))
    row = {"age": 30, "price": 20000, "purpose": "a used car"}
    made = api.post("/api/v1/products/car-loan/predictions/", [row, row | {"price": 79000, "age": 50}])
    assert made.status_code == 200
    out = run("replay", version.pk)
    assert "0 of 2 outcomes would change" in out
    assert "Age: Under 40" in out
    assert "reproduced; 2 predictions, largest difference 0" in out
