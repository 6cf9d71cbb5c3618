"""Two second persons confirm one proposal at the same moment: one of them has confirmed it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from predictions.models import AuditRecord, Decision, Policy, Proposal
from predictions.roles import Role
from predictions.services.policies import policies
from predictions.tests.helpers.api import ApiClient

V1, ROUNDS = "/api/v1", 8
WISH = {"verdict": "approved", "code": "compensating", "note": "The guarantor pays half of it."}
pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's tests have one connection"),
]


@pytest.fixture
def proposals(active_version, user_with, application):
    """Decisions above the limit that an officer proposed, each of an application of its own."""
    limited = Policy(threshold=0.5, limit_amount=100)
    policies.adopt_policy(policy=limited, replaces=Policy.objects.newest().pk, by=None, reason="A limit")
    officer = ApiClient(user_with(Role.OFFICER))
    for number in range(ROUNDS):
        row = application | {"Loan_ID": f"A{number}", "Credit_History": None}
        pk = officer.post(f"{V1}/predictions/", row).json()["id"]
        assert officer.post(f"{V1}/applications/{pk}/decisions/", WISH).status_code == 202
    return list(Proposal.objects.order_by("pk"))


def test_one_confirmation_counts_and_one_decision_is_stored(proposals, user_with):
    callers = [ApiClient(user_with(Role.REVIEWER, name)) for name in ("yan", "zoe")]
    together = threading.Barrier(2, timeout=30)

    def confirm(caller):
        try:
            return [confirm_together(caller, proposal) for proposal in proposals]
        finally:
            connections.close_all()

    def confirm_together(caller, proposal):
        together.wait()
        return caller.post(f"{V1}/proposals/{proposal.pk}/confirm/", {}).status_code

    with ThreadPoolExecutor(2) as threads:
        yans, zoes = threads.map(confirm, callers)
    assert [sorted(pair) for pair in zip(yans, zoes, strict=True)] == [[200, 409]] * ROUNDS
    winners = ["yan" if status == 200 else "zoe" for status in yans]
    stored = Decision.objects.order_by("prediction").values_list("prediction", "confirmed_by__username")
    assert [*stored] == [(one.prediction_id, name) for one, name in zip(proposals, winners, strict=True)]
    answers = Proposal.objects.order_by("pk").values_list("answer", "answered_by__username")
    assert [*answers] == [("confirmed", name) for name in winners]
    assert AuditRecord.objects.filter(action="decision proposal confirmed").count() == ROUNDS
