"""Rules and the limit of the policy in force that a schema cannot apply.

`check_policy` refuses a policy with such a rule. An activation or another schema may still come later: it is
not refused, because rolling back must be quick, but whoever does it is told.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ml.schemas.schema import Schema
from ml.scorecard.policy_rules import unknown_columns
from predictions.models import Policy


class IdleCheck(NamedTuple):
    """A rule, or the limit, that never holds.

    Attributes
    ----------
    code
        The code among causes: ``rule:CODE`` or ``limit:amount``.
    attr
        The column that the schema lacks, or has with values of another kind; None for the limit.
    """

    code: str
    attr: str | None
    detail: str


def idle_checks(*, product_id: int, schema: Schema) -> list[IdleCheck]:
    """Return what a product's policy in force checks in vain in applications of a schema."""
    return list(_idle_checks(Policy.objects.of_product(product_id).newest(), schema))


def _idle_checks(policy: Policy, schema: Schema) -> Iterator[IdleCheck]:
    for rule in policy.rule.rules:
        for column in unknown_columns(rule, schema):
            detail = (
                f"The rule {rule.code!r} of {policy} never holds: it reads {column!r}, which the schema has "
                "not, or not in this kind. Change or remove the rule."
            )
            yield IdleCheck(f"rule:{rule.code}", column, detail)
    if policy.limit_amount is not None and schema.amount is None:
        detail = f"The limit of the amount of {policy} never holds: the schema names no amount."
        yield IdleCheck("limit:amount", None, detail)
