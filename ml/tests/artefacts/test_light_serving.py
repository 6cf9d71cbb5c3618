"""What the web worker imports to check rows and to serve a scorecard stays light."""

import subprocess
import sys

from ml.tests.helpers.tables import ROOT

PROGRAM = """
import pathlib, sys
import ml.errors, ml.applications.strict_json, ml.artefacts.keys
import ml.applications.plausibility, ml.training, ml.applications.records
from ml.artefacts import golden, store
loaded = store.load(pathlib.Path(sys.argv[1]), sys.argv[2].encode())
loaded.predictor.score(golden.golden_columns()).explanation(0)
heavy = ("pandas", "sklearn", "scipy", "joblib", "dask", "distributed", "pyarrow")
print([name for name in heavy if name in sys.modules])
"""


def test_serving_a_scorecard_imports_neither_pandas_nor_scikit_learn(saved, key):
    command = [sys.executable, "-c", PROGRAM, str(saved.place / "scorecard"), key.decode()]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
