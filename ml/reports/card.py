"""The model card: what a version is for, what it was made of, how good it is, and where its limits are.

Facts in, document out: no card has a gap, a missing fact is an error that names it. Reference: M. Mitchell et
al., "Model Cards for Model Reporting", FAT* 2019.
"""

import re
from dataclasses import dataclass

from ml.errors import CardFieldMissing
from ml.reports import card_sections
from ml.reports.card_sections import CardFacts, CardRow, CardSection, CardTable, require_fact

# What Markdown would take for more than a letter.
_SPECIAL = re.compile(r"([\\`*\[\]<>|#~])")


SECTIONS = (
    card_sections.purpose_section,
    card_sections.data_section,
    card_sections.columns_section,
    card_sections.training_section,
    card_sections.metrics_section,
    card_sections.calibration_section,
    card_sections.fairness_section,
    card_sections.protected_cost_section,
    card_sections.learning_curve_section,
    card_sections.limits_section,
    card_sections.contest_section,
    card_sections.history_section,
)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model card, to be written as Markdown or HTML."""

    title: str
    sections: tuple[CardSection, ...]


def build_model_card(facts: CardFacts) -> ModelCard:
    """Make the model card of a version.

    Parameters
    ----------
    facts : mapping
        ``name`` and ``status`` of the version; ``recipe`` and its ``title``; ``columns`` that the model may
        see and ``protected_columns`` among them; ``users``, who may score with it; ``data`` with ``name``,
        ``sha256`` and ``synthetic``; ``trained_at`` (datetime); ``report`` (see
        `ml.training.training.TrainedModel`);
        ``activations``, a list, newest first, of ``{"at", "by", "reason", "overridden"}``, ``by`` being
        ``None`` where it was not done by a user.

    Raises
    ------
    CardFieldMissing
        Naming the fact that is not there, such as ``report.groups``.
    """
    try:
        sections = tuple(section(facts) for section in SECTIONS)
    except KeyError as error:  # deep inside a table of the report
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
    """Names and reasons are typed by people: they stay text, and on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
