"""What a model card is made of: sections of words and tables, from facts that must all be there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ml.applications.schema import FEATURES, PROTECTED, Feature
from ml.errors import CardFieldMissing
from ml.figures import mean_interval, percent, percent_interval, rate, signed_interval, title, verdict, wilson
from ml.reports.report import COLUMNS, HEADLINE, NOT_GIVEN, TITLES, TOO_FEW, chosen, in_order

Facts = Mapping[str, Any]
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its heading."""

    caption: str
    head: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its paragraphs, then its points as a list, then its tables."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def need(facts: Facts, field: str) -> Any:
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


def need_list(facts: Facts, field: str) -> list[Any]:
    """Return the list at a path; it may be empty, but not missing."""
    found = _follow(facts, field)
    if found is None:
        raise CardFieldMissing(field)
    return list(found)


def _follow(facts: Any, field: str) -> Any:
    for name in field.split("."):
        facts = facts.get(name) if isinstance(facts, Mapping) else None
    return facts


SYNTHETIC = "Trained on synthetic sample data: its predictions mean nothing for real people."
NOT_BLIND = (
    "Leaving Gender and Married out is not blindness: in the public table of 614 applications Married can "
    "be guessed from the other columns with a ROC-AUC of 0.78. Gaps between groups are watched, not assumed "
    "gone."
)


def purpose(facts: Facts) -> Section:
    """What the model is for, and who may use it."""
    words = [
        "Gives the probability that an application for a home loan is approved, going by past decisions. It "
        "advises; a person decides.",
        f"Who may score with it: {', '.join(need(facts, 'users'))}. Status: {need(facts, 'status')}.",
        "Not meant for: decisions without a person; loans, countries or currencies other than those of the "
        "training data; saying whether a loan will be repaid, which it never learned.",
    ]
    return Section("Purpose and use", tuple([SYNTHETIC, *words] if _synthetic(facts) else words))


def data(facts: Facts) -> Section:
    """What the model learned from."""
    rows, approved = need(facts, "report.rows"), need(facts, "report.approved")
    confirmed = need(facts, "report").get("confirmed", [])  # an earlier release did not ask
    listed: tuple[Row, ...] = (
        ("File", need(facts, "data.name")),
        ("SHA-256", need(facts, "data.sha256")),
        ("Rows", f"{rows:,}"),
        ("Rows of the final fit", f"{need(facts, 'report.training_rows'):,}"),
        ("Approved", f"{approved:,} ({percent(approved / rows)})"),
        ("Trained", _moment(need(facts, "trained_at"))),
        ("Kind", "synthetic sample data" if _synthetic(facts) else "as given, not marked as synthetic"),
        *(("Unusual, but confirmed by name", f"{unit['column']}: {unit['words']}") for unit in confirmed),
    )
    return Section("Training data", tables=(Table("File, rows and date", ("Fact", "Value"), listed),))


def columns(facts: Facts) -> Section:
    """Which columns the model reads, and which it does not."""
    used = need(facts, "columns")
    protected = need_list(facts, "protected_columns")
    if protected:
        words = f"This model READS PROTECTED COLUMNS: {', '.join(protected)}."
    else:
        words = f"Protected columns are kept out: {', '.join(PROTECTED)}. They serve fairness figures only."
    rows = tuple(_column(feature, feature.column in used) for feature in FEATURES)
    table = Table("Read and not read", ("Column", "Meaning", "Used", "Protected"), rows)
    return Section("Columns", (words,), tables=(table,))


def limits(facts: Facts) -> Section:
    """What not to expect."""
    words = [
        "No higher accuracy is promised: an accuracy means something only with its interval and with the one "
        "rule on credit history beside it.",
        "It learned past approvals, and with them whatever was unfair in them.",
        NOT_BLIND,
        "Groups under 30 rows are counted and not compared; what holds for them is not known.",
        "Parameters were searched on the rows that the figures are measured on: that flatters them a little.",
        "Applications unlike those of the training data get an answer all the same; a value far from the "
        "usual, or outside the training range, carries a remark, which refers the application to a person.",
    ]
    return Section("Limits", points=tuple([SYNTHETIC, *words] if _synthetic(facts) else words))


def contest(facts: Facts) -> Section:
    """What somebody can do who thinks that an answer is wrong."""
    explained = need(facts, "recipe") == "scorecard"
    shows = "what each column added" if explained else "no reasons, which this recipe cannot give"
    words = (
        "Ask the lender for the prediction's number. What was said is never changed afterwards: its page "
        f"shows the values as scored, those that were missing, the threshold, and {shows}.",
        "If a value is wrong or missing, have it corrected and the application scored again; the first "
        "prediction stays beside the new one.",
        "The model only advises. Ask for a person to decide, who may decide against it.",
    )
    return Section("How to contest a decision", points=words)


def history(facts: Facts) -> Section:
    """When the version went live, by whom and why."""
    activations = need_list(facts, "activations")
    if not activations:
        return Section("Version history", ("This version has never been active.",))
    rows = tuple(_activation(activation) for activation in activations)
    head = ("Active from", "Activated by", "Reason", "Gate")
    return Section("Version history", tables=(Table("Activations, newest first", head, rows),))


def _synthetic(facts: Facts) -> bool:
    return bool(need(facts, "data.synthetic"))


def _column(feature: Feature, used: bool) -> Row:
    return feature.column, feature.label, "yes" if used else "no", "yes" if feature.protected else "no"


def _activation(found: dict[str, Any]) -> Row:
    gate = "overridden" if found["overridden"] else "not overridden"
    return _moment(found["at"]), found["by"] or "an operator's command", found["reason"], gate


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} {at:%Z}".strip()


RATES = {
    "predicted_approval_rate": "Would be approved",
    "observed_approval_rate": "Was approved",
    "true_positive_rate": "Would be, of those who were",
    "false_positive_rate": "Would be, of those refused",
    "accuracy": "Accuracy",
}


def training(facts: Facts) -> Section:
    """How the model was made."""
    candidates, folds = need(facts, "report.search.candidates"), need(facts, "report.search.folds")
    need(facts, "report.search.best_parameters")
    words = (
        f"Recipe: {need(facts, 'title')}.",
        f"Grid search over {candidates} candidates, each on {folds} folds, chose {chosen(facts['report'])}.",
    )
    return Section("How it was trained", words, tables=_hold_out(facts))


def figures(facts: Facts) -> Section:
    """The model beside both baselines."""
    repeats, folds = (need(facts, f"report.cross_validation.{name}") for name in ("repeats", "folds"))
    words = (
        f"{repeats} x {folds}-fold cross-validation of {need(facts, 'report.rows')} rows: mean and 95 % "
        "interval. More is better of accuracy and ROC-AUC, less of the others. Differences that lie well "
        "inside the intervals tell nothing."
    )
    names = (need(facts, "recipe"), "one_rule", "majority")
    rows = tuple(_figures_row(facts, name) for name in names)
    head = ("Model", *(title(metric) for metric in COLUMNS))
    return Section("Figures beside the baselines", (words,), tables=(Table("Cross-validated", head, rows),))


def calibration(facts: Facts) -> Section:
    """Whether probabilities come true."""
    model = f"report.cross_validation.models.{need(facts, 'recipe')}"
    error = mean_interval(need(facts, f"{model}.ece"))
    words = f"Expected calibration error, the mean gap between predicted and observed rate: {error}."
    rows = tuple(_calibration_row(row) for row in need(facts, f"{model}.reliability"))
    head = ("Probability", "Rows", "Predicted", "Observed")
    return Section(
        "Calibration", (words,), tables=(Table("Predicted and observed, out of fold", head, rows),)
    )


def fairness(facts: Facts) -> Section:
    """Rates by group."""
    words = "Predicted out of fold, approved from a probability of 50 %; 95 % intervals."
    columns = need(facts, "report.groups")
    tables = tuple(_groups_table(column, found) for column, found in columns.items())
    gaps = tuple(_gap(column, found) for column, found in columns.items())
    return Section("Fairness by group", (words,), gaps, tables)


def protected_cost(facts: Facts) -> Section:
    """What the protected columns would add."""
    heading = "What leaving protected columns out costs"
    protected = need_list(facts, "protected_columns")
    if protected:
        return Section(heading, (f"Nothing is left out: the model reads {' and '.join(protected)}.",))
    names = " and ".join(need(facts, "report.protected_cost.columns"))
    gaps = need(facts, "report.protected_cost.difference")
    words = f"The same recipe with {names}, measured on the same folds for this comparison alone."
    rows = tuple(_cost_row(facts, metric, gap) for metric, gap in in_order(gaps))
    head = ("Figure", "Without", "With", "Difference", "In words")
    return Section(heading, (words,), tables=(Table(f"With and without {names}", head, rows),))


def learning_curve(facts: Facts) -> Section:
    """Whether more rows would help."""
    rows = tuple(
        (str(point["rows"]), *(mean_interval(point[metric]) for metric in HEADLINE))
        for point in need(facts, "report.learning_curve")
    )
    words = (
        "The same recipe fitted on a part of the training rows. While log loss still falls with the rows, "
        "more applications would help."
    )
    head = ("Training rows", *(title(metric) for metric in HEADLINE))
    return Section("Would more rows help?", (words,), tables=(Table("Figures by training rows", head, rows),))


def _hold_out(facts: Facts) -> tuple[Table, ...]:
    found = need(facts, "report").get("hold_out")
    if found is None:
        return ()
    rows = tuple(
        (TITLES.get(name, "this model"), f"{value:.3f}") for name, value in found["accuracy"].items()
    )
    caption = f"The article's own hold-out of {found['rows']} rows"
    return (Table(caption, ("Model", "Accuracy"), rows),)


def _figures_row(facts: Facts, name: str) -> Row:
    model = f"report.cross_validation.models.{name}"
    cells = [mean_interval(need(facts, f"{model}.{metric}")) for metric in COLUMNS]
    return TITLES.get(name, "this model"), *cells


def _calibration_row(row: dict[str, Any]) -> Row:
    ends = percent_interval(*wilson(row["observed"], row["rows"]))
    span = f"{100 * row['low']:.0f} to {percent(row['high'], 0)}"
    return span, str(row["rows"]), percent(row["predicted"]), f"{percent(row['observed'])} ({ends})"


def _groups_table(column: str, found: dict[str, Any]) -> Table:
    rows = tuple(_group_row(group) for group in found["groups"])
    return Table(f"By {column}", (column, "Rows", *RATES.values()), rows)


def _group_row(group: dict[str, Any]) -> Row:
    cells = [TOO_FEW if group["too_few"] else rate(group[name]) for name in RATES]
    return group["value"] or NOT_GIVEN, str(group["rows"]), *cells


def _gap(column: str, found: dict[str, Any]) -> str:
    if found["difference"] is None:
        return f"{column}: fewer than two groups have rows enough to compare."
    points = f"{100 * found['difference']:.1f} percentage points"
    words = f"{column}: predicted approval rates differ by {points} at most"
    return f"{words}." if found["ratio"] is None else f"{words}; lowest by highest is {found['ratio']:.2f}."


def _cost_row(facts: Facts, metric: str, gap: dict[str, float]) -> Row:
    own = need(facts, f"report.cross_validation.models.{need(facts, 'recipe')}.{metric}")
    seeing = need(facts, f"report.protected_cost.with.{metric}")
    values = (mean_interval(own), mean_interval(seeing), signed_interval(gap))
    return title(metric), *values, verdict(metric, gap)
