"""What `check --deploy` says of the database of a site."""

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import run_checks

from predictions.services.accounts import create_demo_accounts


def errors():
    return [
        str(message.msg) for message in run_checks(include_deployment_checks=True) if message.is_serious()
    ]


@pytest.fixture
def demo_accounts(db):
    create_demo_accounts()
    return get_user_model().objects.all()


def test_demo_accounts_with_the_published_password_fail_the_check(demo_accounts):
    (error,) = errors()
    assert error.endswith("admin, auditor, client, manager, officer, reviewer.")


def test_accounts_with_a_password_of_their_own_or_switched_off_pass(demo_accounts):
    for user in demo_accounts:
        user.set_password("quite another one")
        user.save()
    officer = demo_accounts.get(username="officer")
    officer.set_password("loansite-demo")
    officer.is_active = False
    officer.save()
    assert errors() == []
