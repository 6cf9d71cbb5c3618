"""What each process of a test run does before the first test: read what it needs, rest its memory."""

import gc
from pathlib import Path

import pytest

# A run keeps thousands of tests, which Python would walk over and over for the few cycles that a test makes.
gc.set_threshold(50_000, 20, 100)

# Schemathesis derives thousands of requests while the file is read, for slow tests alone.
LONG_TO_READ = "test_schema_conformance.py"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path.name == LONG_TO_READ and config.option.markexpr == "not slow" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what lives until the end, the modules and the tests, out of every later collection."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let libraries free at exit what they made: one of them reports what is left as a leak."""
    gc.unfreeze()
