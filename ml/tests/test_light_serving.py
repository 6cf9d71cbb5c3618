"""What the web worker imports to check rows and to serve a scorecard stays light."""

import subprocess
import sys

from ml.tests.tables import ROOT

SERVING = "ml.errors, ml.golden, ml.jsontext, ml.keys, ml.plausibility, ml.predictor, ml.recipe_titles, ml.records, ml.store"
PROGRAM = """
import json, sys, pathlib, {modules}
loaded = ml.store.load(pathlib.Path({directory!r}), {key!r})
loaded.predictor.score(ml.golden.columns()).reasons(0)
print(json.dumps(sorted({{name.split(".")[0] for name in sys.modules}} & {{"pandas", "sklearn", "scipy", "joblib"}})))
"""


def test_serving_a_scorecard_imports_neither_pandas_nor_scikit_learn(saved, key):
    program = PROGRAM.format(modules=SERVING, directory=str(saved.place / "scorecard"), key=key)
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )  # noqa: S603 -- our own interpreter and program
    assert run.stdout == "[]\n"
