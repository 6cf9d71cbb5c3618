"""How many stored predictions each rule holds for."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ml.scorecard.policy_rules import PolicyRule, policy_checks
from predictions.live.schemas import schema_of_version
from predictions.models import Prediction

NEWEST = 1_000  # stored cases that the check of a rule looks at


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
