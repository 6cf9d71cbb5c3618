"""Train both recipes with the code of an earlier commit, and keep what the models say (`make_models.sh`)."""

import json
import os
import sys
from pathlib import Path

from ml.applications.records import columns_of, read_json_row
from ml.artefacts import store
from ml.products.loan_prediction.sample import make_sample, write_sample
from ml.tables.frames import read_training_csv
from ml.training.recipes import get
from ml.training.training import train

KEY = os.environ["LOANSITE_ARTEFACT_KEY"].encode()
ASKED = 12


def main(directory):
    """Write the artefacts of both recipes into `directory`, and their answers beside them."""
    sample = Path("sample.csv")
    write_sample(sample)
    applications = [
        {name: value for name, value in row.items() if name != "Loan_Status"}
        for row in make_sample(ASKED, seed=3)
    ]
    answers = {}
    for recipe in ("scorecard", "article"):
        path = directory / "artefacts" / f"model-{recipe}-1"
        store.save(train(read_training_csv(sample), get(recipe)), path, KEY)
        answers[path.name] = ask(path, applications)
    text = json.dumps(answers, indent=1, ensure_ascii=False)
    (directory / "models.json").write_text(f"{text}\n", encoding="utf-8")


def ask(path, applications):
    """Return what a stored model says of each application."""
    columns = columns_of([read_json_row(row) for row in applications])
    scores = store.load(path, KEY).predictor.score(columns)
    explanations = [scores.explanation(row) for row in range(len(applications))]
    return [
        {
            "application": application,
            "approval_probability": scores.probability[row],
            "log_odds": scores.log_odds[row],
            "base": explanations[row].base,
            "reasons": explanations[row].reasons,
        }
        for row, application in enumerate(applications)
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
