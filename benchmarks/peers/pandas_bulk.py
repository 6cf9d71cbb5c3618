"""Score a CSV as a notebook would: pandas in chunks, and the scorecard's own scikit-learn pipeline."""

import sys
import time
from pathlib import Path

import pandas as pd

from ml.products.loan_prediction.sample import make_sample
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import LOAN_ID
from ml.tables.frames import frame_from_columns
from ml.training import recipes

SCHEMA = built_in()

_CHUNK = 100_000


def main(source: Path, output: Path) -> None:
    """Fit on the synthetic sample, score, and print the speed without start and fit."""
    sample = make_sample()
    frame = frame_from_columns(SCHEMA, {column: [row[column] for row in sample] for column in SCHEMA.columns})
    model = (
        recipes.get("scorecard")
        .estimator()
        .fit(frame, [SCHEMA.target.codes[row[SCHEMA.target.column]] for row in sample])
    )
    started, rows = time.perf_counter(), 0
    for number, chunk in enumerate(pd.read_csv(source, chunksize=_CHUNK, dtype={"Dependents": str})):
        probability = model.predict_proba(chunk)[:, 1]
        scored = pd.DataFrame({LOAN_ID: chunk[LOAN_ID], "approval_probability": probability})
        scored["approved"] = (probability >= 0.5).astype(int)
        scored.to_csv(output, index=False, header=number == 0, mode="a" if number else "w")
        rows += len(chunk)
    print(f"({rows / (time.perf_counter() - started):,.0f} rows/s)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
