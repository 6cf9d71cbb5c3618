"""A site with a second product, whose applications have the built-in product's columns."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import digest_of
from predictions.models import ModelVersion, Product
from predictions.services.products import products
from predictions.services.versions import registry


def schema_of(name: str, **changed: object) -> SimpleNamespace:
    """What a product takes from its declared schema, whose document is changed."""
    document = built_in().document | {"name": name, "title": "Car loan"} | changed
    declared = {"name": name, "title": document["title"], "document": document}
    return SimpleNamespace(**declared, digest=digest_of(document))


@pytest.fixture
def car_loan(db: None) -> Product:
    return products.add_product(schema=schema_of("car-loan"), by=None, reason="We lend on cars now")


@pytest.fixture
def register_car(
    artefacts: Path, signed: tuple[Path, str], trained: object, car_loan: Product
) -> Callable[[], ModelVersion]:
    """Register the trained model as a candidate of the second product."""

    def make() -> ModelVersion:
        name = f"car-{ModelVersion.objects.count()}"
        shutil.copytree(signed[0], artefacts / name)
        return registry.register_stored(
            trained=trained,
            artefact=name,
            digest=signed[1],
            by=None,
            product_id=car_loan.pk,
            schema=car_loan.schema_versions.get(),
        )

    return make


@pytest.fixture
def car_version(register_car: Callable[[], ModelVersion]) -> ModelVersion:
    """The second product's active version."""
    return registry.activate(version_id=register_car().pk, by=None, reason="test")
