"""A policy in words."""

from predictions.models import Policy


def sentences(policy: Policy) -> list[str]:
    """Say what the policy does with an application."""
    low, high = policy.refer_low, policy.refer_high
    said = [f"Approved from {_percent(policy.threshold)} up, denied below."]
    if low is not None and high is not None:
        said.append(f"Referred to a person from {_percent(low)} up to, not including, {_percent(high)}.")
    if policy.refer_gaps:
        said.append("Referred, too, when a missing value could flip the outcome.")
    return said


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
