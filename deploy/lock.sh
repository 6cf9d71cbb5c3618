#!/bin/sh
# Compile requirements/*.in into hashed locks; the core first, since the others are constrained by it.
set -eu
lock() {
    .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links "requirements/$1.in" -o "$2"
}
lock core requirements.txt
for name in postgres explain dev bench mysql bulk clients; do
    lock "$name" "requirements/$name.txt"
done
