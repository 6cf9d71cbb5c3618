"""The training report as text: figures never stand without their baselines and intervals."""

from collections.abc import Sequence
from typing import Any

TITLES = {"one_rule": "one rule: credit history", "majority": "majority class"}
COLUMNS = {
    "accuracy": "accuracy",
    "roc_auc": "ROC-AUC",
    "log_loss": "log loss",
    "brier": "Brier",
    "ece": "ECE",
}


def lines(report: dict[str, Any]) -> list[str]:
    """Return the report's figures as lines of text."""
    validation = report["cross_validation"]
    head = f"{validation['repeats']} x {validation['folds']}-fold cross-validation of {report['rows']} rows"
    return [
        f"{head}; mean [95 % interval], fold seed {validation['seed']}",
        _row("", list(COLUMNS.values())),
        *(
            _row(TITLES.get(name, name), [_cell(figures[metric]) for metric in COLUMNS])
            for name, figures in validation["models"].items()
        ),
        *_hold_out_lines(report),
        f"Chosen by grid search over {report['search']['candidates']} candidates: "
        + ", ".join(f"{k.split('__')[-1]}={v}" for k, v in report["search"]["best_parameters"].items()),
        "The search saw rows that the figures are measured on, too: they flatter the model a little.",
    ]


def protected_lines(columns: Sequence[str]) -> list[str]:
    """Return the line that names the protected columns a model reads; none when it reads none."""
    return [f"This model reads protected columns: {', '.join(columns)}."] if columns else []


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
        f"{TITLES.get(name, name)} {value:.3f}" for name, value in hold_out["accuracy"].items()
    )
    return [f"Accuracy on the article's own hold-out of {hold_out['rows']} rows: {figures}"]
