"""What a model card is made of: sections of words and tables, from facts that must all be there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ml.applications.schema import FEATURES, PROTECTED, Feature
from ml.errors import CardFieldMissing
from ml.figures import (
    describe_difference,
    mean_interval_text,
    metric_title,
    percent_interval_text,
    percent_text,
    rate_text,
    signed_interval_text,
    wilson_interval,
)
from ml.reports.report import (
    BASELINE_TITLES,
    HEADLINE_METRICS,
    METRIC_LABELS,
    NOT_GIVEN,
    TOO_FEW,
    chosen_parameters,
    metrics_in_order,
)

CardFacts = Mapping[str, Any]
CardRow = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardTable:
    """A table; the first cell of a row is its heading."""

    caption: str
    head: CardRow
    rows: tuple[CardRow, ...]


@dataclass(frozen=True, slots=True)
class CardSection:
    """A heading with its paragraphs, then its points as a list, then its tables."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[CardTable, ...] = ()


def require_fact(facts: CardFacts, field: str) -> Any:
    """Return the fact at a path such as ``"report.cross_validation.repeats"``.

    Raises
    ------
    CardFieldMissing
        When the path ends early, or in nothing: ``None``, an empty text, list or mapping.
    """
    found = _follow(facts, field)
    if found is None or (isinstance(found, str | list | tuple | Mapping) and not found):
        raise CardFieldMissing(field)
    return found


def require_facts(facts: CardFacts, field: str) -> list[Any]:
    """Return the list at a path; it may be empty, but not missing."""
    found = _follow(facts, field)
    if found is None:
        raise CardFieldMissing(field)
    return list(found)


def _follow(facts: Any, field: str) -> Any:
    for name in field.split("."):
        facts = facts.get(name) if isinstance(facts, Mapping) else None
    return facts


SYNTHETIC_WARNING = "Trained on synthetic sample data: its predictions mean nothing for real people."
PROXY_WARNING = (
    "Leaving Gender and Married out is not blindness: in the public table of 614 applications Married can "
    "be guessed from the other columns with a ROC-AUC of 0.78. Gaps between groups are watched, not assumed "
    "gone."
)


def purpose_section(facts: CardFacts) -> CardSection:
    """What the model is for, and who may use it."""
    words = [
        "Gives the probability that an application for a home loan is approved, going by past decisions. It "
        "advises; a person decides.",
        f"Who may score with it: {', '.join(require_fact(facts, 'users'))}. "
        f"Status: {require_fact(facts, 'status')}.",
        "Not meant for: decisions without a person; loans, countries or currencies other than those of the "
        "training data; saying whether a loan will be repaid, which it never learned.",
    ]
    return CardSection("Purpose and use", tuple([SYNTHETIC_WARNING, *words] if _synthetic(facts) else words))


def data_section(facts: CardFacts) -> CardSection:
    """What the model learned from."""
    rows, approved = require_fact(facts, "report.rows"), require_fact(facts, "report.approved")
    confirmed = require_fact(facts, "report").get("confirmed", [])  # an earlier release did not ask
    listed: tuple[CardRow, ...] = (
        ("File", require_fact(facts, "data.name")),
        ("SHA-256", require_fact(facts, "data.sha256")),
        ("Rows", f"{rows:,}"),
        ("Rows of the final fit", f"{require_fact(facts, 'report.training_rows'):,}"),
        ("Approved", f"{approved:,} ({percent_text(approved / rows)})"),
        ("Trained", _moment(require_fact(facts, "trained_at"))),
        ("Kind", "synthetic sample data" if _synthetic(facts) else "as given, not marked as synthetic"),
        *(("Unusual, but confirmed by name", f"{unit['column']}: {unit['words']}") for unit in confirmed),
    )
    return CardSection("Training data", tables=(CardTable("File, rows and date", ("Fact", "Value"), listed),))


def columns_section(facts: CardFacts) -> CardSection:
    """Which columns the model reads, and which it does not."""
    used = require_fact(facts, "columns")
    protected = require_facts(facts, "protected_columns")
    if protected:
        words = f"This model READS PROTECTED COLUMNS: {', '.join(protected)}."
    else:
        words = f"Protected columns are kept out: {', '.join(PROTECTED)}. They serve fairness figures only."
    rows = tuple(_column(feature, feature.column in used) for feature in FEATURES)
    table = CardTable("Read and not read", ("Column", "Meaning", "Used", "Protected"), rows)
    return CardSection("Columns", (words,), tables=(table,))


def limits_section(facts: CardFacts) -> CardSection:
    """What not to expect."""
    words = [
        "No higher accuracy is promised: an accuracy means something only with its interval and with the one "
        "rule on credit history beside it.",
        "It learned past approvals, and with them whatever was unfair in them.",
        PROXY_WARNING,
        "Groups under 30 rows are counted and not compared; what holds for them is not known.",
        "Parameters were searched on the rows that the figures are measured on: that flatters them a little.",
        "Applications unlike those of the training data get an answer all the same; a value far from the "
        "usual, or outside the training range, carries a remark, which refers the application to a person.",
    ]
    return CardSection("Limits", points=tuple([SYNTHETIC_WARNING, *words] if _synthetic(facts) else words))


def contest_section(facts: CardFacts) -> CardSection:
    """What somebody can do who thinks that an answer is wrong."""
    explained = require_fact(facts, "recipe") == "scorecard"
    shows = "what each column added" if explained else "no reasons, which this recipe cannot give"
    words = (
        "Ask the lender for the prediction's number. What was said is never changed afterwards: its page "
        f"shows the values as scored, those that were missing, the threshold, and {shows}.",
        "If a value is wrong or missing, have it corrected and the application scored again; the first "
        "prediction stays beside the new one.",
        "The model only advises. Ask for a person to decide, who may decide against it.",
    )
    return CardSection("How to contest a decision", points=words)


def history_section(facts: CardFacts) -> CardSection:
    """When the version went live, by whom and why."""
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


def _activation(found: dict[str, Any]) -> CardRow:
    gate = "overridden" if found["overridden"] else "not overridden"
    return _moment(found["at"]), found["by"] or "an operator's command", found["reason"], gate


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} {at:%Z}".strip()


RATE_LABELS = {
    "predicted_approval_rate": "Would be approved",
    "observed_approval_rate": "Was approved",
    "true_positive_rate": "Would be, of those who were",
    "false_positive_rate": "Would be, of those refused",
    "accuracy": "Accuracy",
}


def training_section(facts: CardFacts) -> CardSection:
    """How the model was made."""
    candidates, folds = (
        require_fact(facts, "report.search.candidates"),
        require_fact(facts, "report.search.folds"),
    )
    require_fact(facts, "report.search.best_parameters")
    words = (
        f"Recipe: {require_fact(facts, 'title')}.",
        f"Grid search over {candidates} candidates, each on {folds} folds, chose "
        f"{chosen_parameters(facts['report'])}.",
    )
    return CardSection("How it was trained", words, tables=_hold_out(facts))


def metrics_section(facts: CardFacts) -> CardSection:
    """The model beside both baselines."""
    repeats, folds = (require_fact(facts, f"report.cross_validation.{name}") for name in ("repeats", "folds"))
    words = (
        f"{repeats} x {folds}-fold cross-validation of {require_fact(facts, 'report.rows')} rows: "
        "mean and 95% interval. "
        "More is better of accuracy and ROC-AUC, less of the others. Differences that lie well "
        "inside the intervals tell nothing."
    )
    names = (require_fact(facts, "recipe"), "one_rule", "majority")
    rows = tuple(_figures_row(facts, name) for name in names)
    head = ("Model", *(metric_title(metric) for metric in METRIC_LABELS))
    return CardSection(
        "Figures beside the baselines", (words,), tables=(CardTable("Cross-validated", head, rows),)
    )


def calibration_section(facts: CardFacts) -> CardSection:
    """Whether probabilities come true."""
    model = f"report.cross_validation.models.{require_fact(facts, 'recipe')}"
    error = mean_interval_text(require_fact(facts, f"{model}.ece"))
    words = f"Expected calibration error, the mean gap between predicted and observed rate: {error}."
    rows = tuple(_calibration_row(row) for row in require_fact(facts, f"{model}.reliability"))
    head = ("Probability", "Rows", "Predicted", "Observed")
    return CardSection(
        "Calibration", (words,), tables=(CardTable("Predicted and observed, out of fold", head, rows),)
    )


def fairness_section(facts: CardFacts) -> CardSection:
    """Rates by group."""
    words = "Predicted out of fold, approved from a probability of 50%; 95% intervals."
    columns = require_fact(facts, "report.groups")
    tables = tuple(_groups_table(column, found) for column, found in columns.items())
    gaps = tuple(_gap(column, found) for column, found in columns.items())
    return CardSection("Fairness by group", (words,), gaps, tables)


def protected_cost_section(facts: CardFacts) -> CardSection:
    """What the protected columns would add."""
    heading = "What leaving protected columns out costs"
    protected = require_facts(facts, "protected_columns")
    if protected:
        return CardSection(heading, (f"Nothing is left out: the model reads {' and '.join(protected)}.",))
    names = " and ".join(require_fact(facts, "report.protected_cost.columns"))
    gaps = require_fact(facts, "report.protected_cost.difference")
    words = f"The same recipe with {names}, measured on the same folds for this comparison alone."
    rows = tuple(_cost_row(facts, metric, gap) for metric, gap in metrics_in_order(gaps))
    head = ("Figure", "Without", "With", "Difference", "In words")
    return CardSection(heading, (words,), tables=(CardTable(f"With and without {names}", head, rows),))


def learning_curve_section(facts: CardFacts) -> CardSection:
    """Whether more rows would help."""
    rows = tuple(
        (str(point["rows"]), *(mean_interval_text(point[metric]) for metric in HEADLINE_METRICS))
        for point in require_fact(facts, "report.learning_curve")
    )
    words = (
        "The same recipe fitted on a part of the training rows. While log loss still falls with the rows, "
        "more applications would help."
    )
    head = ("Training rows", *(metric_title(metric) for metric in HEADLINE_METRICS))
    return CardSection(
        "Would more rows help?", (words,), tables=(CardTable("Figures by training rows", head, rows),)
    )


def _hold_out(facts: CardFacts) -> tuple[CardTable, ...]:
    found = require_fact(facts, "report").get("hold_out")
    if found is None:
        return ()
    rows = tuple(
        (BASELINE_TITLES.get(name, "this model"), f"{value:.3f}") for name, value in found["accuracy"].items()
    )
    caption = f"The article's own hold-out of {found['rows']} rows"
    return (CardTable(caption, ("Model", "Accuracy"), rows),)


def _figures_row(facts: CardFacts, name: str) -> CardRow:
    model = f"report.cross_validation.models.{name}"
    cells = [mean_interval_text(require_fact(facts, f"{model}.{metric}")) for metric in METRIC_LABELS]
    return BASELINE_TITLES.get(name, "this model"), *cells


def _calibration_row(row: dict[str, Any]) -> CardRow:
    ends = percent_interval_text(*wilson_interval(row["observed"], row["rows"]))
    span = f"{percent_text(row['low'], 0)} to {percent_text(row['high'], 0)}"
    return span, str(row["rows"]), percent_text(row["predicted"]), f"{percent_text(row['observed'])} ({ends})"


def _groups_table(column: str, found: dict[str, Any]) -> CardTable:
    rows = tuple(_group_row(group) for group in found["groups"])
    return CardTable(f"By {column}", (column, "Rows", *RATE_LABELS.values()), rows)


def _group_row(group: dict[str, Any]) -> CardRow:
    cells = [TOO_FEW if group["too_few"] else rate_text(group[name]) for name in RATE_LABELS]
    return group["value"] or NOT_GIVEN, str(group["rows"]), *cells


def _gap(column: str, found: dict[str, Any]) -> str:
    if found["difference"] is None:
        return f"{column}: fewer than two groups have rows enough to compare."
    points = f"{100 * found['difference']:.1f} percentage points"
    words = f"{column}: predicted approval rates differ by {points} at most"
    return f"{words}." if found["ratio"] is None else f"{words}; lowest by highest is {found['ratio']:.2f}."


def _cost_row(facts: CardFacts, metric: str, gap: dict[str, float]) -> CardRow:
    own = require_fact(facts, f"report.cross_validation.models.{require_fact(facts, 'recipe')}.{metric}")
    seeing = require_fact(facts, f"report.protected_cost.with.{metric}")
    values = (mean_interval_text(own), mean_interval_text(seeing), signed_interval_text(gap))
    return metric_title(metric), *values, describe_difference(metric, gap)
