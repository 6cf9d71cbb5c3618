"""What changes if a version takes the active one's place, and whether the gate lets it."""

from dataclasses import dataclass
from typing import Any

from predictions.models import ModelVersion
from predictions.services import comparison_requests, gate
from predictions.web import figures


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of both versions; `same` tells whether switching changes it."""

    label: str
    active: str
    other: str

    @property
    def same(self) -> bool:
        return self.active == self.other


class Switch:
    """A version that is not active, beside the active one (if there is one)."""

    def __init__(self, version: ModelVersion, active: ModelVersion | None) -> None:
        self.version, self.active = version, active
        self.judged, self.blocks = gate.judges(version), gate.blocks(active)
        found = gate.comparison(version, active) if self.judged else None
        self.verdict: dict[str, Any] | None = found.verdict if found else None
        self.error = found.error if found else ""
        self.compared_at = found.at if found else None
        self.wish = comparison_requests.state(version) if self.judged and not self.verdict else ""
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


def _lines(active: ModelVersion, other: ModelVersion) -> list[Line]:
    facts = [_facts(active), _facts(other)]
    return [Line(label, facts[0][label], facts[1][label]) for label in facts[0]]


def _facts(version: ModelVersion) -> dict[str, str]:
    return {
        "Recipe": version.get_recipe_display(),
        "Training file": f"{version.data_name}{', synthetic sample data' if version.synthetic else ''}",
        "File's digest": version.data_digest[:12],
        "Rows": str(version.report["rows"]),
        "Inputs it reads": ", ".join(version.columns),
        "Protected inputs": ", ".join(version.protected_columns) or "None",
        "Chosen parameters": figures.chosen(version),
        **{figure.title: _words(figure) for figure in figures.headline(version)},
    }


def _words(figure: figures.Figure) -> str:
    return f"{figure.mean} ({figure.low} to {figure.high})"
