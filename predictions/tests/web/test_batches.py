"""Batches from the browser: the file, the progress, the end, the files that come out."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ml.tests.helpers.workbooks import xlsx
from predictions.models import Batch, Prediction
from predictions.roles import Role
from predictions.tests.helpers.batches import HEADER, ROW, carry_out, lines, table
from predictions.tests.helpers.pages import table_rows, words

PAGE = "/batches/"
REFRESH = 'http-equiv="refresh"'
BAD_ROW = b"B," + ROW.replace("Urban", "Moon").encode() + b"\n"


@pytest.fixture
def officer(active_version, client_of):
    return client_of(Role.OFFICER)


def upload(client, content, name="b.csv"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content, "text/csv")})


def sent(client, content=None):
    """The id of a new batch."""
    return int(upload(client, content or table("A"))["Location"].split("/")[-2])


def show(client, pk):
    return client.get(f"{PAGE}{pk}/")


def change(pk, **facts):
    """Put a batch into a state; times are given as seconds ago."""
    now = timezone.now()
    ago = {name: now - timedelta(seconds=facts.pop(name)) for name in list(facts) if name.endswith("_at")}
    Batch.objects.filter(pk=pk).update(**facts, **ago)


def test_a_file_is_taken_scored_and_handed_out_again(officer):
    pk = sent(officer, table("A") + BAD_ROW)
    waiting = show(officer, pk)
    assert "Waiting for a worker." in words(waiting)
    assert REFRESH in waiting.content.decode()
    carry_out(pk)
    over = show(officer, pk)
    assert "1 of 2 rows were scored" in words(over)
    assert REFRESH not in over.content.decode()
    assert lines(officer.get(f"{PAGE}{pk}/results.csv"))[1].startswith("A,")
    assert lines(officer.get(f"{PAGE}{pk}/errors.csv"))[1].startswith("3,B,Property_Area,Moon,")


def test_a_refused_row_stands_on_the_page_with_line_field_value_and_expectation(officer):
    pk = sent(officer, table("A") + BAD_ROW)
    carry_out(pk)
    row = table_rows(show(officer, pk).content.decode())[-1]
    assert row[:4] == ["Line 3", "B", "Property_Area", "Moon"]
    assert "Rural, Semiurban, Urban" in row[4]


def test_of_many_refused_rows_the_first_twenty_are_shown(officer):
    pk = sent(officer, table(*["A"] * 21))
    carry_out(pk)
    page = show(officer, pk)
    assert len(table_rows(page.content.decode())) == 1 + 20
    assert "First 20 faults. All are in errors.csv ." in words(page)


def test_the_history_leads_to_the_scored_rows(officer):
    pk = sent(officer)
    carry_out(pk)
    link = f"/history/?batch={pk}"
    assert f'"{link}"' in show(officer, pk).content.decode()
    assert table_rows(officer.get(link).content.decode())[1][0] == "A"


def test_a_running_batch_shows_rows_speed_bar_and_time_left(officer):
    pk = sent(officer, table("A", "B"))
    carry_out(pk)
    change(pk, status="running", rows=8, started_at=11, checked_at=10, finished_at=2)
    page = show(officer, pk)
    assert "2 of 8 rows" in words(page)
    assert '<progress max="100" value="25"' in page.content.decode()
    assert "left." in words(page)


def test_the_refresh_can_be_stopped(officer):
    assert REFRESH not in officer.get(f"{PAGE}{sent(officer)}/?still").content.decode()


def test_who_waits_in_vain_is_told(officer):
    pk = sent(officer)
    change(pk, created_at=60)
    assert "No worker for 1 min 0 s." in words(show(officer, pk))
    change(sent(officer), status="running")
    assert "The worker is busy." in words(show(officer, pk))
    change(pk, status="running", heartbeat_at=90)
    assert "No progress for 1 min 30 s." in words(show(officer, pk))


def test_a_batch_that_failed_says_the_line_and_what_was_expected(officer):
    pk = sent(officer, table(*(f"A{number}" for number in range(2000))) + b"B,Male\n")
    carry_out(pk)
    assert "b.csv cannot be used: line 2002: 12 cells are expected" in words(show(officer, pk))
    assert not Prediction.objects.exists()


def test_a_batch_is_cancelled_in_words_and_one_that_is_finished_is_not(officer):
    pk = sent(officer)
    assert "Cancelled before it started" in words(officer.post(f"{PAGE}{pk}/cancel/", follow=True))
    change(pk, status="finished")
    again = officer.post(f"{PAGE}{pk}/cancel/")
    assert (again.status_code, "This batch has already ended." in words(again)) == (409, True)


@pytest.mark.parametrize("name", ["results", "errors"])
def test_a_file_that_is_not_there_yet_is_a_page_that_says_so(officer, name):
    pk = sent(officer)
    reply = officer.get(f"{PAGE}{pk}/{name}.csv")
    assert (reply.status_code, f"{name}.csv of batch {pk} is not ready" in words(reply)) == (409, True)


@pytest.mark.parametrize(
    ("content", "status", "expected"),
    [
        (b"", 422, "The submitted file is empty."),
        (b"PK\x03\x04", 415, "a workbook is expected; this archive is damaged"),
        (b"x" * 1025, 413, "The file is larger than 1,024 bytes (LOANSITE_MAX_FILE)."),
        (b"x" * (1 << 17), 413, "The file is larger than 1,024 bytes (LOANSITE_MAX_FILE)."),
        (table("A").replace(b"ApplicantIncome", b"wages"), 422, "the column ApplicantIncome is missing"),
        (table("A") + b"B,Male\n", 422, "line 3: 12 cells are expected"),
    ],
)
def test_what_is_no_batch_is_refused_by_its_field(officer, settings, content, status, expected):
    settings.MAX_FILE = 1024
    reply = upload(officer, content)
    assert (reply.status_code, expected in words(reply)) == (status, True)
    assert 'id="id_file_error"' in reply.content.decode()
    assert not Batch.objects.exists()
    assert not settings.BATCH_FILES.exists() or not list(settings.BATCH_FILES.iterdir())


def test_a_form_without_a_file_is_refused_by_its_field(officer):
    reply = officer.post(PAGE)
    assert (reply.status_code, "Choose a file." in words(reply)) == (422, True)


def test_without_a_model_nothing_is_kept(artefacts, client_of, settings):
    reply = upload(client_of(Role.OFFICER), table("A"))
    assert (reply.status_code, reply["Retry-After"]) == (503, "30")
    assert 'id="id_file_error"' in reply.content.decode()
    assert (Batch.objects.count(), list(settings.BATCH_FILES.iterdir())) == (0, [])


def test_a_file_is_not_taken_without_its_csrf_token(active_version, user_with):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user_with(Role.OFFICER))
    assert upload(strict, table("A")).status_code == 403


def test_another_officers_batch_is_not_there(officer, client_of):
    pk, other = sent(officer), client_of(Role.OFFICER, "zoe")
    assert f"Batch {pk}" not in words(other.get(PAGE))
    assert show(other, pk).status_code == 404
    assert other.get(f"{PAGE}{pk}/results.csv").status_code == 404
    assert other.post(f"{PAGE}{pk}/cancel/").status_code == 404


def test_an_auditor_reads_whose_batches_there_are_and_changes_none(officer, client_of):
    pk, auditor = sent(officer), client_of(Role.AUDITOR)
    [_, row] = table_rows(auditor.get(PAGE).content.decode())
    assert (row[0], row[-1]) == (f"Batch {pk} b.csv", "officer")
    assert "Upload applications" not in words(auditor.get(PAGE))
    assert "Cancel" not in words(show(auditor, pk))
    assert upload(auditor, table("A")).status_code == 403


def test_the_list_goes_on_by_key(officer):
    first = sent(officer)
    for _ in range(20):
        last = sent(officer)
    newest = officer.get(PAGE)
    assert f"Batch {last} " in words(newest)
    assert f"Batch {first} " not in words(newest)
    assert f"Batch {first} " in words(officer.get(f"{PAGE}?before={newest.context['older']}"))
    assert officer.get(f"{PAGE}?before=x").status_code == 404


def test_without_batches_the_page_says_what_will_stand_there(officer):
    assert "No batches yet. Uploaded files appear here" in words(officer.get(PAGE))


def test_the_example_file_is_scored_as_it_is(officer):
    pk = sent(officer, officer.get(f"{PAGE}example.csv").content)
    carry_out(pk)
    assert "Every row was scored" in words(show(officer, pk))


def test_hostile_names_and_cells_are_text(officer):
    content = table("<b>A</b>", row=ROW.replace("Urban", "<b>Moon</b>"))
    pk = int(upload(officer, content, "<b>x.csv")["Location"].split("/")[-2])
    carry_out(pk)
    for page in (PAGE, f"{PAGE}{pk}/"):
        assert "<b>" not in officer.get(page).content.decode()


def test_a_refused_sheet_is_told_by_its_row(officer):
    page = upload(officer, xlsx([HEADER.split(",")]), "b.xlsx")
    assert "b.xlsx cannot be used: row 2: at least one row is expected." in words(page)
