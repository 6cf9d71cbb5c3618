"""The schema in a manifest: its columns as plain JSON, and as features again."""

import functools
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ml.applications.schema import FEATURES, Feature, Group, Kind


@dataclass(frozen=True)
class DeclaredSchema:
    """The columns of a product.

    Attributes
    ----------
    features : tuple of Feature
    document : dict
        Plain JSON, from which `schema_from_document` makes an equal schema.
    """

    features: tuple[Feature, ...]
    document: dict[str, Any]

    @functools.cached_property
    def by_column(self) -> Mapping[str, Feature]:
        """The features by public column name."""
        return {feature.column: feature for feature in self.features}


def built_in() -> DeclaredSchema:
    """Return the first version of the built-in schema."""
    return DeclaredSchema(FEATURES, {"columns": [to_json(feature) for feature in FEATURES]})


def schema_from_document(document: dict[str, Any]) -> DeclaredSchema:
    """Return the schema that a manifest carries."""
    return DeclaredSchema(tuple(_from_json(facts) for facts in document["columns"]), document)


def to_json(feature: Feature) -> dict[str, Any]:
    """Return the facts of a feature; an infinite end of `usual` is ``None``, which JSON can write."""
    steps = feature.actionable
    return asdict(feature) | {
        "usual": [end if math.isfinite(end) else None for end in feature.usual],
        "actionable": None if steps is None else [steps.start, steps.stop, steps.step],
    }


def _from_json(facts: Mapping[str, Any]) -> Feature:
    known = {field.name: facts[field.name] for field in fields(Feature) if field.name in facts}
    low, high = known["usual"]
    steps = known["actionable"]
    return Feature(
        **known
        | {
            "group": Group(known["group"]),
            "kind": Kind(known["kind"]),
            "choices": tuple((value, label) for value, label in known["choices"]),
            "numbers": tuple((number, value) for number, value in known["numbers"]),
            "usual": (-math.inf if low is None else low, math.inf if high is None else high),
            "actionable": None if steps is None else range(*steps),
        }
    )
