"""The demo's two models, each trained on a synthetic sample of its own (needs scikit-learn)."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ml.evaluation.metrics import ProgressCallback
from ml.products.loan_prediction.sample import write_sample
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import read_training_csv
from ml.training.recipes import get
from ml.training.training import TrainedModel, train

_SAMPLES = {"demo-sample-1.csv": (480, 20240611), "demo-sample-2.csv": (900, 20250117)}  # rows, seed
_N_PHASES = 6  # of the training of a scorecard


class _FinishedShare:
    """Computes the finished share of a training from its phases, which take about the same time."""

    def __init__(self, on_progress: Callable[[float], None]) -> None:
        self._on_progress, self._phases = on_progress, set[str]()

    def __call__(self, phase: str, done: int, total: int) -> None:
        self._phases.add(phase)
        self._on_progress((len(self._phases) - 1 + done / total) / _N_PHASES)


def train_models(progress: Callable[[int, float], None]) -> list[TrainedModel]:
    """Train both models. `progress` is called with the model's index, 0 or 1, and its finished share."""
    return [
        _train(name, rows, seed, _FinishedShare(partial(progress, index)))
        for index, (name, (rows, seed)) in enumerate(_SAMPLES.items())
    ]


def _train(name: str, rows: int, seed: int, progress: ProgressCallback) -> TrainedModel:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / name
        write_sample(path, rows, seed)
        return train(read_training_csv(built_in(), path), get("scorecard"), progress=progress)
