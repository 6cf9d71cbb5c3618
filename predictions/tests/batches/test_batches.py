"""Batches over the API: accepted at once, scored by the worker, taken out as files."""

import pytest
from django.test import Client

from predictions.models import AuditRecord, Batch, Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import HEADER, ROW, URL, carry_out, finished, lines, send, table


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


def test_a_file_is_accepted_before_its_rows_are_looked_at(api):
    reply = send(api, table("A", "B"))
    assert (reply.status_code, reply.json()["status"], reply.json()["rows"]) == (202, "queued", None)


def test_every_good_row_becomes_a_prediction_of_its_owner(api):
    batch = finished(api, table("A", "B", "C"))
    assert (batch["status"], batch["rows"], batch["done"], batch["scored"]) == ("finished", 3, 3, 3)
    stored = Prediction.objects.visible_to(api.user).order_by("pk")
    said = [(one.loan_id, one.source, one.request_id) for one in stored]
    assert said == [(loan_id, "batch", f"batch-{batch['id']}-0") for loan_id in "ABC"]


def test_a_batch_counts_its_scored_rows_by_outcome(api):
    referred = ROW.replace("5720,0,110", "20,0,110")
    batch = finished(api, table("A", "B") + f"C,{referred}\nD,{ROW.replace('Urban', 'Moon')}\n".encode())
    assert batch["outcomes"] == {"approved": 2, "denied": 0, "refer": 1}
    assert api.get(URL).json()["results"][0]["outcomes"] == batch["outcomes"]


def test_the_rows_of_a_queued_batch_have_no_outcome_yet(api):
    assert set(send(api, table("A")).json()["outcomes"].values()) == {0}


def test_a_page_of_batches_takes_one_query_for_all_outcomes(api, django_assert_max_num_queries):
    for loan_id in "ABCDE":
        send(api, table(loan_id))
    with django_assert_max_num_queries(8):
        assert len(api.get(URL).json()["results"]) == 5


def test_a_form_is_read_as_the_body_itself_is(api, tmp_path):
    (tmp_path / "form.csv").write_bytes(table("A"))
    with (tmp_path / "form.csv").open("rb") as file:
        sent = Client().post(URL, {"file": file}, headers=api.headers).json()
    assert (sent["name"], carry_out(sent["id"]).status) == ("form.csv", "finished")


def test_a_file_may_be_sent_as_bytes_of_no_kind(api):
    kind = "application/octet-stream"
    reply = Client().post(f"{URL}?name=a.csv", table("A"), content_type=kind, headers=api.headers)
    assert (reply.status_code, reply.json()["name"]) == (202, "a.csv")


def test_results_are_in_the_files_order_and_no_formula(api):
    batch = finished(api, table("=B()", "A"))
    header, *rows = lines(api.get(f"{URL}{batch['id']}/results.csv"))
    assert header.split(",")[:2] + header.split(",")[-1:] == ["Loan_ID", "approval_probability", "id"]
    assert [row.split(",")[0] for row in rows] == ["'=B()", "A"]


def test_a_bad_row_is_listed_with_its_line_field_and_value(api):
    batch = finished(api, table("A") + b"B," + ROW.replace("Urban", "Moon").encode())
    assert (batch["scored"], batch["refused"]) == (1, 1)
    _, fault = lines(api.get(f"{URL}{batch['id']}/errors.csv"))
    assert fault.startswith("3,B,Property_Area,Moon,")


def test_all_rows_that_share_a_loan_id_are_refused_each_naming_another(api):
    batch = finished(api, table("A", "B", "A"))
    faults = lines(api.get(f"{URL}{batch['id']}/errors.csv"))[1:]
    assert (batch["scored"], batch["refused"]) == (1, 2)
    assert [fault.split(",")[0] + fault[-1] for fault in faults] == ["24", "42"]


@pytest.mark.parametrize("facts", [{"source": "api"}, {"owner": "zoe"}])
def test_results_hold_predictions_of_the_batch_and_its_owner_alone(api, user_with, facts):
    batch = finished(api, table("A", "B", "C"))
    facts = {
        name: user_with(Role.OFFICER, value) if name == "owner" else value for name, value in facts.items()
    }
    Prediction.objects.filter(loan_id="B").update(**facts)  # stored under the same id, between the others
    rows = lines(api.get(f"{URL}{batch['id']}/results.csv"))[1:]
    assert [row.split(",")[0] for row in rows] == ["A", "C"]


@pytest.mark.parametrize("name", ["results", "errors"])
def test_files_are_there_once_the_batch_is_over(api, name):
    path = f"{URL}{send(api, table('A')).json()['id']}/{name}.csv"
    assert api.get(path).status_code == 409


def test_who_takes_results_out_and_how_many_goes_on_record(api):
    batch = finished(api, table("A"))
    lines(api.get(f"{URL}{batch['id']}/results.csv"))
    ended = AuditRecord.objects.get(action="batch results ended")
    assert (ended.by, ended.detail) == (api.user, {"batch": batch["id"], "cases": 1})


def test_the_uploaded_file_is_this_sites_alone_and_gone_once_the_batch_is_over(
    api, settings, django_capture_on_commit_callbacks
):
    sent = send(api, table("A")).json()
    [kept] = settings.BATCH_FILES.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    with django_capture_on_commit_callbacks(execute=True):
        carry_out(sent["id"])
    assert not kept.exists()


def test_a_cancelled_batch_is_not_scored(api):
    sent = send(api, table("A")).json()
    reply = api.post(f"{URL}{sent['id']}/cancel/", "")
    assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
    assert (carry_out(sent["id"]).status, Prediction.objects.count()) == ("cancelled", 0)
    assert api.post(f"{URL}{sent['id']}/cancel/", "").status_code == 200  # again: it is cancelled


def test_a_retry_with_the_same_key_makes_no_second_batch(api, settings):
    first, again = (send(api, table("A"), key="k") for _ in range(2))
    assert (again.json()["id"], again["Idempotent-Replay"]) == (first.json()["id"], "true")
    assert len(list(settings.BATCH_FILES.iterdir())) == Batch.objects.count() == 1
    assert send(api, table("B"), key="k").status_code == 422


def test_somebody_elses_batch_is_not_there(api, user_with):
    other = ApiClient(user_with(Role.OFFICER, "zoe"))
    batch = finished(other, table("A"))
    assert api.get(f"{URL}{batch['id']}/results.csv").status_code == 404


def test_without_an_active_model_no_file_is_kept(db, artefacts, user_with, settings):
    reply = send(ApiClient(user_with(Role.OFFICER)), table("A"))
    assert (reply.status_code, list(settings.BATCH_FILES.iterdir())) == (503, [])


def test_headings_alone_are_refused(api):
    reply = send(api, HEADER.encode())
    assert (reply.status_code, "at least one row is expected" in reply.content.decode()) == (400, True)
