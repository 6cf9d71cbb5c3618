"""The command that puts a policy in force."""

import io

import pytest
from django.core.management import CommandError, call_command

from predictions.models import AuditRecord, Policy
from predictions.services.policies import policies


def run(*arguments):
    out = io.StringIO()
    call_command("adopt_policy", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_puts_a_policy_in_force(db):
    band = ("--refer-low", "0.45", "--refer-high", "0.6", "--no-refer-gaps")
    said = run("--threshold", "0.55", *band, "--reason", "Agreed")
    assert policies.policy_numbers(Policy.objects.newest()) == {
        "threshold": 0.55, "refer_low": 0.45, "refer_high": 0.6, "refer_gaps": False,
        "remarks": "refer", "rules": None, "limit_amount": None,
        **dict.fromkeys(policies.SECOND_FIELDS, False),
    }  # fmt: skip
    assert "is in force. Approve from 55%" in said
    assert AuditRecord.objects.get().action == "policy"


def test_the_command_refuses_in_words(db):
    with pytest.raises(CommandError, match=r"threshold: .* from 0 to 1 is expected, not 55\.0"):
        run("--threshold", "55", "--reason", "x")
