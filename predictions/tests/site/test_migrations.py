"""Models and migrations agree, and migrations are named for their intent."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

import predictions.migrations
from predictions.models import Notice
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient


def test_no_migration_is_missing(db):
    call_command("makemigrations", "predictions", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_confirmed_notice_stands_in_the_way_back(active_version, user_with, application):
    officer, zoe = user_with(Role.OFFICER), user_with(Role.REVIEWER, "zoe")
    pk = ApiClient(officer).post("/api/v1/predictions/", application).json()["id"]
    facts = {"prediction_id": pk, "text": "Dear Ms Lee", "by": officer, "at": timezone.now()}
    notice = Notice.objects.create(**facts, confirmed_by=zoe, confirmed_at=facts["at"])
    with pytest.raises(CommandError, match="the second person of a notice would be lost"):
        call_command("migrate", "predictions", "0040", verbosity=0)
    Notice.objects.update(confirmed_by=None)
    call_command("migrate", "predictions", "0040", verbosity=0)
    call_command("migrate", verbosity=0)
    assert Notice.objects.get() == notice


def test_no_migration_has_a_generated_name():
    names = [path.stem for path in Path(predictions.migrations.__path__[0]).glob("0*.py")]
    assert names
    assert not [name for name in names if re.search(r"auto|initial|\d{8}", name)]
