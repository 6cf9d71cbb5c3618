"""The model card: purpose, training data, metrics and limits of a version.

Every card is complete: a missing fact is an error that names the fact. Reference: M. Mitchell et al., "Model
Cards for Model Reporting", FAT* 2019.
"""

import re
from dataclasses import dataclass

from ml.errors import CardFieldMissing
from ml.reports import card_metrics, card_sections
from ml.reports.card_sections import CardFacts, CardRow, CardSection, CardTable, require_fact

_SPECIAL = re.compile(r"([\\`*\[\]<>|#~])")  # characters with a meaning in Markdown

SECTIONS = (
    card_sections.purpose_section,
    card_sections.data_section,
    card_sections.columns_section,
    card_metrics.training_section,
    card_metrics.metrics_section,
    card_metrics.calibration_section,
    card_metrics.fairness_section,
    card_metrics.protected_cost_section,
    card_metrics.learning_curve_section,
    card_sections.limits_section,
    card_sections.contest_section,
    card_sections.history_section,
)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model card, to be rendered as Markdown or HTML."""

    title: str
    sections: tuple[CardSection, ...]


def build_model_card(facts: CardFacts) -> ModelCard:
    """Build the model card of a version.

    Parameters
    ----------
    facts : mapping
        ``name`` and ``status`` of the version; ``recipe`` and its ``title``; ``columns`` that the model may
        see and ``protected_columns`` among them; ``users``, who may score with it; ``data`` with ``name``,
        ``sha256`` and ``synthetic``; ``trained_at`` (datetime); ``report`` (see
        `ml.training.training.TrainedModel`);
        ``activations``, a list, newest first, of ``{"at", "by", "reason", "overridden"}``, where ``by`` is
        ``None`` for a command of an operator.

    Raises
    ------
    CardFieldMissing
        If a fact is missing; the message names it, such as ``report.groups``.
    """
    try:
        sections = tuple(section(facts) for section in SECTIONS)
    except KeyError as error:  # inside a list of the report
        raise CardFieldMissing(str(error.args[0])) from error
    return ModelCard(f"Model card: {require_fact(facts, 'name')}, {require_fact(facts, 'title')}", sections)


def model_card_markdown(facts: CardFacts) -> str:
    """Return the model card as Markdown; see `build_model_card` for facts and errors."""
    document = build_model_card(facts)
    lines = [f"# {_escaped(document.title)}"]
    for section in document.sections:
        lines += ["", f"## {_escaped(section.title)}"]
        for paragraph in section.paragraphs:
            lines += ["", _escaped(paragraph)]
        lines += ["", *(f"- {_escaped(point)}" for point in section.points)] if section.points else []
        for table in section.tables:
            lines += ["", f"**{_escaped(table.caption)}**", "", *_table_lines(table)]
    return "\n".join(lines) + "\n"


def _table_lines(table: CardTable) -> list[str]:
    rule = "|" + " --- |" * len(table.head)
    return [_row(table.head), rule, *(_row(row) for row in table.rows)]


def _row(cells: CardRow) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    """Escape Markdown and join lines: people type names and reasons."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
