#!/bin/sh
# Install the generators of clients for `make test-all`, locked and apart from the product: .venv/clients.
set -eu
tools=${LOANSITE_TEST_CLIENTS:-.venv/clients}
[ -x "$tools/bin/python" ] || "${PYTHON:-.venv/bin/python}" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/clients.txt
cp predictions/tests/clients/package.json predictions/tests/clients/package-lock.json "$tools"
npm ci --prefix "$tools" --silent --ignore-scripts
