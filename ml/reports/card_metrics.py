"""Parts of a model card, and its sections of metrics; no metric is without its interval and baselines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ml.errors import CardFieldMissing
from ml.figures import (
    HEADLINE_METRICS,
    METRIC_LABELS,
    describe_difference,
    mean_interval_text,
    metric_title,
    percent_interval_text,
    percent_text,
    rate_text,
    signed_interval_text,
    wilson_interval,
)
from ml.reports.report import TOO_FEW, baseline_titles, chosen_parameters, group_words, metrics_in_order

if TYPE_CHECKING:
    from ml.evaluation.fairness import ColumnGroups

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


RATE_LABELS = {
    "predicted_approval_rate": "Approved by the model",
    "observed_approval_rate": "Good outcomes in the past",
    "true_positive_rate": "Approved by the model, of good outcomes",
    "false_positive_rate": "Approved by the model, of bad outcomes",
    "accuracy": "Accuracy",
}


def training_section(facts: CardFacts) -> CardSection:
    """Describe the training and the chosen parameters."""
    candidates, folds = (
        require_fact(facts, "report.search.candidates"),
        require_fact(facts, "report.search.folds"),
    )
    require_fact(facts, "report.search.best_parameters")
    words = (
        f"Recipe: {require_fact(facts, 'title')}.",
        f"Grid search over {candidates} candidates, each on {folds} folds, chose "
        f"{chosen_parameters(require_fact(facts, 'report'))}.",
    )
    return CardSection("How it was trained", words, tables=_hold_out(facts))


def metrics_section(facts: CardFacts) -> CardSection:
    """Compare the model with both baselines."""
    repeats, folds = (require_fact(facts, f"report.cross_validation.{name}") for name in ("repeats", "folds"))
    words = (
        f"{repeats} x {folds}-fold cross-validation on {require_fact(facts, 'report.rows')} rows: "
        "mean and 95% confidence interval. Higher is better for accuracy and ROC-AUC, lower for log loss, "
        "Brier score and ECE. Overlapping intervals: no clear difference."
    )
    names = (require_fact(facts, "recipe"), "one_rule", "majority")
    rows = tuple(_metrics_row(facts, name) for name in names)
    head = ("Model", *(metric_title(metric) for metric in METRIC_LABELS))
    return CardSection(
        "Metrics beside the baselines", (words,), tables=(CardTable("Cross-validated", head, rows),)
    )


def calibration_section(facts: CardFacts) -> CardSection:
    """Compare predicted probabilities with observed rates."""
    model = f"report.cross_validation.models.{require_fact(facts, 'recipe')}"
    error = mean_interval_text(require_fact(facts, f"{model}.ece"))
    words = f"Expected calibration error, the mean difference between predicted and observed rate: {error}."
    rows = tuple(_calibration_row(row) for row in require_fact(facts, f"{model}.reliability"))
    head = ("Probability", "Rows", "Predicted", "Observed")
    return CardSection(
        "Calibration", (words,), tables=(CardTable("Predicted and observed, out of fold", head, rows),)
    )


def fairness_section(facts: CardFacts) -> CardSection:
    """List rates by group and the differences between groups."""
    words = "Predicted out of fold, approved from 50%, with 95% confidence intervals."
    if not require_fact(facts, "schema").group_columns:
        return CardSection("Fairness by group", ("No column is declared whose groups are compared.",))
    columns = require_fact(facts, "report.groups")
    tables = tuple(_groups_table(column, groups) for column, groups in columns.items())
    differences = tuple(_group_difference(column, groups) for column, groups in columns.items())
    return CardSection("Fairness by group", (words,), differences, tables)


def protected_cost_section(facts: CardFacts) -> CardSection:
    """Compare the metrics with and without the protected columns."""
    heading = "Cost of leaving out protected columns"
    protected = require_facts(facts, "protected_columns")
    if not require_fact(facts, "schema").protected:
        return CardSection(heading, ("No column is declared as protected.",))
    if protected:
        return CardSection(heading, (f"This version uses the protected columns {' and '.join(protected)}.",))
    names = " and ".join(require_fact(facts, "report.protected_cost.columns"))
    differences = require_fact(facts, "report.protected_cost.difference")
    words = f"For this comparison only, the same recipe was measured on the same folds with {names}."
    rows = tuple(_cost_row(facts, metric, values) for metric, values in metrics_in_order(differences))
    head = ("Metric", "Without", "With", "Difference", "In words")
    return CardSection(heading, (words,), tables=(CardTable(f"With and without {names}", head, rows),))


def learning_curve_section(facts: CardFacts) -> CardSection:
    """List the metrics by training rows."""
    rows = tuple(
        (str(point["rows"]), *(mean_interval_text(point[metric]) for metric in HEADLINE_METRICS))
        for point in require_fact(facts, "report.learning_curve")
    )
    words = (
        "The same recipe was fitted on parts of the training rows. If log loss still falls at the last row, "
        "more applications would help."
    )
    head = ("Training rows", *(metric_title(metric) for metric in HEADLINE_METRICS))
    return CardSection(
        "Learning curve: would more rows help?",
        (words,),
        tables=(CardTable("Metrics by training rows", head, rows),),
    )


def _hold_out(facts: CardFacts) -> tuple[CardTable, ...]:
    hold_out = require_fact(facts, "report").get("hold_out")
    if hold_out is None:
        return ()
    titles = baseline_titles(require_fact(facts, "report"))
    rows = tuple(
        (titles.get(name, "this model"), f"{value:.3f}") for name, value in hold_out["accuracy"].items()
    )
    caption = f"Hold-out set of the article, {hold_out['rows']} rows"
    return (CardTable(caption, ("Model", "Accuracy"), rows),)


def _metrics_row(facts: CardFacts, name: str) -> CardRow:
    model = f"report.cross_validation.models.{name}"
    cells = [mean_interval_text(require_fact(facts, f"{model}.{metric}")) for metric in METRIC_LABELS]
    return baseline_titles(require_fact(facts, "report")).get(name, "this model"), *cells


def _calibration_row(row: Mapping[str, Any]) -> CardRow:
    ends = percent_interval_text(*wilson_interval(row["observed"], row["rows"]))
    span = f"{percent_text(row['low'], 0)} to {percent_text(row['high'], 0)}"
    return span, str(row["rows"]), percent_text(row["predicted"]), f"{percent_text(row['observed'])} ({ends})"


def _groups_table(column: str, groups: "ColumnGroups") -> CardTable:
    rows = tuple(_group_row(group) for group in groups["groups"])
    return CardTable(f"By {column}", (column, "Rows", *RATE_LABELS.values()), rows)


def _group_row(group: Mapping[str, Any]) -> CardRow:
    cells = [TOO_FEW if group["too_few"] else rate_text(group[name]) for name in RATE_LABELS]
    return group_words(group["value"]), str(group["rows"]), *cells


def _group_difference(column: str, groups: "ColumnGroups") -> str:
    if groups["difference"] is None:
        return f"{column}: fewer than two groups have enough rows to compare."
    points = f"{100 * groups['difference']:.1f} percentage points"
    words = f"{column}: predicted approval rates differ by at most {points}"
    ratio = groups["ratio"]
    return f"{words}." if ratio is None else f"{words}; the lowest is {ratio:.2f} times the highest."


def _cost_row(facts: CardFacts, metric: str, difference: Mapping[str, float]) -> CardRow:
    own = require_fact(facts, f"report.cross_validation.models.{require_fact(facts, 'recipe')}.{metric}")
    with_protected = require_fact(facts, f"report.protected_cost.with.{metric}")
    values = (mean_interval_text(own), mean_interval_text(with_protected), signed_interval_text(difference))
    return metric_title(metric), *values, describe_difference(metric, difference)
