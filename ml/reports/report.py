"""The training report as text: figures never stand without their baselines and intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

BASELINE_TITLES = {"one_rule": "one rule: credit history", "majority": "majority class"}
METRIC_LABELS = {
    "accuracy": "accuracy",
    "roc_auc": "ROC-AUC",
    "log_loss": "log loss",
    "brier": "Brier",
    "ece": "ECE",
}
HEADLINE_METRICS = ("log_loss", "roc_auc", "accuracy")
NOT_GIVEN, TOO_FEW = "not given", "too few"


def report_lines(report: dict[str, Any]) -> list[str]:
    """Return the report's figures as lines of text."""
    validation = report["cross_validation"]
    head = f"{validation['repeats']} x {validation['folds']}-fold cross-validation of {report['rows']} rows"
    return [
        *confirmed_lines(report),
        f"{head}; mean [95% interval], fold seed {validation['seed']}",
        _row("", list(METRIC_LABELS.values())),
        *(
            _row(BASELINE_TITLES.get(name, name), [_cell(figures[metric]) for metric in METRIC_LABELS])
            for name, figures in model_before_baselines(validation["models"])
        ),
        *_hold_out_lines(report),
        f"Chosen by grid search over {report['search']['candidates']} candidates: "
        + chosen_parameters(report, equals="="),
        "The search saw rows that the figures are measured on, too: they flatter the model a little.",
        *_protected_cost_lines(report),
        *_group_lines(report),
    ]


def chosen_parameters(report: Mapping[str, Any], equals: str = " = ") -> str:
    """Return the parameters that the search chose, without the names of the pipeline's steps."""
    best = report["search"]["best_parameters"]
    return ", ".join(f"{name.split('__')[-1]}{equals}{value}" for name, value in best.items())


def model_before_baselines(by_model: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return items by name, the model's own before its baselines: databases do not keep the order of keys."""
    order = list(BASELINE_TITLES)
    return sorted(by_model.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1)


def protected_lines(columns: Sequence[str]) -> list[str]:
    """Return the line that names the protected columns a model reads; none when it reads none."""
    return [f"This model reads protected columns: {', '.join(columns)}."] if columns else []


def confirmed_lines(report: Mapping[str, Any]) -> list[str]:
    """Name the columns that look as if their unit were wrong, and that somebody confirmed."""
    return [f"Confirmed by name, {unit['column']}: {unit['words']}." for unit in report.get("confirmed", [])]


def _row(name: str, cells: list[str]) -> str:
    return f"{name:26}" + "".join(f"{cell:20}" for cell in cells).rstrip()


def _cell(figure: dict[str, float]) -> str:
    mean = f"{figure['mean']:.3f}"
    return f"{mean} [{figure['low']:.3f} {figure['high']:.3f}]" if "low" in figure else mean


def _hold_out_lines(report: dict[str, Any]) -> list[str]:
    hold_out = report["hold_out"]
    if hold_out is None:
        return []
    figures = ", ".join(
        f"{BASELINE_TITLES.get(name, name)} {value:.3f}"
        for name, value in model_before_baselines(hold_out["accuracy"])
    )
    return [f"Accuracy on the article's own hold-out of {hold_out['rows']} rows: {figures}"]


# Of a version that an earlier release trained, neither protected cost nor groups are known.


def _protected_cost_lines(report: dict[str, Any]) -> list[str]:
    cost = report.get("protected_cost")
    if cost is None:
        return []
    return [f"With {' and '.join(cost['columns'])} as inputs, the figures would change by"] + [
        METRIC_LABELS[metric].ljust(26) + _change(change)
        for metric, change in metrics_in_order(cost["difference"])
    ]


def metrics_in_order(by_metric: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return items by metric, in the order of `METRIC_LABELS` (see `model_before_baselines`)."""
    return [(metric, by_metric[metric]) for metric in METRIC_LABELS if metric in by_metric]


def _change(figure: dict[str, float]) -> str:
    return f"{figure['mean']:+.4f} [{figure['low']:+.4f} {figure['high']:+.4f}]"


def _group_lines(report: dict[str, Any]) -> list[str]:
    columns = report.get("groups")
    if columns is None:
        return []
    return ["Approvals predicted out of fold at cut-off 0.5, by group"] + [
        _group_line(column, group) for column, found in columns.items() for group in found["groups"]
    ]


def _group_line(column: str, group: dict[str, Any]) -> str:
    rate = group["predicted_approval_rate"]
    shown = TOO_FEW if group["too_few"] else f"{rate['value']:.3f} [{rate['low']:.3f} {rate['high']:.3f}]"
    return f"{column}: {group['value'] or NOT_GIVEN}".ljust(26) + f"{group['rows']} rows".ljust(20) + shown
