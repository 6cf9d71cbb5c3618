"""A site that is made ready once, and a copy of it for each test; run by `make test-faults` alone."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from predictions.tests.faults import databases
from predictions.tests.faults.site import Site


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site as `make run` leaves it: accounts and a model of the sample; on the server of DATABASE_URL."""
    url = os.environ.get("DATABASE_URL", "")
    name = f"{databases.name_of(url)}_faults"
    site = Site(tmp_path_factory.mktemp("prepared"), databases.beside(url, name) if url else "")
    site.manage("prepare")
    yield site
    if url:
        databases.drop(url, name)


@pytest.fixture
def site(prepared: Site, tmp_path: Path) -> Iterator[Site]:
    """A copy that this test may break."""
    copied = prepared.copy(tmp_path / "site")
    yield copied
    if copied.database:
        databases.drop(copied.database, databases.name_of(copied.database))


@pytest.fixture
def token(site: Site) -> str:
    """Of one who may do everything."""
    return site.manage("create_api_token", "admin").strip()


@pytest.fixture
def program(site: Site) -> str:
    """Of one who only scores: such calls take the hot path."""
    return site.manage("create_api_token", "client").strip()


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line of figures though the test passes."""

    def printed(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}")  # noqa: T201 - what the suite counted is what it is run for

    return printed
