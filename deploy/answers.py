"""Exit 0 when the PostgreSQL or MariaDB at the given URL answers within two seconds."""

import sys
from typing import Any
from urllib.parse import urlsplit


def connect(url: str) -> Any:
    if url.startswith("postgres"):
        import psycopg

        return psycopg.connect(url, connect_timeout=2)
    import pymysql

    at = urlsplit(url)
    password = at.password or ""
    return pymysql.connect(
        host=at.hostname, port=at.port or 3306, user=at.username, password=password, connect_timeout=2
    )


try:
    connect(sys.argv[1]).close()
except Exception as error:  # each driver has an exception of its own
    print(error, file=sys.stderr)  # noqa: T201
    sys.exit(1)
