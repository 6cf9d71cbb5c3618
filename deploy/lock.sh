#!/bin/sh
# Compile requirements*.in into hashed locks; the core first, since the others are constrained by it.
set -eu
for name in requirements requirements-postgres requirements-explain requirements-dev requirements-bench \
    requirements-mysql requirements-bulk; do
    .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links "$name.in" -o "$name.txt"
done
