"""Models and migrations agree, and migrations are named for their intent."""

import re
from pathlib import Path

from django.core.management import call_command

import predictions.migrations


def test_no_migration_is_missing(db):
    call_command("makemigrations", "predictions", check=True, dry_run=True, verbosity=0)


def test_no_migration_has_a_generated_name():
    names = [path.stem for path in Path(predictions.migrations.__path__[0]).glob("0*.py")]
    assert names
    assert not [name for name in names if re.search(r"auto|initial|\d{8}", name)]
