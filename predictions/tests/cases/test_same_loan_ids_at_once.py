"""Two of the staff score one new Loan_ID at the same moment: one of them has it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from predictions.models import Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient

URL = "/api/v1/predictions/"
pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's tests have one connection"),
]


@pytest.mark.parametrize("arrays", [(False, False), (False, True), (True, True)])
def test_two_at_once_make_one_application(arrays, active_version, user_with, application):
    callers = [ApiClient(user_with(Role.OFFICER, name)) for name in ("ann", "ben")]
    together = threading.Barrier(2)

    def score(caller, in_array):
        together.wait()
        try:
            for number in range(8):
                row = application | {"Loan_ID": f"A{number}"}
                caller.post(
                    URL, [row, application | {"Loan_ID": f"{caller.user}{number}"}] if in_array else row
                )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(score, callers, arrays))
    shared = Prediction.objects.filter(loan_id__startswith="A")
    assert sorted(shared.values_list("loan_id", flat=True)) == [f"A{number}" for number in range(8)]
