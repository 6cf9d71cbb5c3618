"""The article's way of serving a model: every request loads the file and runs pandas and the forest.

Plain WSGI; no validation, no storing, no credentials. The body is a JSON string that holds an array of
records, the reply is ``{"predictions": "[{\\"0\\": Loan_ID, \\"1\\": 0 or 1}, ...]"}``.
"""

import io
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

MODEL_VARIABLE = "ARTICLE_MODEL"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    reply = json.dumps({"predictions": _predictions(json.loads(body))}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(reply)))]
    start_response("200 OK", headers)
    return [reply]


def _predictions(text: str) -> str:
    frame = pd.read_json(io.StringIO(text), orient="records")
    frame["Dependents"] = [str(value) for value in frame["Dependents"]]
    model = joblib.load(os.environ[MODEL_VARIABLE])
    answers = pd.DataFrame(list(zip(frame["Loan_ID"], model.predict(frame), strict=True)))
    return answers.to_json(orient="records")


def train(path: Path) -> None:
    """Fit the article's estimator, its chosen parameters, on the synthetic sample; write it uncompressed."""
    from ml.recipes import get
    from ml.sample import make_sample
    from ml.schema import TARGET

    frame = pd.DataFrame(make_sample())
    forest = {"impuritysplitforest__n_estimators": 20, "impuritysplitforest__min_impurity_split": 0.3}
    model = get("article").estimator().set_params(**forest)
    joblib.dump(model.fit(frame, (frame[TARGET] == "Y").astype(int)), path)
