"""Effect of activating a version: changes against the active version, and the result of the gate."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest

from ml.reports.report import chosen_parameters
from ml.schemas.schema import Schema
from predictions.live.schemas import schema_of_version
from predictions.models import ModelVersion
from predictions.services.policies.idle_checks import idle_checks
from predictions.services.versions import gate
from predictions.services.versions.meanings import meaning_of
from predictions.web.models import evaluation

NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """One fact of both versions, and its change in words."""

    label: str
    active: str
    other: str
    change: str

    @property
    def differs(self) -> bool:
        return self.change not in (evaluation.UNCHANGED, NOT_COMPARABLE)


class SwitchView:
    """A version that is not active, beside the active version (None if there is none)."""

    def __init__(self, version: ModelVersion, active: ModelVersion | None) -> None:
        self.version, self.active = version, active
        self.judged, self.blocks = gate.is_judged(version), gate.can_block(active)
        newest = gate.newest_comparison(version, active) if self.judged else None
        self.verdict = newest.verdict if newest else None
        self.error = newest.error if newest else ""
        self.compared_at = newest.at if newest else None
        self.comparison = gate.comparison_state(version) if self.judged and not self.verdict else ""
        self.lines = _lines(active, version) if active else []
        self.meaning = meaning_of(version)
        self.on_one_table = self.judged and gate.compared_on_one_table(self.verdict)

    @property
    def pending(self) -> bool:
        """Whether the comparison is queued or running."""
        return self.comparison in (gate.WAITING, gate.RUNNING)

    @property
    def broken(self) -> bool:
        return self.comparison == gate.BROKEN

    @property
    def needs_comparison(self) -> bool:
        """Whether activation must wait for the comparison to finish."""
        return self.pending and self.blocks

    @property
    def refused(self) -> bool:
        return self.blocks and self.verdict is not None and bool(self.verdict["refused"])

    @property
    def can_override(self) -> bool:
        """Whether an override is offered: the gate refuses the version or has no result."""
        return self.judged and self.blocks and (self.refused or bool(self.error) or self.broken)


def _lines(active: ModelVersion, other: ModelVersion) -> list[ComparedFact]:
    before, after = _facts(active), _facts(other)
    return [
        *(_compared_fact(label, before[label], after[label]) for label in before),
        _compared_columns("Columns used", active.columns, other.columns),
        _compared_columns("Protected columns", active.protected_columns, other.protected_columns),
        *_compared_metrics(active, other),
        *_compared_idle_checks(active, other),
    ]


def _facts(version: ModelVersion) -> dict[str, str]:
    return {
        "Recipe": version.get_recipe_display(),
        "Schema": f"version {version.schema_number}",
        "A good outcome means": meaning_of(version).words,
        "Training file": f"{version.data_name}{', synthetic sample data' if version.synthetic else ''}",
        "File digest": version.data_digest[:12],
        "Rows": str(version.report["rows"]),
        "Chosen parameters": chosen_parameters(version.report),
    }


def _names(columns: list[str]) -> str:
    return ", ".join(columns) or "None"


def _compared_fact(label: str, before: str, after: str) -> ComparedFact:
    return ComparedFact(label, before, after, evaluation.UNCHANGED if before == after else "changes")


def _compared_columns(label: str, before: list[str], after: list[str]) -> ComparedFact:
    added = [column for column in after if column not in before]
    dropped = [column for column in before if column not in after]
    changes = [
        f"{verb} {_names(columns)}" for verb, columns in (("adds", added), ("drops", dropped)) if columns
    ]
    return ComparedFact(label, _names(before), _names(after), "; ".join(changes) or evaluation.UNCHANGED)


def _compared_metrics(active: ModelVersion, other: ModelVersion) -> list[ComparedFact]:
    """Return the headline metrics side by side. Metrics of different files are not comparable."""
    same_rows = active.data_digest == other.data_digest
    pairs = zip(evaluation.headline_metrics(active), evaluation.headline_metrics(other), strict=True)
    return [
        ComparedFact(
            before.title,
            _mean_with_interval(before),
            _mean_with_interval(after),
            evaluation.metric_change(before, after) if same_rows else NOT_COMPARABLE,
        )
        for before, after in pairs
    ]


def _compared_idle_checks(active: ModelVersion, other: ModelVersion) -> list[ComparedFact]:
    """Return one fact if the policy in force has a rule or limit that never holds by one of the versions."""
    before, after = _idle_words(active), _idle_words(other)
    no_checks = before == after == _names([])
    return [] if no_checks else [_compared_fact("Rules that never hold", before, after)]


def _idle_words(version: ModelVersion) -> str:
    checks = idle_checks(product_id=version.product_key, schema=schema_of_version(version.pk))
    return " ".join(check.detail for check in checks) or _names([])


def warn_of_idle_checks(request: HttpRequest, product_id: int, schema: Schema) -> None:
    """Tell whoever has just put a schema in use what the policy in force checks in vain by it."""
    for check in idle_checks(product_id=product_id, schema=schema):
        messages.warning(request, check.detail)


def _mean_with_interval(metric: evaluation.MetricCell) -> str:
    return f"{metric.mean} ({metric.low} to {metric.high})"
