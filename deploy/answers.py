"""Exit 0 when the PostgreSQL at the given URL answers within two seconds."""

import sys

import psycopg

try:
    psycopg.connect(sys.argv[1], connect_timeout=2).close()
except psycopg.OperationalError:
    sys.exit(1)
