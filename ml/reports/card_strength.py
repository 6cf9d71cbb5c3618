"""The section of a model card about the strength of a scorecard and of each of its columns."""

from collections.abc import Mapping
from typing import Any

from ml.figures import mean_interval_text
from ml.reports.card_metrics import CardFacts, CardSection, CardTable, require_fact
from ml.schemas.schema import Schema


def strength_section(facts: CardFacts) -> CardSection | None:
    """List Gini, KS and information values; ``None`` for versions that were trained without them."""
    strength = require_fact(facts, "report").get("strength")
    if not strength:
        return None
    words = (
        f"Gini {mean_interval_text(strength['gini'])} and Kolmogorov-Smirnov distance "
        f"{mean_interval_text(strength['ks'])}, out of fold, with 95% intervals.",
        "The information value says how well a column alone separates good from bad outcomes: under 0.02 "
        "hardly, from 0.3 strongly.",
    )
    rows = tuple(
        (label, f"{value:.3f}")
        for label, value in information_values(require_fact(facts, "schema"), strength)
    )
    table = CardTable("Information value by column, highest first", ("Column", "Information value"), rows)
    return CardSection("Strength", words, tables=(table,))


def information_values(schema: Schema, strength: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the labels of a scorecard's columns with their information values, highest first."""
    columns = sorted(strength["columns"].items(), key=lambda item: -item[1]["iv"])
    return [(schema.by_model_column[name].label, facts["iv"]) for name, facts in columns]
