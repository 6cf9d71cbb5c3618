"""What changes if a version takes the active one's place, and whether the gate lets it."""

from dataclasses import dataclass
from typing import Any

from predictions.models import ModelVersion
from predictions.services.versions import gate
from predictions.services.versions import gate as comparison_requests
from predictions.web.models import evaluation


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """One fact of both versions, and in words what becomes of it."""

    label: str
    active: str
    other: str
    change: str


class SwitchView:
    """A version that is not active, beside the active one (if there is one)."""

    def __init__(self, version: ModelVersion, active: ModelVersion | None) -> None:
        self.version, self.active = version, active
        self.judged, self.blocks = gate.is_judged(version), gate.can_block(active)
        found = gate.newest_comparison(version, active) if self.judged else None
        self.verdict: dict[str, Any] | None = found.verdict if found else None
        self.error = found.error if found else ""
        self.compared_at = found.at if found else None
        self.wish = comparison_requests.comparison_state(version) if self.judged and not self.verdict else ""
        self.lines = _lines(active, version) if active else []

    @property
    def pending(self) -> bool:
        """Whether the comparison is on its way."""
        return self.wish in (comparison_requests.WAITING, comparison_requests.RUNNING)

    @property
    def broken(self) -> bool:
        return self.wish == comparison_requests.BROKEN

    @property
    def waits(self) -> bool:
        """Whether nothing can be decided before the comparison is made."""
        return self.pending and self.blocks

    @property
    def refused(self) -> bool:
        return self.blocks and self.verdict is not None and bool(self.verdict["refused"])

    @property
    def overridable(self) -> bool:
        """Whether "activate anyway" is on offer: the gate has refused, or could not tell."""
        return self.judged and self.blocks and (self.refused or bool(self.error) or self.broken)


def _lines(active: ModelVersion, other: ModelVersion) -> list[ComparedFact]:
    before, after = _facts(active), _facts(other)
    facts = [
        ComparedFact(
            label, before[label], after[label], "stays" if before[label] == after[label] else "changes"
        )
        for label in before
    ]
    inputs = [
        ComparedFact(
            label, _names(getattr(active, field)), _names(getattr(other, field)), _gains(active, other, field)
        )
        for label, field in (("Inputs it reads", "columns"), ("Protected inputs", "protected_columns"))
    ]
    return [*facts, *inputs, *_figures(active, other)]


def _facts(version: ModelVersion) -> dict[str, str]:
    return {
        "Recipe": version.get_recipe_display(),
        "Training file": f"{version.data_name}{', synthetic sample data' if version.synthetic else ''}",
        "File's digest": version.data_digest[:12],
        "Rows": str(version.report["rows"]),
        "Chosen parameters": evaluation.chosen_parameters_of(version),
    }


def _names(columns: list[str]) -> str:
    return ", ".join(columns) or "None"


def _gains(active: ModelVersion, other: ModelVersion, field: str) -> str:
    before, after = getattr(active, field), getattr(other, field)
    added = [column for column in after if column not in before]
    dropped = [column for column in before if column not in after]
    words = [f"{verb} {_names(names)}" for verb, names in (("adds", added), ("drops", dropped)) if names]
    return "; ".join(words) or "stays"


def _figures(active: ModelVersion, other: ModelVersion) -> list[ComparedFact]:
    """Put the headline figures side by side; only those of the same rows can be set against each other."""
    same_rows = active.data_digest == other.data_digest
    pairs = zip(evaluation.headline_metrics(active), evaluation.headline_metrics(other), strict=True)
    return [
        ComparedFact(
            now.title,
            _words(now),
            _words(then),
            evaluation.metric_change(now, then) if same_rows else "not comparable",
        )
        for now, then in pairs
    ]


def _words(figure: evaluation.MetricCell) -> str:
    return f"{figure.mean} ({figure.low} to {figure.high})"
