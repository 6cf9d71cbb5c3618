"""What each process of a test run does before the first test: read what it needs, rest its memory."""

import gc
from pathlib import Path

import pytest
from hypothesis import settings

# A run keeps thousands of tests, which Python would walk over and over for the few cycles that a test makes.
gc.set_threshold(50_000, 20, 100)

# Schemathesis derives thousands of requests while the file is read, for slow tests alone.
LONG_TO_READ = "test_schema_conformance.py"

# Speed is measured in benchmarks/, never asserted by a test.
settings.register_profile("fast", deadline=None, max_examples=25)
settings.register_profile("whole", deadline=None, max_examples=100)


def pytest_configure(config: pytest.Config) -> None:
    """Draw few examples in the tests of every commit, and more in the runs of all tests."""
    settings.load_profile("fast" if is_fast(config) else "whole")


def is_fast(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "not slow")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path.name == LONG_TO_READ and is_fast(config) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what lives until the end, the modules and the tests, out of every later collection."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let libraries free at exit what they made: one of them reports what is left as a leak."""
    gc.unfreeze()
