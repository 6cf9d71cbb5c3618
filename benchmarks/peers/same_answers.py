"""Check that servers give the same answers as the article's for every row of the table."""

import json
import urllib.request
from typing import Any

from benchmarks.data import real_rows
from ml.products.loan_prediction.schema import built_in


def check(*ports: int) -> None:
    """Send the table to each port; raise `ValueError` if a reply differs from the first port's."""
    body = json.dumps(json.dumps([_sent(row) for row in real_rows.labelled()])).encode()
    expected, *others = [_answers(port, body) for port in ports]
    for answers in others:
        differing = sum(map(dict.__ne__, expected, answers))
        if differing or len(answers) != len(expected):
            raise ValueError(f"{differing} of {len(expected)} answers differ from the article's.")


def _sent(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the article's client sends it. Its server fails at a missing Dependents."""
    inputs = {name: value for name, value in row.items() if name != built_in().target.column}
    return inputs | {"Dependents": row["Dependents"] or "0"}


def _answers(port: int, body: bytes) -> list[dict[str, Any]]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/predict", body, headers)
    with urllib.request.urlopen(request, timeout=60) as reply:
        answers: list[dict[str, Any]] = json.loads(json.load(reply)["predictions"])
    return answers
