#!/bin/sh
# Make artefacts of an earlier commit without a site: its own code trains both recipes on the sample.
# From the root of a checkout: sh predictions/tests/stored/make_models.sh 5f37767
# PYTHON (default: .venv/bin/python) has the requirements of that commit, and shap.
set -eu
commit=$1
stored=$(pwd)/predictions/tests/stored
python=${PYTHON:-.venv/bin/python}
case "$python" in /*) ;; *) python=$(pwd)/$python ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git archive "$commit" | tar -x -C "$work"
rm -rf "${stored:?}/$commit"
mkdir "$stored/$commit"
cd "$work"
# The key is public: it signs the artefacts of these tests, and nothing else.
env PYTHONPATH="$work" LOANSITE_ARTEFACT_KEY="$(cat "$stored/only-for-tests.key")" \
    "$python" "$stored/train_models.py" "$stored/$commit"
