"""What tests of the app share: a trained model, an active version, users by role, one application."""

import dataclasses
import itertools
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db import connection, transaction
from django.test import Client, override_settings
from pytest_django.plugin import blocking_manager_key

from ml.artefacts import store
from ml.products.loan_prediction.sample import write_sample
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import read_training_csv
from ml.tests.helpers.shared import alone_at, scorecard_of_sample
from ml.training.training import TrainedModel
from predictions.live.process_state import reset_process_state, token_cache
from predictions.models import ModelVersion, TrainingFile
from predictions.roles import Role
from predictions.services.versions import registry, training_files
from predictions.tests.helpers import migrated, versions

SCHEMA = built_in()

PASSWORD = "correct horse battery"
APPLICATION = {
    "Loan_ID": "LP001015", "Gender": "Male", "Married": "Yes", "Dependents": "0",
    "Education": "Graduate", "Self_Employed": "No", "ApplicantIncome": 5720, "CoapplicantIncome": 0,
    "LoanAmount": 110, "Loan_Amount_Term": 360, "Credit_History": 1, "Property_Area": "Urban",
}  # fmt: skip
QUERY_COUNTS = {"django_assert_num_queries", "django_assert_max_num_queries"}
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"


@pytest.fixture(scope="session", autouse=True)
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test waits for a slow hash, collected files, or a lock of another process of this run.

    Static files are served from the checkout; WhiteNoise warns when their directory is not there. Each
    process has a database of its own, so the Idempotency-Keys that its calls hold are no others' keys.
    """
    storages = django_settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN_STATIC}}
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES=storages,
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        VAR=tmp_path_factory.mktemp("var"),
    ):
        yield


@pytest.fixture(autouse=True)
def apart() -> Iterator[None]:
    """Nothing that a process remembers leaks from test to test."""
    reset_process_state()
    yield
    reset_process_state()


@pytest.fixture(autouse=True)
def within_a_second(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stop the clock where queries are counted: what a process remembers for a second is looked up once.

    A slow machine would look up some of it again, and count more queries than a quick one.
    """
    if not QUERY_COUNTS.intersection(request.fixturenames):
        yield
        return
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with token_cache.timer:
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """Put back what migrations stored, after a test that ends by emptying every table.

    Any test may come next: files are shared out among processes, in no order of their own.
    """
    marker = item.get_closest_marker("django_db") if nextitem else None
    empties = bool(marker and marker.kwargs.get("transaction"))
    blocker = item.config.stash[blocking_manager_key] if empties else None
    result = yield
    stored = getattr(connection, "_test_serialized_contents", None)
    if blocker and stored:
        with blocker.unblock():
            connection.creation.deserialize_db_from_string(stored)
    return result


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> None:
    """The migrated database: dozens of migrations take seconds, once for all processes on SQLite."""
    if connection.vendor != "sqlite":
        request.getfixturevalue("django_db_setup")
        return
    with alone_at(tmp_path_factory, "migrated") as place:
        if place.exists():
            with migrated.filled_from(place):
                request.getfixturevalue("django_db_setup")
            return
        request.getfixturevalue("django_db_setup")
        with django_db_blocker.unblock():
            migrated.copy_to(place)


@pytest.fixture(scope="module")
def module_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What a fixture of a whole module writes: every test of it finds that, and nobody later."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def sample_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic sample as a training file."""
    path = tmp_path_factory.mktemp("data") / "synthetic-sample.csv"
    write_sample(path)
    return path


@pytest.fixture(scope="session")
def trained(sample_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A scorecard trained on the synthetic sample, as if it were trained now."""
    dataset = read_training_csv(SCHEMA, sample_csv)
    model = scorecard_of_sample(tmp_path_factory, dataset)
    return dataclasses.replace(model, dataset=dataset, trained_at=datetime.now(UTC))


@pytest.fixture
def kept_table(db: None, artefacts: Path, sample_csv: Path) -> TrainingFile:
    """The table that `trained` learned from, in the store of training files."""
    return training_files.store_training_file(name=sample_csv.name, content=sample_csv.read_bytes(), by=None)


@pytest.fixture
def artefacts(settings: Any, tmp_path: Path) -> Path:
    """An empty artefact store of this test's own, and one of training files, and one of batches."""
    settings.ARTEFACTS, settings.TRAINING_FILES = tmp_path / "artefacts", tmp_path / "training"
    settings.BATCH_FILES = tmp_path / "batches"
    return settings.ARTEFACTS


@pytest.fixture(scope="session")
def signed(trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The artefact of `trained` and its digest: signed once, for tests to copy."""
    directory = tmp_path_factory.mktemp("signed") / "artefact"
    return directory, store.save(trained, directory, django_settings.ARTEFACT_KEY)


@pytest.fixture
def copied(artefacts: Path, signed: tuple[Path, str]) -> Callable[[], str]:
    """Put a copy of the artefact, which a test may spoil, into the store, and return its name."""
    names = (f"copy-{number}" for number in itertools.count())
    return lambda: shutil.copytree(signed[0], artefacts / next(names)).name


@pytest.fixture
def register(
    db: None, copied: Callable[[], str], trained: TrainedModel, signed: tuple[Path, str]
) -> Callable[[], ModelVersion]:
    """Register `trained` as a candidate, each time with a copy of its artefact."""
    return lambda: registry.register_stored(trained=trained, artefact=copied(), digest=signed[1], by=None)


@pytest.fixture
def active_version(
    db: None, copied: Callable[[], str], trained: TrainedModel, signed: tuple[Path, str]
) -> ModelVersion:
    """`trained`, registered and active."""
    name = copied()

    def make() -> ModelVersion:
        candidate = registry.register_stored(trained=trained, artefact=name, digest=signed[1], by=None)
        return registry.activate(version_id=candidate.pk, by=None, reason="test")

    return versions.once_by_services(make)


@pytest.fixture
def user_with(db: None) -> Callable[..., AbstractUser]:
    """Make a user of a role: ``user_with(Role.OFFICER)``, ``user_with(Role.OFFICER, "zoe")``."""

    def make(role: Role, name: str = "") -> AbstractUser:
        user = get_user_model().objects.create_user(name or role.value, password=PASSWORD)
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def client_of(user_with: Callable[..., AbstractUser]) -> Callable[..., Client]:
    """Make a signed-in browser of a new user: ``client_of(Role.OFFICER)``; the user is its ``.user``."""

    def make(role: Role, name: str = "") -> Client:
        client = Client()
        client.user = user_with(role, name)
        client.force_login(client.user)
        return client

    return make


@pytest.fixture
def application() -> dict[str, Any]:
    """A valid application as a JSON row."""
    return dict(APPLICATION)


@pytest.fixture
def entries(application: dict[str, Any]) -> dict[str, str]:
    """The same application as an officer enters it into the form."""
    values = {feature.name: str(application[feature.column]) for feature in SCHEMA.features}
    return values | {"loan_id": application["Loan_ID"]}
