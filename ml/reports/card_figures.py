"""The parts of a model card that are mostly figures; none stands without its interval and its baselines."""

from typing import Any

from ml.figures import mean_interval, percent, percent_interval, rate, signed_interval
from ml.intervals import wilson
from ml.metric_words import title, verdict
from ml.reports.card_sections import Facts, Row, Section, Table, need, need_list
from ml.reports.report import COLUMNS, HEADLINE, NOT_GIVEN, TITLES, TOO_FEW, chosen, in_order

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
