"""Equal explanations are stored once, and those of older rows came along."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.live import active_model
from predictions.models import Explanation, Prediction
from predictions.roles import Role
from predictions.services.scoring import scoring
from predictions.services.scoring.explanations import explanation_ids

SCHEMA = built_in()


@pytest.fixture
def score(active_version, user_with, application):
    officer = user_with(Role.OFFICER)

    def call(*loan_ids, **changes):
        rows = [read_json_row(SCHEMA, application | changes | {"Loan_ID": loan_id}) for loan_id in loan_ids]
        facts = {"source": Prediction.Source.API, "request_id": "r"}
        return scoring.score_records(owner=officer, records=rows, **facts)

    return call


def test_applications_in_the_same_bins_share_an_explanation(score):
    score("A", "B")
    score("C")
    assert Explanation.objects.count() == 1


def test_applications_in_other_bins_have_another_explanation(score):
    score("A")
    score("B", Credit_History=0)
    first, second = Prediction.objects.order_by("pk")
    assert first.reasons != second.reasons


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ids_that_a_call_has_found_stay_when_another_thread_forgets_all(score):
    score("A")
    model = active_model.current()
    (stored,) = Explanation.objects.all()
    found = explanation_ids(model, [SimpleNamespace(digest=stored.digest, score=None)])
    model.explanation_ids.clear()
    assert found == {stored.digest: stored.pk}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_migrating_back_and_forth_keeps_base_and_reasons(score):
    (scored,) = score("A")
    call_command("migrate", "predictions", "0002", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT base FROM predictions_prediction")
        assert cursor.fetchone() == (scored.base,)
    call_command("migrate", "predictions", verbosity=0)
    stored = Prediction.objects.get()
    assert (stored.base, stored.reasons) == (scored.base, scored.reasons)


def scores():
    rows = Prediction.objects.select_related("explanation").order_by("pk")
    return [(row.log_odds, row.missing, row.gaps, row.reasons) for row in rows]


def fetched(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [value for (value,) in cursor.fetchall()]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_migrating_back_and_forth_keeps_log_odds_and_gaps(score):
    score("A", "B")
    score("C", Credit_History=None)
    before = scores()
    call_command("migrate", "predictions", "0047", verbosity=0)
    stored = fetched("SELECT log_odds FROM predictions_prediction ORDER BY id")
    assert stored == [log_odds for log_odds, *_ in before]
    call_command("migrate", "predictions", verbosity=0)
    assert scores() == before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_score_that_went_back_and_forth_is_stored_whole_when_it_comes_again(score):
    score("A")
    call_command("migrate", "predictions", "0047", verbosity=0)
    call_command("migrate", "predictions", verbosity=0)
    active_model.reset()  # as in the process that is started after an update
    score("B")
    first, again = scores()
    assert first == again


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_predictions_of_one_explanation_with_different_gaps_keep_their_own(score):
    score("A", Credit_History=None)
    score("B", Credit_History=None)
    call_command("migrate", "predictions", "0047", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE predictions_prediction SET gaps = NULL WHERE loan_id = 'B'")
    call_command("migrate", "predictions", verbosity=0)
    (*_, gaps, _), (*_, none, _) = scores()
    assert (gaps["alone"].keys(), none) == ({"Credit_History"}, None)


def test_a_whole_number_is_stored_without_a_fraction_and_read_as_a_float(score):
    score("A", ApplicantIncome=3260.0, LoanAmount=128.5)
    (stored,) = fetched("SELECT inputs FROM predictions_prediction")
    inputs = Prediction.objects.get().inputs
    assert (".0" not in str(stored), inputs["LoanAmount"]) == (True, 128.5)
    assert isinstance(inputs["ApplicantIncome"], float)
