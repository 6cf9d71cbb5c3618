"""A site with a second product whose table has nothing in common with the built-in one."""

import csv
import functools
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings

from ml.artefacts import store
from ml.schemas.schema import Schema
from ml.schemas.toml import read_schema
from ml.tables.frames import read_training_csv
from ml.tests.helpers.shared import once
from ml.training.recipes import get
from ml.training.training import TrainedModel, train
from predictions.models import ModelVersion, Prediction, Product
from predictions.roles import Role
from predictions.services.products import products
from predictions.services.versions import registry
from predictions.tests.helpers.pages import score_meant

HOME = "/products/boat-loan"
TOML = (Path(__file__).parent / "boat_loan.toml").read_text()
ENTRIES = {
    "boat_price": "45000", "bureau_score": "512", "account": "no checking account", "age_in_years": "44",
    "mooring": "Yes",
}  # fmt: skip


@pytest.fixture(scope="session")
def boat_schema() -> Schema:
    return read_schema(TOML)


@pytest.fixture(scope="session")
def boat_trained(boat_schema: Schema, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A scorecard of 400 invented boat loans, once for all processes."""
    path = tmp_path_factory.mktemp("boats") / "boats.csv"
    write_boats(path)
    recipe = get("scorecard", boat_schema)
    made = functools.partial(train, read_training_csv(boat_schema, path), recipe)
    return once(tmp_path_factory, "boat-scorecard", made)


def write_boats(path: Path) -> None:
    """Write a table in which a high price and a low score are bad."""
    random = np.random.default_rng(3)
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["boat price", "bureau_score", "account", "age_in_years", "mooring", "repaid"])
        for _ in range(400):
            price, score = random.uniform(5, 90), int(random.uniform(300, 850))
            account = random.choice(["no checking account", "less than a thousand for at least a year"])
            age, mooring = int(random.uniform(20, 70)), random.choice(["Yes", "No"])
            chance = 1 / (1 + np.exp(-(score - 500) / 60 + price / 20 - 1))
            shown = -9 if random.random() < 0.1 else score
            repaid = "yes" if random.random() < chance else "no"
            lines.writerow([f"{price:.3f}", shown, account, age, mooring, repaid])


@pytest.fixture
def boat_loan(db: None, boat_schema: Schema) -> Product:
    return products.add_product(schema=boat_schema, by=None, reason="We lend on boats now")


@pytest.fixture(scope="session")
def boat_signed(boat_trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    directory = tmp_path_factory.mktemp("signed-boats") / "artefact"
    return directory, store.save(boat_trained, directory, django_settings.ARTEFACT_KEY)


@pytest.fixture
def boat_version(
    artefacts: Path, boat_signed: tuple[Path, str], boat_trained: TrainedModel, boat_loan: Product
) -> ModelVersion:
    """The product's active version."""
    shutil.copytree(boat_signed[0], artefacts / "boat")
    version = registry.register_stored(
        trained=boat_trained,
        artefact="boat",
        digest=boat_signed[1],
        by=None,
        product_id=boat_loan.pk,
        schema=boat_loan.schema_versions.get(),
    )
    return registry.activate(version_id=version.pk, by=None, reason="test")


@pytest.fixture
def officer(client_of: Any, boat_version: ModelVersion) -> Any:
    return client_of(Role.OFFICER)


@pytest.fixture
def boat_entries() -> dict[str, str]:
    """An application as an officer enters it: the price in EUR, which is stored in thousands."""
    return dict(ENTRIES)


@pytest.fixture
def score(officer: Any, boat_entries: dict[str, str]) -> Any:
    """Score the application with some entries changed, and return what was stored."""

    def scored(**changes: str) -> Prediction:
        reply = score_meant(officer, boat_entries | changes, f"{HOME}/score/")
        assert reply.status_code == 302, reply.content.decode()
        return Prediction.objects.order_by("pk").last()

    return scored
