"""How many stored predictions each rule holds for, and how many each cause refers or denies."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ml.scorecard.policy_rules import PolicyRule, policy_checks
from predictions.live.schemas import schema_of_version
from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet
from predictions.services.versions.stored_rows import iter_by_key

NEWEST = 1_000  # stored cases that the check of a rule looks at
MOST_COUNTED = 10_000  # predictions whose causes are counted
_FACTS = ("inputs", "gaps", "warnings", "approval_probability", "policy", "model_version", "outcome")


class Counts(NamedTuple):
    """The number of predictions that were looked at, and for how many of them each code holds."""

    rows: int
    by_code: Counter[str]


def count_rules(*, product_id: int, rules: Sequence[PolicyRule]) -> Counts:
    """Count for how many of a product's newest predictions each rule holds, by its code."""
    by_code: Counter[str] = Counter()
    rows = 0
    newest = Prediction.objects.of_product(product_id).only("inputs", "model_version").order_by("-pk")
    for prediction in newest[:NEWEST]:
        checks = policy_checks(schema_of_version(prediction.model_version_id), tuple(rules), None)
        by_code.update(check.code.removeprefix("rule:") for check in checks.held(prediction.inputs))
        rows += 1
    return Counts(rows, by_code)


def count_causes(rows: PredictionQuerySet) -> Counts:
    """Count the causes of the newest predictions of a list, as their pages name them."""
    by_code: Counter[str] = Counter()
    count = 0
    listed = rows.select_related("policy").only(*_FACTS)
    for chunk in iter_by_key(listed, MOST_COUNTED, key=lambda prediction: prediction.pk):
        count += len(chunk)
        for prediction in chunk:
            by_code.update({cause["code"] for cause in prediction.causes})
    return Counts(count, by_code)
