"""Policies, and groups of applicants, in words for pages, admin and commands."""

from collections.abc import Mapping
from typing import TypeVar

from ml.applications.schema import BY_COLUMN
from ml.applications.types import Value
from ml.figures import exact_percent_text
from ml.scorecard.outcomes import REFER
from predictions.models import Policy


def policy_sentences(policy: Policy) -> list[str]:
    """Return sentences that say what the policy does with an application."""
    at = _percent(policy.threshold)
    return [
        f"Approved from {at} up, denied below.",
        f"Referred to a person {_where(policy)}." if policy.refer_low is not None else "No refer band.",
        "Referred, too, when a missing value could flip the outcome."
        if policy.refer_gaps
        else "Missing values refer nothing.",
        "Referred, too, when a value has a remark, whatever the probability."
        if policy.rule.remarks == REFER
        else "Remarks about values refer nothing.",
    ]


def band_words(policy: Policy) -> str:
    if policy.refer_low is None or policy.refer_high is None:
        return "none"
    return f"{exact_percent_text(policy.refer_low)} to {_percent(policy.refer_high)}"


def missing_value_rule_words(policy: Policy) -> str:
    return "refer" if policy.refer_gaps else "do not refer"


def remark_rule_words(policy: Policy) -> str:
    return "refer" if policy.rule.remarks == REFER else "do not refer"


def policy_changes(policy: Policy, before: Policy) -> list[str]:
    """Return what differs from the policy `before`."""
    pairs = zip(_facts(before).items(), _facts(policy).values(), strict=True)
    return [f"{name}: {old} → {new}" for (name, old), new in pairs if old != new]


def _facts(policy: Policy) -> dict[str, str]:
    return {
        "Threshold": _percent(policy.threshold),
        "Refer band": band_words(policy),
        "Missing values that could flip the outcome": missing_value_rule_words(policy),
        "Remarks about values": remark_rule_words(policy),
    }


def _where(policy: Policy) -> str:
    low, high = policy.refer_low or 0, policy.refer_high or 0
    return f"from {_percent(low)} up to, not including, {_percent(high)}"


def _percent(share: float) -> str:
    return f"{exact_percent_text(share)}\N{NO-BREAK SPACE}%"


_Tally = TypeVar("_Tally")


def labelled_groups(column: str, tallies: Mapping[Value, _Tally]) -> tuple[str, list[tuple[str, _Tally]]]:
    """Return the label of a column, and its groups' labels and tallies in the order of its choices.

    The group of missing values comes last.
    """
    feature = BY_COLUMN[column]
    names: dict[Value, str] = {**dict(feature.choices), None: "Not given"}
    return feature.label, [(names[value], tallies[value]) for value in names if value in tallies]
