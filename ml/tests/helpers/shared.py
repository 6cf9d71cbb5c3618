"""What takes long to make is made by one of the processes of a run, and read by the others."""

import contextlib
import dataclasses
import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from ml.tables.frames import Dataset
from ml.tests.helpers.tables import TRAINED_AT
from ml.training.recipes import get
from ml.training.training import TrainedModel, train

T = TypeVar("T")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[], T]) -> T:
    """Return what `make` makes in whichever process comes first."""
    with alone_at(factory, name) as place:
        if not place.exists():
            place.write_bytes(pickle.dumps(make()))
        return pickle.loads(place.read_bytes())  # noqa: S301 - written a moment ago, by this run


@contextlib.contextmanager
def alone_at(factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """Yield the path of a file that all processes of a run share, to one process at a time."""
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"{name}.made"
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def scorecard_of_sample(factory: pytest.TempPathFactory, dataset: Dataset) -> TrainedModel:
    """Return a scorecard trained on the synthetic sample: four seconds, once for the library and the site."""
    return once(factory, "scorecard", lambda: train(dataset, get("scorecard"), now=lambda: TRAINED_AT))


def forest_of_sample(factory: pytest.TempPathFactory, dataset: Dataset) -> TrainedModel:
    """Return the article's forest, trained on the synthetic sample with one candidate in place of 144."""
    quick = {name: values[:1] for name, values in get("article").grid.items()}
    recipe = dataclasses.replace(get("article"), grid=quick)
    return once(factory, "forest", lambda: train(dataset, recipe))
