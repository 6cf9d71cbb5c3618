"""The article's server: Flask, and a model that every request reads from its file.

It repeats the steps of the article's server: no validation, no storing, no credentials. The body is a JSON
string that contains an array of records; ``predictions`` in the reply is one of ``{"0": Loan_ID, "1": 0 or
1}``.
"""

import io
import os
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
from flask import Flask, jsonify, request

from benchmarks.peers.article_model import MODEL_VARIABLE

application = Flask(__name__)


@application.post("/predict")
def predict() -> Any:
    frame = pd.read_json(io.StringIO(request.get_json()), orient="records")
    frame["Dependents"] = [str(value) for value in frame["Dependents"]]
    loan_ids = frame["Loan_ID"]
    with Path(os.environ[MODEL_VARIABLE]).open("rb") as file:
        model = pickle.load(file)
    predictions = list(pd.Series(model.predict(frame)))
    answers = pd.DataFrame(list(zip(loan_ids, predictions, strict=True)))
    return jsonify(predictions=answers.to_json(orient="records"))
