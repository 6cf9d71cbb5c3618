"""The machine and the packages of a run."""

import importlib.metadata
import os
import platform
import sqlite3

PACKAGES = ("Django", "djangorestframework", "gunicorn", "msgspec", "numpy", "pandas", "scikit-learn")


def lines() -> list[str]:
    """Return lines with machine, load and versions."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}; load average {load}",
        versions,
        "Machines are shared and differ: only ratios within one run count.",
    ]
