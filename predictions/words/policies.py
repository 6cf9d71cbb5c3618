"""A policy in words, for pages, admin and command line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from ml.applications.types import Value
from ml.figures import exact_percent_text
from ml.schemas.features import Feature
from ml.scorecard.outcomes import REFER
from ml.scorecard.policy_rules import DENY, PolicyRule, rules_to_facts
from predictions.models import Policy

# The model's advice by outcome. A person's decision reads "approved" or "denied".
ADVICE = {"approved": "model: approve", "denied": "model: deny", "refer": "model: a person decides"}


def policy_sentences(policy: Policy) -> list[str]:
    """Return the rules of a policy as sentences."""
    at = _percent(policy.threshold)
    return [
        f"Approve from {at}, deny below.",
        f"Refer to a person from {band_words(policy)}." if policy.refer_low is not None else "No refer band.",
        "Refer when a missing value could change the outcome."
        if policy.refer_gaps
        else "Missing values: do not refer.",
        "Refer when a value has a remark." if policy.rule.remarks == REFER else "Remarks: do not refer.",
        *(
            [f"Refer an amount above {limit_amount_words(policy)}."]
            if policy.limit_amount is not None
            else []
        ),
        *(rule_words(rule) for rule in policy.rule.rules),
        *([f"A second person confirms {limit_words(seconds)}."] if (seconds := _seconds(policy)) else []),
    ]


SECOND_WORDS = {
    "second_for_overrides": "decisions against the advice",
    "second_for_letters": "letters",
    "second_for_policies": "changes of the policy",
    "second_for_gate": "activations against the gate",
}
_LIMIT_WORDS = SECOND_WORDS | {"limit_amount": "a higher limit of the amount, or none"}


def limit_words(limits: Iterable[str]) -> str:
    """Name what a second person must confirm, by the fields of a policy."""
    return ", ".join(_LIMIT_WORDS.get(limit, limit) for limit in limits)


def rule_words(rule: PolicyRule) -> str:
    """Return a rule as a sentence."""
    verb = "Deny" if rule.action == DENY else "Refer"
    return f"{verb} if {rule.text} (rule {rule.code})."


def limit_amount_words(policy: Policy) -> str:
    return "none" if policy.limit_amount is None else f"{policy.limit_amount:,.10g}"


def _seconds(policy: Policy) -> list[str]:
    return [name for name in SECOND_WORDS if getattr(policy, name)]


BELOW_THRESHOLD = "threshold"  # in place of a cause, where there is none


def cause_words(code: str) -> str:
    """Name a cause that refers or denies, by its code."""
    kind, _, name = code.partition(":")
    words = {
        "band": "Refer band",
        "gap": "Missing value",
        "limit": "Limit of the amount",
        BELOW_THRESHOLD: "Probability below the threshold alone",
    }
    return words.get(kind) or {"remark": f"Remark {name}", "rule": f"Rule {name}"}.get(kind, code)


def band_words(policy: Policy) -> str:
    if policy.refer_low is None or policy.refer_high is None:
        return "none"
    return f"{_percent(policy.refer_low)} to under {_percent(policy.refer_high)}"


def missing_value_rule_words(policy: Policy) -> str:
    return "refer" if policy.refer_gaps else "do not refer"


def remark_rule_words(policy: Policy) -> str:
    return "refer" if policy.rule.remarks == REFER else "do not refer"


def policy_changes(policy: Policy, before: Policy) -> list[str]:
    """Return the differences between a policy and the policy before it, in words."""
    pairs = zip(_facts(before).items(), _facts(policy).values(), strict=True)
    changes = [f"{name}: {old} → {new}" for (name, old), new in pairs if old != new]
    return changes + _rule_changes(policy.rule.rules, before.rule.rules)


def _rule_changes(rules: Sequence[PolicyRule], before: Sequence[PolicyRule]) -> list[str]:
    """Return the rules that came, went or changed, by their codes."""
    old, new = {rule.code: rule for rule in before}, {rule.code: rule for rule in rules}
    added = [f"New rule: {rule_words(rule)}" for code, rule in new.items() if code not in old]
    gone = [f"Rule {code} removed." for code in old if code not in new]
    changed = [
        f"Changed rule: {rule_words(new[code])}" for code in old if code in new and _differ(new, old, code)
    ]
    moved = [*old] != [*new] and {*old} == {*new}
    return added + changed + gone + (["Rules: another order."] if moved else [])


def _differ(new: Mapping[str, PolicyRule], old: Mapping[str, PolicyRule], code: str) -> bool:
    facts = [rules_to_facts([rules[code]]) for rules in (new, old)]
    return facts[0] != facts[1]


def _facts(policy: Policy) -> dict[str, str]:
    return {
        "Threshold": _percent(policy.threshold),
        "Refer band": band_words(policy),
        "Missing values that could change the outcome": missing_value_rule_words(policy),
        "Remarks about values": remark_rule_words(policy),
        "Limit of the amount": limit_amount_words(policy),
        "A second person confirms": limit_words(_seconds(policy)) or "nothing",
    }


def _percent(share: float) -> str:
    return f"{exact_percent_text(share)}%"


_Result = TypeVar("_Result")


def labelled_groups(
    feature: Feature, results: Mapping[Value, _Result]
) -> tuple[str, list[tuple[str, _Result]]]:
    """Return the column's label and the labelled results by value, missing values last."""
    names: dict[Value, str] = {**feature.group_labels, None: "Not given"}
    return feature.label, [(names[value], results[value]) for value in names if value in results]
