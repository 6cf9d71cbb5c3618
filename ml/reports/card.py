"""The model card: purpose, training data, metrics and limits of a version.

Every card is complete: a missing fact is an error that names the fact. Reference: M. Mitchell et al., "Model
Cards for Model Reporting", FAT* 2019.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ml.errors import CardFieldMissing
from ml.figures import percent_text
from ml.products.loan_prediction import card_words
from ml.products.loan_prediction.schema import built_in
from ml.reports import card_metrics, card_strength
from ml.reports.card_metrics import CardFacts, CardRow, CardSection, CardTable, require_fact, require_facts
from ml.reports.report import one_rule_of, reasons_words
from ml.schemas.features import Feature
from ml.schemas.schema import Schema

SYNTHETIC_WARNING = "Trained on synthetic sample data. Do not use its predictions for real people."
UNCONFIRMED_WARNING = "Nobody has confirmed what a good outcome means."


def purpose_section(facts: CardFacts) -> CardSection:
    """Describe the purpose of the model and its users."""
    product, target = facts.get("product"), _schema(facts).target
    other = f"; {card_words.NOT_MEANT_FOR}" if _is_built_in(facts) else ""
    words = [
        *([f"Product: {product}."] if product else []),
        "Estimates the probability of a good outcome, from past applications with known outcomes. "
        f"A good outcome means: {target.means}. The model advises; a person decides.",
        *([] if require_fact(facts, "means_confirmed") else [UNCONFIRMED_WARNING]),
        f"Roles that may score with it: {', '.join(require_fact(facts, 'users'))}. "
        f"Status: {require_fact(facts, 'status')}.",
        "Not meant for: decisions without a person; loans, countries or currencies other than those of the "
        f"training data; predicting another outcome than this one{other}.",
    ]
    return CardSection("Purpose and use", tuple([SYNTHETIC_WARNING, *words] if _synthetic(facts) else words))


def data_section(facts: CardFacts) -> CardSection:
    """Describe the training data."""
    rows, approved = require_fact(facts, "report.rows"), require_fact(facts, "report.approved")
    confirmed = require_fact(facts, "report").get("confirmed", [])  # not in reports of older releases
    table_rows: tuple[CardRow, ...] = (
        ("File", require_fact(facts, "data.name")),
        ("SHA-256", require_fact(facts, "data.sha256")),
        ("Rows", f"{rows:,}"),
        ("Rows of the final fit", f"{require_fact(facts, 'report.training_rows'):,}"),
        ("Good outcomes", f"{approved:,} ({percent_text(approved / rows)})"),
        ("A good outcome means", _schema(facts).target.means),
        *_outcome_rows(_schema(facts)),
        *_unused_rows(require_fact(facts, "report")),
        ("Trained", _moment(require_fact(facts, "trained_at"))),
        ("Kind", "synthetic sample data" if _synthetic(facts) else "not marked as synthetic"),
        *(("Confirmed units", f"{column['column']}: {column['words']}") for column in confirmed),
    )
    return CardSection(
        "Training data", tables=(CardTable("File, rows and date", ("Fact", "Value"), table_rows),)
    )


def columns_section(facts: CardFacts) -> CardSection:
    """List the columns that the model reads and those that it does not read."""
    used, schema = require_fact(facts, "columns"), _schema(facts)
    protected = require_facts(facts, "protected_columns")
    if protected:
        words = f"This model USES PROTECTED COLUMNS: {', '.join(protected)}."
    elif schema.protected:
        left_out = ", ".join(schema.protected)
        words = f"Protected columns are left out: {left_out}. They only serve to compare groups."
    else:
        words = "No column is declared as protected."
    rows = tuple(_column(feature, feature.column in used) for feature in schema.features)
    table = CardTable("Columns used and not used", ("Column", "Meaning", "Used", "Protected"), rows)
    return CardSection("Columns", (words,), tables=(table,))


def limits_section(facts: CardFacts) -> CardSection:
    """List the limits of the model."""
    words = [
        "No higher accuracy is promised. Read the accuracy with its interval and beside the one-rule "
        f"baseline ({one_rule_of(require_fact(facts, 'report'))}).",
        "The model learned from past outcomes, including those of unfair decisions.",
        _proxy_warning(facts),
        "Groups with fewer than 30 rows are counted but not compared.",
        "Parameters were tuned on the rows of the metrics, so the metrics are slightly optimistic.",
        "Applications unlike the training data are scored, too. An unusual value, or a value outside the "
        "training range, gets a remark; a policy can refer such an application to a person.",
    ]
    return CardSection("Limits", points=tuple([SYNTHETIC_WARNING, *words] if _synthetic(facts) else words))


def contest_section(facts: CardFacts) -> CardSection:
    """Describe how to contest a decision."""
    explained = require_fact(facts, "recipe") == "scorecard"
    shows = "the weight of each column" if explained else "no reasons (this recipe has none)"
    words = (
        "Ask the lender for the number of the prediction. A prediction never changes: its page shows the "
        f"values as scored, the missing values, the threshold, and {shows}.",
        "If a value is wrong or missing, ask the lender to correct it and to score the application again. "
        "The first prediction is kept.",
        "The model only advises. Ask for a person to decide; this person may decide against the model.",
    )
    return CardSection("How to contest a decision", points=words)


def history_section(facts: CardFacts) -> CardSection:
    """List when the version became active, by whom and why."""
    activations = require_facts(facts, "activations")
    if not activations:
        return CardSection("Version history", ("This version has never been active.",))
    rows = tuple(_activation(activation) for activation in activations)
    head = ("Active from", "Activated by", "Reason", "Gate")
    return CardSection("Version history", tables=(CardTable("Activations, newest first", head, rows),))


def _schema(facts: CardFacts) -> Schema:
    schema: Schema = require_fact(facts, "schema")
    return schema


def _is_built_in(facts: CardFacts) -> bool:
    return _schema(facts).name == built_in().name


def _proxy_warning(facts: CardFacts) -> str:
    if _is_built_in(facts):
        return card_words.PROXY_WARNING
    protected = _schema(facts).protected
    if not protected:
        return "No column is declared as protected, so no group is compared for its protection."
    return (
        f"A model without {', '.join(protected)} can still treat their groups differently: other columns may "
        "be related to them. Compare the rates by group."
    )


def _outcome_rows(schema: Schema) -> Iterator[CardRow]:
    target = schema.target
    yield f"Values of {target.column}", f"good: {', '.join(target.good)}; bad: {', '.join(target.bad)}"
    if target.leave_out:
        yield "Left out", ", ".join(target.leave_out)


def _unused_rows(report: Mapping[str, Any]) -> Iterator[CardRow]:
    """Yield what the reports of older releases do not tell."""
    if report.get("left_out"):
        yield "Rows left out by their outcome", f"{report['left_out']:,}"
    if report.get("left_out_why"):
        yield "Of these with a reason", reasons_words(report["left_out_why"])
    if report.get("further"):
        yield "Columns of the file that were not used", ", ".join(report["further"])
    if report.get("absent"):
        yield "Columns that the file lacks", ", ".join(report["absent"])


def _synthetic(facts: CardFacts) -> bool:
    return bool(require_fact(facts, "data.synthetic"))


def _column(feature: Feature, used: bool) -> CardRow:
    return feature.column, feature.label, "yes" if used else "no", "yes" if feature.protected else "no"


def _activation(activation: Mapping[str, Any]) -> CardRow:
    gate = "overridden" if activation["overridden"] else "not overridden"
    by = activation["by"] or "an operator's command"
    return _moment(activation["at"]), by, activation["reason"], gate


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} {at:%Z}".strip()


SECTIONS = (
    purpose_section,
    data_section,
    columns_section,
    card_metrics.training_section,
    card_metrics.metrics_section,
    card_strength.strength_section,
    card_metrics.calibration_section,
    card_metrics.fairness_section,
    card_metrics.protected_cost_section,
    card_metrics.learning_curve_section,
    limits_section,
    contest_section,
    history_section,
)

_SPECIAL = re.compile(r"([\\`*\[\]<>|#~])")  # characters with a meaning in Markdown


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
        ``name`` and ``status`` of the version; ``schema`` (Schema) and whether its ``means_confirmed``;
        ``product``, its title if there are several; ``recipe`` and its ``title``; ``columns`` that the model
        may see and ``protected_columns`` among them; ``users``, who may score with it; ``data`` with
        ``name``, ``sha256`` and ``synthetic``; ``trained_at`` (datetime); ``report`` (see
        `ml.training.training.TrainedModel`); ``activations``, a list, newest first, of ``{"at", "by",
        "reason", "overridden"}``, where ``by`` is ``None`` for a command of an operator.

    Raises
    ------
    CardFieldMissing
        If a fact is missing; the message names it, such as ``report.groups``.
    """
    try:
        made = (section(facts) for section in SECTIONS)
        sections = tuple(section for section in made if section is not None)
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
