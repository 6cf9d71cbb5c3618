"""The demo's two models, trained on synthetic samples of their own (needs scikit-learn)."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ml.evaluation.metrics import ProgressCallback
from ml.products.loan_prediction.sample import write_sample
from ml.tables.frames import read_training_csv
from ml.training.recipes import get
from ml.training.training import TrainedModel, train

_SAMPLES = {"demo-sample-1.csv": (480, 20240611), "demo-sample-2.csv": (900, 20250117)}  # rows, seed


_PHASES = 6  # of a training of the scorecard


class _Share:
    """Tells how much of a training is done: its phases take about the same time."""

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell, self._phases = tell, set[str]()

    def __call__(self, phase: str, done: int, total: int) -> None:
        self._phases.add(phase)
        self._tell((len(self._phases) - 1 + done / total) / _PHASES)


def train_models(progress: Callable[[int, float], None]) -> list[TrainedModel]:
    """Train both; `progress` is called with the place of a model, 0 or 1, and the share that is done."""
    return [
        _train(name, rows, seed, _Share(partial(progress, place)))
        for place, (name, (rows, seed)) in enumerate(_SAMPLES.items())
    ]


def _train(name: str, rows: int, seed: int, progress: ProgressCallback) -> TrainedModel:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / name
        write_sample(path, rows, seed)
        return train(read_training_csv(path), get("scorecard"), progress=progress)
