"""Sections of a model card, made of facts; those that show metrics are in `ml.reports.card_metrics`.

A missing fact is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ml.applications.schema import FEATURES, PROTECTED, Feature
from ml.errors import CardFieldMissing
from ml.figures import percent_text

CardFacts = Mapping[str, object]
CardRow = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardTable:
    """A table; the first cell of a row is the row's heading."""

    caption: str
    head: CardRow
    rows: tuple[CardRow, ...]


@dataclass(frozen=True, slots=True)
class CardSection:
    """A section with a title, followed by paragraphs, a list of points and tables, in this order."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[CardTable, ...] = ()


def require_fact(facts: CardFacts, field: str) -> Any:
    """Return the fact at a path such as ``"report.cross_validation.repeats"``.

    Raises
    ------
    CardFieldMissing
        If there is no such path, or its value is ``None`` or an empty text, list or mapping.
    """
    fact = _fact_at(facts, field)
    if fact is None or (isinstance(fact, str | list | tuple | Mapping) and not fact):
        raise CardFieldMissing(field)
    return fact


def require_facts(facts: CardFacts, field: str) -> list[Any]:
    """Return the list at a path, which may be empty.

    Raises
    ------
    CardFieldMissing
        If there is no such path, or its value is ``None``.
    """
    fact = _fact_at(facts, field)
    if fact is None:
        raise CardFieldMissing(field)
    return list(fact)


def _fact_at(facts: Any, field: str) -> Any:
    for name in field.split("."):
        facts = facts.get(name) if isinstance(facts, Mapping) else None
    return facts


SYNTHETIC_WARNING = "Trained on synthetic sample data. Do not use its predictions for real people."
PROXY_WARNING = (
    "A model without Gender and Married is not blind to them: in the public table of 614 applications, "
    "Married can be predicted from the other columns with a ROC-AUC of 0.78. So differences between groups "
    "are measured."
)


def purpose_section(facts: CardFacts) -> CardSection:
    """Describe the purpose of the model and its users."""
    words = [
        "Estimates the probability that an application for a home loan is approved, from past decisions. "
        "The model advises; a person decides.",
        f"Who may score with it: {', '.join(require_fact(facts, 'users'))}. "
        f"Status: {require_fact(facts, 'status')}.",
        "Not meant for: decisions without a person; loans, countries or currencies other than those of the "
        "training data; predicting whether a loan will be repaid, which the model did not learn.",
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
        ("Approved", f"{approved:,} ({percent_text(approved / rows)})"),
        ("Trained", _moment(require_fact(facts, "trained_at"))),
        ("Kind", "synthetic sample data" if _synthetic(facts) else "as given, not marked as synthetic"),
        *(("Unusual, but confirmed", f"{column['column']}: {column['words']}") for column in confirmed),
    )
    return CardSection(
        "Training data", tables=(CardTable("File, rows and date", ("Fact", "Value"), table_rows),)
    )


def columns_section(facts: CardFacts) -> CardSection:
    """List the columns that the model reads and those that it does not read."""
    used = require_fact(facts, "columns")
    protected = require_facts(facts, "protected_columns")
    if protected:
        words = f"This model READS PROTECTED COLUMNS: {', '.join(protected)}."
    else:
        words = (
            f"Protected columns are left out: {', '.join(PROTECTED)}. They are used only to compare groups."
        )
    rows = tuple(_column(feature, feature.column in used) for feature in FEATURES)
    table = CardTable("Read and not read", ("Column", "Meaning", "Used", "Protected"), rows)
    return CardSection("Columns", (words,), tables=(table,))


def limits_section(facts: CardFacts) -> CardSection:
    """List the limits of the model."""
    words = [
        "No higher accuracy is promised. Read an accuracy with its interval, beside the one-rule baseline: "
        "approve unless the credit history is bad.",
        "It learned from past approvals, and so from any unfairness in them.",
        PROXY_WARNING,
        "Groups with fewer than 30 rows are counted but not compared.",
        "Parameters were chosen on the rows that metrics are measured on, which flatters the model a little.",
        "Applications unlike the training data are scored, too. A value that is unusual or outside the "
        "training range has a remark, which refers the application to a person.",
    ]
    return CardSection("Limits", points=tuple([SYNTHETIC_WARNING, *words] if _synthetic(facts) else words))


def contest_section(facts: CardFacts) -> CardSection:
    """Describe how to contest a decision."""
    explained = require_fact(facts, "recipe") == "scorecard"
    shows = "the weight of each column" if explained else "no reasons, which this recipe cannot give"
    words = (
        "Ask the lender for the prediction's number. A prediction never changes: its page shows the scored "
        f"values, the missing values, the threshold, and {shows}.",
        "If a value is wrong or missing, have it corrected and the application scored again; the first "
        "prediction stays beside the new one.",
        "The model only advises. Ask for a decision by a person, who may decide against the model.",
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
