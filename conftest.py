"""What each process of a test run does before the first test: read what it needs, rest its memory."""

import gc
import re
import zlib
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import settings

# A run keeps thousands of tests, which Python would walk over and over for the few cycles that a test makes.
gc.set_threshold(50_000, 20, 100)

# A file of slow tests alone takes long to read: one of them derives thousands of requests.
ONLY_SLOW_TESTS = re.compile(r"^pytestmark = \[?\s*pytest\.mark\.slow\b", re.MULTILINE)

# With every commit a quarter of a test's cases run, but at least these.
FEWEST_CASES = 5

# Speed is measured in benchmarks/, never asserted by a test.
settings.register_profile("fast", deadline=None, max_examples=15)
settings.register_profile("whole", deadline=None, max_examples=100)


def pytest_configure(config: pytest.Config) -> None:
    """Draw few examples in the tests of every commit, and more in the runs of all tests."""
    settings.load_profile("fast" if is_fast(config) else "whole")


def is_fast(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "not slow")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    is_test = collection_path.match("test_*.py") and is_fast(config)
    return True if is_test and ONLY_SLOW_TESTS.search(collection_path.read_text("utf-8")) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Draw some of the cases of a test that has many, always the same ones, for the tests of every commit."""
    if not is_fast(config):
        return
    cases_by_test = defaultdict(list)
    for item in items:
        cases_by_test[item.nodeid.partition("[")[0]].append(item)
    drawn = {item for cases in cases_by_test.values() for item in draw(cases)}
    config.hook.pytest_deselected(items=[item for item in items if item not in drawn])
    items[:] = [item for item in items if item in drawn]


def draw(cases: list[pytest.Item]) -> list[pytest.Item]:
    """Return a quarter of the cases, but at least five, in an order that has nothing to do with theirs."""
    shuffled = sorted(cases, key=lambda item: zlib.crc32(item.nodeid.encode()))
    return shuffled[: max(FEWEST_CASES, len(cases) // 4)]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what lives until the end, the modules and the tests, out of every later collection."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let libraries free at exit what they made: one of them reports what is left as a leak."""
    gc.unfreeze()
