"""scikit-learn's own checks of an estimator."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from ml.forest.forest import ImpuritySplitForest
from ml.training.logistic import NonNegativeLogisticRegression
from ml.training.woe import WeightOfEvidence

WEIGHTS = (
    "a forest draws its bootstrap by rows, so weight 2 is not a row twice; true of RandomForestClassifier too"
)


def exceptions(estimator):
    if not isinstance(estimator, ImpuritySplitForest):
        return {}
    data = ("dense", "sparse")
    return {f"check_sample_weight_equivalence_on_{kind}_data": WEIGHTS for kind in data}


@parametrize_with_checks(
    [WeightOfEvidence(), NonNegativeLogisticRegression(), ImpuritySplitForest()],
    expected_failed_checks=exceptions,
)
def test_the_estimator_keeps_scikit_learn_s_rules(estimator, check):
    check(estimator)
