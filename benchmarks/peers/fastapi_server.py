"""FastAPI with a pipeline that is loaded once: it takes an array of records and returns probabilities.

No credentials, no validation, nothing stored.
"""

import os
from typing import Any

import joblib
from fastapi import FastAPI

from benchmarks.peers import pipeline

application = FastAPI()
_pipeline = joblib.load(os.environ[pipeline.MODEL_VARIABLE])


@application.post("/predict")
def predict(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answers = pipeline.probabilities(_pipeline, records)
    return [
        {"Loan_ID": record["Loan_ID"], "approval_probability": answer}
        for record, answer in zip(records, answers, strict=True)
    ]
