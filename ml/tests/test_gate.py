"""The gate's questions, on figures made by hand."""

import numpy as np
import pytest

from ml.gate import difference, judge

FOLDS = 50
NOISE = np.random.default_rng(1).normal(scale=0.01, size=FOLDS)


def figures(log_loss, noise=0.0):
    folds = {"log_loss": log_loss + noise * NOISE, "roc_auc": np.full(FOLDS, 0.75)}
    return {"folds": folds | {"accuracy": np.full(FOLDS, 0.8)}}


def verdict(own, incumbent=0.465, rule=0.481, majority=0.621):
    models = {"scorecard": figures(own, 1), "one_rule": figures(rule), "majority": figures(majority)}
    validation = {"folds": 5, "models": models}
    return judge(validation, "scorecard", None if incumbent is None else figures(incumbent)["folds"])


def outcomes(found):
    return {check.name: check.outcome for check in found.checks if check.outcome != "passed"}


def test_a_better_candidate_passes_every_check():
    assert outcomes(verdict(own=0.45)) == {}


def test_a_significantly_worse_candidate_is_refused():
    assert outcomes(verdict(own=0.48)) == {"active version": "refused"}


def test_a_slightly_worse_candidate_passes_with_a_warning():
    assert outcomes(verdict(own=0.4655)) == {"active version": "warning"}


def test_far_above_the_one_rule_is_refused():
    assert outcomes(verdict(own=0.51, incumbent=0.52)) == {"one rule": "refused"}


def test_a_little_above_the_one_rule_is_a_warning():
    assert outcomes(verdict(own=0.484, incumbent=0.49)) == {"one rule": "warning"}


def test_no_better_than_the_majority_class_is_refused():
    assert verdict(own=0.62, incumbent=0.7, rule=0.7).refused


def test_without_an_incumbent_nothing_is_refused_but_said():
    found = verdict(own=0.62, incumbent=None, rule=0.5)
    assert not found.refused
    assert outcomes(found) == {"learned something": "warning", "one rule": "warning"}


def test_the_interval_of_a_difference_is_corrected_for_shared_rows():
    gap = difference(NOISE, np.zeros(FOLDS), folds=5)
    plain = 2.0096 * NOISE.std(ddof=1) / np.sqrt(FOLDS)
    assert (gap["high"] - gap["mean"]) / plain == pytest.approx(np.sqrt(1 + FOLDS / 4), rel=1e-3)
