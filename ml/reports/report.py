"""The training report as text: every metric with its interval and its baselines."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ml.applications.types import Value
from ml.figures import METRIC_LABELS
from ml.products.loan_prediction.schema import built_in

_REASONS = 20  # that a report lists

if TYPE_CHECKING:
    from ml.evaluation.fairness import GroupRates

TrainingReport = Mapping[str, Any]
"""JSON of `ml.training.training.TrainedModel.report`; versions of older releases lack some keys."""

Item = TypeVar("Item")
BASELINES = ("one_rule", "majority")
NOT_GIVEN, TOO_FEW = "not given", "too few"


def one_rule_of(report: TrainingReport) -> str:
    """Name the one-rule baseline of a report. Those of older releases are all of the built-in product."""
    return str(report.get("one_rule") or built_in().baseline_label)


def baseline_titles(report: TrainingReport) -> dict[str, str]:
    """Return the titles of the baselines in a report, by name."""
    return {"one_rule": f"one rule: {one_rule_of(report)}", "majority": "majority class"}


def report_lines(report: TrainingReport) -> list[str]:
    """Return the report as lines of text, for a terminal."""
    validation = report["cross_validation"]
    titles = baseline_titles(report)
    head = f"{validation['repeats']} x {validation['folds']}-fold cross-validation of {report['rows']} rows"
    return [
        *target_lines(report),
        *_table_lines(report),
        *confirmed_lines(report),
        f"{head}; mean [95% interval], fold seed {validation['seed']}",
        _row("", list(METRIC_LABELS.values())),
        *(
            _row(titles.get(name, name), [_cell(metrics[metric]) for metric in METRIC_LABELS])
            for name, metrics in model_before_baselines(validation["models"])
        ),
        *_hold_out_lines(report),
        f"Chosen by grid search over {report['search']['candidates']} candidates: "
        + chosen_parameters(report, equals="="),
        "Parameters were tuned on the same rows, so the metrics are slightly optimistic.",
        *_protected_cost_lines(report),
        *_group_lines(report),
    ]


def chosen_parameters(report: TrainingReport, equals: str = " = ") -> str:
    """Return the chosen parameters as text, without the names of the pipeline's steps."""
    best = report["search"]["best_parameters"]
    return ", ".join(f"{name.split('__')[-1]}{equals}{value}" for name, value in best.items())


def model_before_baselines(by_model: Mapping[str, Item]) -> list[tuple[str, Item]]:
    """Return the items with the model before its baselines; databases do not keep the order of keys."""
    return sorted(by_model.items(), key=lambda item: BASELINES.index(item[0]) if item[0] in BASELINES else -1)


def target_lines(report: TrainingReport) -> list[str]:
    """Return a line that says what the good outcome means; reports of older releases do not."""
    means = report.get("means")
    return [f"A good outcome means: {means}."] if means else []


def protected_lines(columns: Sequence[str]) -> list[str]:
    """Return a line that names the protected columns a model reads; an empty list if it reads none."""
    return [f"This model reads protected columns: {', '.join(columns)}."] if columns else []


def confirmed_lines(report: TrainingReport) -> list[str]:
    """Return a line for each column with unusual values that somebody confirmed."""
    confirmed = report.get("confirmed", [])
    return [f"Confirmed units, {column['column']}: {column['words']}." for column in confirmed]


def column_lines(further: Sequence[str], absent: Sequence[str]) -> list[str]:
    """Return a line for the columns of a file that no schema has, and one for those that the file lacks."""
    columns = {"Columns that were not used": further, "Columns that the file lacks": absent}
    return [f"{words}: {', '.join(names)}." for words, names in columns.items() if names]


def _table_lines(report: TrainingReport) -> list[str]:
    """Name what the training did not use of the table, and what the table lacks."""
    lines = column_lines(report.get("further", ()), report.get("absent", ()))
    left_out, why = report.get("left_out", 0), report.get("left_out_why", {})
    if left_out:
        lines.append(f"Rows left out by their outcome: {left_out:,}.")
    if why:
        lines.append(f"Of these with a reason: {reasons_words(why)}.")
    return lines


def reasons_words(why: Mapping[str, int]) -> str:
    """Return how many rows were left out for each reason."""
    shown = [f"{rows:,} {reason}" for reason, rows in [*why.items()][:_REASONS]]
    more = len(why) - len(shown)
    return "; ".join(shown) + (f"; and {more:,} other reasons" if more else "")


def _row(name: str, cells: list[str]) -> str:
    return f"{name:24}  " + "".join(f"{cell:19} " for cell in cells).rstrip()


def _cell(metric: Mapping[str, float]) -> str:
    mean = f"{metric['mean']:.3f}"
    return f"{mean} [{metric['low']:.3f} {metric['high']:.3f}]" if "low" in metric else mean


def _hold_out_lines(report: TrainingReport) -> list[str]:
    hold_out = report["hold_out"]
    if hold_out is None:
        return []
    titles = baseline_titles(report)
    accuracies = ", ".join(
        f"{titles.get(name, name)} {value:.3f}"
        for name, value in model_before_baselines(hold_out["accuracy"])
    )
    return [f"Accuracy on the hold-out set of the article, {hold_out['rows']} rows: {accuracies}"]


def _protected_cost_lines(report: TrainingReport) -> list[str]:
    cost = report.get("protected_cost")
    if cost is None:
        return []
    return [f"With {' and '.join(cost['columns'])} as inputs, the metrics would change by"] + [
        METRIC_LABELS[metric].ljust(26) + _change(change)
        for metric, change in metrics_in_order(cost["difference"])
    ]


def metrics_in_order(by_metric: Mapping[str, Item]) -> list[tuple[str, Item]]:
    """Return the items by metric, in the order of `METRIC_LABELS`."""
    return [(metric, by_metric[metric]) for metric in METRIC_LABELS if metric in by_metric]


def _change(difference: Mapping[str, float]) -> str:
    return f"{difference['mean']:+.4f} [{difference['low']:+.4f} {difference['high']:+.4f}]"


def _group_lines(report: TrainingReport) -> list[str]:
    columns = report.get("groups")
    if columns is None:
        return []
    return ["Approvals predicted out of fold at threshold 0.5, by group"] + [
        _group_line(column, group) for column, groups in columns.items() for group in groups["groups"]
    ]


def group_words(value: Value) -> str:
    """Return the name of a group in a report; ``None`` is the group of missing values."""
    return NOT_GIVEN if value is None else value if isinstance(value, str) else f"{value:g}"


def _group_line(column: str, group: "GroupRates") -> str:
    rate = group["predicted_approval_rate"]
    shown = TOO_FEW if group["too_few"] else f"{rate['value']:.3f} [{rate['low']:.3f} {rate['high']:.3f}]"
    return f"{f'{column}: ' + group_words(group['value']):24}  " + f"{group['rows']} rows".ljust(20) + shown
