"""The scoring service: what is stored is what was said, all of it or none."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.errors import NoActiveModel
from predictions.models import Applicant, Prediction
from predictions.roles import Role
from predictions.services.scoring import scoring
from predictions.services.writing.replies import PredictionReply

SCHEMA = built_in()

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def score(active_version, user_with):
    officer = user_with(Role.OFFICER)

    def run(*rows, owner=officer):
        records = [read_json_row(SCHEMA, row) for row in rows]
        return scoring.score_records(
            owner=owner, records=records, source=Prediction.Source.API, request_id="r1", now=NOW
        )

    return run


def as_sent(scored):
    return json.loads(msgspec.json.encode(scored))


def test_the_stored_prediction_is_the_one_returned(score, application):
    [scored] = score(application)
    assert as_sent(PredictionReply.of(Prediction.objects.get(pk=scored.id))) == as_sent(scored)


def test_the_inputs_are_kept_as_they_were_scored(score, application):
    [scored] = score(application | {"Gender": None})
    inputs = Prediction.objects.get(pk=scored.id).inputs
    assert (inputs["Gender"], inputs["ApplicantIncome"], inputs["Dependents"]) == (None, 5720.0, "0")


def test_who_where_when_and_policy_are_kept(score, application, active_version):
    [scored] = score(application)
    stored = Prediction.objects.get(pk=scored.id)
    assert (stored.owner.username, stored.source, stored.request_id) == ("officer", "api", "r1")
    assert (stored.created_at, stored.threshold, stored.policy.refer_low) == (NOW, 0.5, None)
    assert stored.model_version == active_version


def test_contributions_and_base_sum_to_the_log_odds(score, application):
    [scored] = score(application)
    total = scored.base + sum(reason["contribution"] for reason in scored.reasons)
    assert total == pytest.approx(scored.log_odds, abs=1e-9)


def test_reasons_come_most_adverse_first(score, application):
    [scored] = score(application)
    contributions = [reason["contribution"] for reason in scored.reasons]
    assert contributions == sorted(contributions)


def test_gaps_of_columns_that_the_model_reads_are_named(score, application):
    [scored] = score(application | {"Credit_History": None, "Self_Employed": None})
    assert scored.missing == ["Credit_History"]


def test_a_likely_slip_of_the_unit_is_warned_of(score, application):
    [scored] = score(application | {"LoanAmount": 110_000})
    codes = [warning["code"] for warning in scored.warnings if warning["attr"] == "LoanAmount"]
    assert codes == ["unusual_value", "outside_training_range", "instalment_above_income"]


def test_scoring_a_loan_id_again_updates_the_applicant_and_adds_a_prediction(score, application):
    [first] = score(application)
    [second] = score(application | {"ApplicantIncome": 900})
    assert Applicant.objects.get().inputs["ApplicantIncome"] == 900
    assert Prediction.objects.get(pk=first.id).inputs["ApplicantIncome"] == 5720
    assert Prediction.objects.get(pk=second.id).inputs["ApplicantIncome"] == 900


def test_two_owners_may_use_the_same_loan_id(score, application, user_with):
    score(application)
    score(application, owner=user_with(Role.API_CLIENT, "zoe"))
    assert Applicant.objects.filter(loan_id="LP001015").count() == 2


def test_results_come_in_the_order_of_the_rows(score, application):
    rows = [application | {"Loan_ID": f"L{n}", "ApplicantIncome": 1000 + n} for n in (3, 1, 2)]
    scored = score(*rows)
    assert [s.loan_id for s in scored] == ["L3", "L1", "L2"]
    stored = Prediction.objects.in_bulk([s.id for s in scored])
    assert [stored[s.id].inputs["ApplicantIncome"] for s in scored] == [1003, 1001, 1002]


def test_the_json_of_a_call_is_that_of_its_rows(score, application):
    strange = {"Loan_ID": 'L "2" é', "ApplicantIncome": 0, "Credit_History": None}
    scored = score(application, application | strange)
    assert msgspec.json.encode(scored.json()) == msgspec.json.encode([*scored])


def test_more_rows_than_one_statement_takes_keep_their_order(score, application):
    scored = score(*(application | {"Loan_ID": f"L{n}"} for n in range(4000)))
    stored = Prediction.objects.in_bulk([s.id for s in scored])
    assert all(stored[s.id].loan_id == s.loan_id for s in scored)


def test_the_number_of_statements_does_not_grow_with_the_rows(score, application, django_assert_num_queries):
    score(application)  # the first call also looks the active model up
    with CaptureQueriesContext(connection) as few:
        score(*(application | {"Loan_ID": f"L{n}"} for n in range(100)))
    with django_assert_num_queries(len(few)):
        score(*(application | {"Loan_ID": f"M{n}"} for n in range(900)))


def test_without_an_active_model_nothing_is_stored(user_with, application):
    with pytest.raises(NoActiveModel, match=r"manage\.py train"):
        scoring.score_records(
            owner=user_with(Role.OFFICER),
            records=[read_json_row(SCHEMA, application)],
            source=Prediction.Source.API,
            request_id="r1",
        )
    assert not Applicant.objects.exists()
