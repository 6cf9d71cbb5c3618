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


RULES = """
[[rule]]
code = "large"
when = "LoanAmount > 300"
action = "refer"
officer = "The amount is large."
"""


@pytest.fixture
def rules_file(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return path


def codes():
    return [rule.code for rule in Policy.objects.newest().rule.rules]


def test_rules_and_limit_are_read_kept_and_removed(db, rules_file):
    run("--threshold", "0.5", "--rules", str(rules_file), "--limit-amount", "400", "--reason", "x")
    run("--threshold", "0.6", "--reason", "x")
    assert (codes(), Policy.objects.newest().limit_amount) == (["large"], 400.0)
    rules_file.write_text("")
    run("--threshold", "0.6", "--rules", str(rules_file), "--reason", "x")
    assert (codes(), Policy.objects.newest().rules) == ([], None)


def test_the_command_refuses_rules_with_their_place(db, rules_file):
    rules_file.write_text(RULES.replace("LoanAmount", "Wages"))
    with pytest.raises(CommandError, match=r"rule\[0\].when \(line 4\): .*'Wages'"):
        run("--threshold", "0.5", "--rules", str(rules_file), "--reason", "x")
    assert Policy.objects.count() == 1


def test_turning_gap_referral_off_is_warned_of(db):
    assert "raise the probability" in run("--threshold", "0.5", "--no-refer-gaps", "--reason", "x")
    assert "raise the probability" not in run("--threshold", "0.6", "--no-refer-gaps", "--reason", "x")
