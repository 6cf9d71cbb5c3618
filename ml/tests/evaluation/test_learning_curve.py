"""The learning curve: growing parts of the same training folds."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from ml.figures import HEADLINE_METRICS
from ml.training.studies import learning_curve


class Recorder(DummyClassifier):
    """The majority class; notes which rows each fit saw."""

    seen = []

    def fit(self, X, y):
        self.seen.append((set(X.index), np.bincount(y)))
        return super().fit(X, y)


@pytest.fixture
def fits(dataset):
    Recorder.seen.clear()
    learning_curve(Recorder(strategy="prior"), dataset.frame, dataset.y)
    return list(Recorder.seen)


def test_the_curve_grows_to_whole_training_folds_with_an_interval_at_each_point(trained):
    curve = trained.report["learning_curve"]
    assert [point["rows"] for point in curve] == [99, 197, 295, 393, 491]
    for point in curve:
        assert set(point) == {"rows", *HEADLINE_METRICS}
        assert all(
            point[name]["low"] <= point[name]["mean"] <= point[name]["high"] for name in HEADLINE_METRICS
        )


def test_the_curve_ends_at_the_figures_of_the_same_folds(trained):
    folds = trained.report["cross_validation"]["models"]["scorecard"]["folds"]
    last = trained.report["learning_curve"][-1]
    assert all(last[name]["mean"] == pytest.approx(np.mean(folds[name][:10])) for name in HEADLINE_METRICS)


def test_a_part_holds_the_rows_of_the_smaller_ones(fits):
    assert len(fits) == 50
    assert all(smaller <= larger for (smaller, _), (larger, _) in zip(fits[:40], fits[10:], strict=True))


def test_both_classes_keep_their_share_in_every_part(fits, dataset):
    shares = [counts[1] / counts.sum() for _, counts in fits]
    assert shares == pytest.approx([dataset.y.mean()] * 50, abs=0.01)


def test_progress_is_told_at_every_point(dataset):
    steps = []
    learning_curve(Recorder(), dataset.frame, dataset.y, progress=lambda *step: steps.append(step))
    assert steps == [("learning curve", done, 5) for done in range(1, 6)]
