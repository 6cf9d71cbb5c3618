"""What the web worker imports to check rows and to serve a scorecard stays light."""

import subprocess
import sys

from ml.tests.helpers.tables import ROOT

PROGRAM = """
import pathlib, sys
import ml.errors, ml.applications.strict_json, ml.artefacts.keys
import ml.applications.plausibility, ml.training, ml.applications.records
from ml.artefacts import store
sys.modules["shap"] = None  # as where the extra is not installed
loaded = store.load(pathlib.Path(sys.argv[1]), sys.argv[2].encode())
scores = loaded.predictor.score(loaded.manifest["golden_rows"])
scores.explanation(0), scores.gaps(1)
heavy = ("pandas", "sklearn", "scipy", "joblib", "dask", "distributed", "pyarrow", "ml.artefacts.unpickle")
print([name for name in heavy if name in sys.modules])
print([name for name, module in sys.modules.items() if name.startswith("ml") and hasattr(module, "pickle")])
"""


def test_serving_plain_data_imports_neither_pandas_nor_scikit_learn_nor_pickle(artefact, key):
    command = [sys.executable, "-c", PROGRAM, str(artefact), key.decode()]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n[]\n"
