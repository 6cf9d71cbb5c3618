#!/bin/sh
# Install locked requirements into .venv: by uv where pip can fetch it (seconds), by pip otherwise.
# Compiled, as pip does it: where Python must not or cannot write there, each start would compile all it imports.
set -eu
if ! [ -x .venv/bin/python ]; then
    python=$(sh deploy/find_python.sh)
    "$python" -m venv .venv
fi
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv || true
for lock in "$@"; do
    echo "Installing $lock"
    if [ -x .venv/bin/uv ]; then
        VIRTUAL_ENV=.venv .venv/bin/uv pip install --quiet --compile-bytecode --require-hashes -r "$lock"
    else
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    fi
done
