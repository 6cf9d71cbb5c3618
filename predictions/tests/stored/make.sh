#!/bin/sh
# Make the test data of an earlier commit: its own code trains the models and fills the database.
# From the root of a checkout: sh predictions/tests/stored/make.sh 0a4a52a
# PYTHON (default: .venv/bin/python) has requirements.txt and requirements-explain.txt of that commit.
# Another run gives the same applications, probabilities and reasons; times, tokens and signatures differ.
set -eu
commit=$1
stored=$(pwd)/predictions/tests/stored
python=${PYTHON:-.venv/bin/python}
case "$python" in /*) ;; *) python=$(pwd)/$python ;; esac
"$python" -c "import shap" || { echo "Install requirements-explain.txt: shap gives the forest's reasons."; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/code"
git archive "$commit" | tar -x -C "$work/code"
rm -rf "${stored:?}/$commit"
mkdir "$stored/$commit"
cd "$work/code"
# The key is public: it signs the artefacts of these tests, and nothing else.
env -u DATABASE_URL -u LOANSITE_ENV DJANGO_SETTINGS_MODULE=loansite.settings PYTHONPATH="$work/code" \
    LOANSITE_VAR="$work/var" LOANSITE_ARTEFACT_KEY="$(cat "$stored/only-for-tests.key")" \
    "$python" "$stored/fill_site.py" "$stored/$commit"
