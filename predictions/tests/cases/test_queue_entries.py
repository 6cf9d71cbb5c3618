"""The queue's entries: one for each application, whatever wrote them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import Batch, Prediction, Referral
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.queue import claims
from predictions.services.queue.bare_entries import complete_entries
from predictions.services.scoring import scoring
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import carry_out, finished, table

pytestmark = pytest.mark.usefixtures("active_version")
SCHEMA = built_in()
QUEUE_FIELDS = ("loan_id", "owner", "since", "amount", "causes", "source")


@pytest.fixture
def officer(user_with):
    return user_with(Role.OFFICER)


@pytest.fixture
def refer(officer, application):
    """Score applications with a gap in one call: ``refer("A1", "A2", now=..., LoanAmount=90)``."""

    def make(*loan_ids, now=None, queue=True, **values):
        gap = application | {"Credit_History": None} | values
        records = [read_json_row(SCHEMA, gap | {"Loan_ID": loan_id}) for loan_id in loan_ids]
        facts = {"owner": officer, "source": Prediction.Source.API, "request_id": "t", "queue": queue}
        scoring.score_records(records=records, now=now, **facts)
        return Prediction.objects.first()

    return make


@pytest.fixture
def make_bare():
    """Make the entries as servers of the release before write them: one for each referred prediction."""

    def make():
        Referral.objects.all().delete()
        referred = Prediction.objects.filter(outcome="refer").order_by("pk")
        Referral.objects.bulk_create(Referral(prediction=case) for case in referred)

    return make


def entries():
    return list(Referral.objects.order_by("loan_id").values_list(*QUEUE_FIELDS))


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def test_an_entry_says_all_that_the_queue_shows(refer, officer):
    now = timezone.now()
    refer("A1", now=now)
    assert entries() == [("A1", officer.pk, now, 110.0, "gap", "api")]


def test_an_application_that_is_referred_again_keeps_its_place(refer):
    first = days_ago(3)
    claims.claim_case(prediction=refer("A1", now=first), by=Prediction.objects.first().owner)
    newest = refer("A1", LoanAmount=90)
    (entry,) = Referral.objects.all()
    assert (entry.prediction, entry.since, entry.amount) == (newest, first, 90.0)
    assert entry.assigned_to == newest.owner


def test_of_a_call_that_repeats_an_application_the_last_row_enters(refer):
    newest = refer("A1", "A2", "A1")
    assert sorted(Referral.objects.values_list("loan_id", "pk")) == [("A1", newest.pk), ("A2", newest.pk - 1)]


def test_a_call_can_keep_its_referrals_out_of_the_queue(refer):
    assert refer("A1", queue=False).outcome == "refer"
    assert not Referral.objects.exists()


def test_a_decision_ends_the_referral(refer, officer):
    case = refer("A1")
    decisions.decide(prediction=case, by=officer, verdict="approved" if case.approved else "denied")
    assert not Referral.objects.exists()


def test_the_worker_completes_entries_of_the_release_before(refer, make_bare):
    refer("A1", now=days_ago(2))
    refer("A1", "A2", now=days_ago(1), LoanAmount=90)
    written = entries()
    make_bare()
    complete_entries()
    assert entries() == written


def test_a_migration_completes_the_entries_of_an_older_database(refer, make_bare):
    refer("A1")
    written = entries()
    make_bare()
    call_command("migrate", verbosity=0)
    assert entries() == written


def test_a_bare_entry_joins_the_complete_one_of_its_application(refer):
    first = refer("A1", now=days_ago(2))
    claims.claim_case(prediction=first, by=first.owner)
    Referral.objects.create(prediction=refer("A1", queue=False, LoanAmount=90))
    complete_entries()
    (entry,) = Referral.objects.all()
    assert (entry.since, entry.amount, entry.assigned_to) == (first.created_at, 90.0, first.owner)


def test_a_claim_of_the_release_before_is_completed_too(refer, make_bare):
    case = refer("A1")
    claims.claim_case(prediction=case, by=case.owner)
    make_bare()
    complete_entries()
    assert Referral.objects.get().assigned_to == case.owner


GAP = "Male,Yes,0,Graduate,No,5720,0,110,360,,Urban"


@pytest.mark.parametrize(("query", "waiting"), [("", 1), ("?queue=true", 1), ("?queue=false", 0)])
@pytest.mark.parametrize("many", [False, True])
def test_a_program_says_whether_its_referrals_enter_the_queue(officer, application, query, waiting, many):
    row = application | {"Credit_History": None}
    reply = ApiClient(officer).post(f"/api/v1/predictions/{query}", [row] if many else row).json()
    assert (reply["predictions"][0] if many else reply)["outcome"] == "refer"
    assert Referral.objects.count() == waiting


@pytest.mark.parametrize(("query", "waiting"), [("", 2), ("?queue=false", 0)])
def test_a_batch_by_api_says_so_too(officer, query, waiting):
    api = ApiClient(officer)
    sent = Client().post(
        f"/api/v1/batches/{query}", table("A", "B", row=GAP), "text/csv", headers=api.headers
    )
    assert carry_out(sent.json()["id"]).queue is (waiting > 0)
    assert list(Referral.objects.values_list("batch", flat=True)) == [sent.json()["id"]] * waiting


@pytest.mark.parametrize(("tick", "waiting"), [({}, 2), ({"no_queue": "on"}, 0)])
def test_a_tick_keeps_the_referrals_of_an_uploaded_file_out(client_of, tick, waiting):
    client = client_of(Role.OFFICER, "zoe")
    file = SimpleUploadedFile("b.csv", table("A", "B", row=GAP), "text/csv")
    client.post("/batches/", {"file": file} | tick)
    batch = carry_out(Batch.objects.get().pk)
    assert Referral.objects.count() == waiting
    assert ("stay out of the queue" in client.get(f"/batches/{batch.pk}/").content.decode()) is (not waiting)


def test_many_referrals_of_one_call_enter(refer, officer):
    refer(*(f"A{number}" for number in range(60)))
    refer(*(f"A{number}" for number in reversed(range(60))), LoanAmount=90)
    assert Referral.objects.filter(amount=90, causes="gap").count() == Referral.objects.count() == 60


def test_the_queue_is_narrowed_to_a_batch_on_its_page_and_by_api(officer, client_of):
    api, reviewer = ApiClient(officer), client_of(Role.REVIEWER, "zoe")
    first, second = (finished(api, table(loan_id, row=GAP))["id"] for loan_id in "AB")
    for pk, loan_id in ((first, "A"), (second, "B")):
        page = reviewer.get(f"/queue/?batch={pk}").context["lines"]
        rows = api.get(f"/api/v1/queue/?batch={pk}").json()["results"]
        assert [line.prediction.loan_id for line in page] == [row["Loan_ID"] for row in rows] == [loan_id]
