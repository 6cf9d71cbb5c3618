#!/bin/sh
# Print the first Python of those that the locks hold for: $PYTHON, or python3, or the newest python3.N.
set -eu
fits='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$name" -c "$fits" 2>/dev/null; then
        echo "$name"
        exit
    fi
done
echo "No Python was found that fits${PYTHON:+ (PYTHON=$PYTHON)}: install Python 3.11, 3.12, 3.13 or 3.14 with its" \
    "venv module (on Debian: apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python." >&2
exit 1
