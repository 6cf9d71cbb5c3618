"""Train a version from a CSV file, or from the synthetic sample when there is none."""

import tempfile
from pathlib import Path

from ml.datasets import Dataset, read_training_csv
from ml.evaluation import Progress
from ml.recipes import get
from ml.sample import write_sample
from ml.training import train
from predictions.models import ModelVersion
from predictions.models.owned import Caller
from predictions.services import registry

SAMPLE_NAME = "synthetic-sample.csv"


def train_version(
    *, data: Path | None, recipe: str, progress: Progress, by: Caller | None = None
) -> ModelVersion:
    """Train and register a candidate; raises an `MLError` that says what is wrong with the data."""
    dataset = read_training_csv(data) if data else _sample()
    return registry.register(trained=train(dataset, get(recipe), progress=progress), by=by)


def _sample() -> Dataset:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / SAMPLE_NAME
        write_sample(path)
        return read_training_csv(path)
