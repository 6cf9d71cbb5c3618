"""The demo's two models, trained on synthetic samples of their own (needs scikit-learn)."""

import tempfile
from pathlib import Path

from ml.datasets import read_training_csv
from ml.evaluation import Progress, no_progress
from ml.recipes import get
from ml.sample import write_sample
from ml.training import TrainedModel, train

_SAMPLES = {"demo-sample-1.csv": (480, 20240611), "demo-sample-2.csv": (900, 20250117)}  # rows, seed


def train_models(progress: Progress = no_progress) -> list[TrainedModel]:
    return [_train(name, rows, seed, progress) for name, (rows, seed) in _SAMPLES.items()]


def _train(name: str, rows: int, seed: int, progress: Progress) -> TrainedModel:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / name
        write_sample(path, rows, seed)
        return train(read_training_csv(path), get("scorecard"), progress=progress)
