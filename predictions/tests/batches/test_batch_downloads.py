"""Results in words and as a workbook, and refused rows that are mended and sent again."""

import csv
import io
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from python_calamine import load_workbook

from predictions.models import AuditRecord, Batch, BatchChunk, Prediction
from predictions.roles import Role
from predictions.services.batches import downloads
from predictions.services.batches.workbook import workbook_parts
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import HEADER, ROW, URL, finished, lines, send, table
from predictions.tests.helpers.pages import words

GAP, MOON = ROW.replace(",1,Urban", ",,Urban"), ROW.replace("Urban", "Moon")
WORDS = ["outcome_in_words", "causes_in_words", "application"]


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


def read(reply):
    """Return a CSV file as lists of cells."""
    return list(csv.reader(io.StringIO(b"".join(reply.streaming_content).decode(), newline="")))


def sheet_of(reply):
    """Return the rows of a workbook."""
    return load_workbook(io.BytesIO(b"".join(reply.streaming_content))).get_sheet_by_index(0).to_python()


def test_results_have_the_words_of_the_pages_and_a_link_on_request(api):
    batch = finished(api, table("A") + f"G,{GAP}\n".encode())
    heading, first, gap = read(api.get(f"{URL}{batch['id']}/results.csv?words=true"))
    pk = Prediction.objects.get(loan_id="A").pk
    assert heading[-3:] == WORDS
    assert first[-3:] == ["Model: approve", "", f"http://testserver/applications/{pk}/"]
    assert gap[-3] == "Model: a person decides"
    assert gap[-2].startswith("A missing value could change the outcome: ")


def test_results_keep_their_columns_without_the_wish(api):
    batch = finished(api, table("A"))
    plain = read(api.get(f"{URL}{batch['id']}/results.csv"))
    worded = read(api.get(f"{URL}{batch['id']}/results.csv?words=true"))
    assert [row[:-3] for row in worded] == plain
    assert api.get(f"{URL}{batch['id']}/results.csv?words=1").status_code == 400


def test_a_further_column_named_like_one_in_words_is_renamed(api):
    content = f"{HEADER},application\nA,{ROW},mine\n".encode()
    heading, row = read(api.get(f"{URL}{finished(api, content)['id']}/results.csv?words=true"))
    assert dict(zip(heading, row, strict=True))["application_in_file"] == "mine"


def test_the_link_leads_to_the_application_whose_first_prediction_is_older(api):
    first, again = finished(api, table("A")), finished(api, table("A"))
    linked = [read(api.get(f"{URL}{one['id']}/results.csv?words=true"))[1][-1] for one in (first, again)]
    assert linked[0] == linked[1]


def test_a_workbook_has_numbers_as_numbers_and_formulas_as_text(api):
    content = f"{HEADER},note\n=1+1,{ROW},=2+2\nB,{ROW},\x01 <&> 007\n".encode()
    heading, first, second = sheet_of(api.get(f"{URL}{finished(api, content)['id']}/results.xlsx"))
    one, two = (dict(zip(heading, row, strict=True)) for row in (first, second))
    assert (one["Loan_ID"], one["note"], two["note"]) == ("=1+1", "=2+2", "\x01 <&> 007")
    stored = Prediction.objects.get(loan_id="B")
    assert (two["approval_probability"], two["id"]) == (stored.approval_probability, stored.pk)
    assert heading[-3:] == WORDS


@pytest.mark.parametrize(
    "text",
    ["<r>x</r>", "a & b", "_x0041_", " both ends ", "two\nlines", "a\rb", "#N/A", "1e5", "é€😀"],
)
def test_a_workbook_has_texts_and_headings_as_the_file_has_them(text):
    parts = workbook_parts(["Loan_ID", text], [["A", text], ["B", ""]])
    rows = load_workbook(io.BytesIO(b"".join(parts))).get_sheet_by_index(0).to_python()
    assert rows == [["Loan_ID", text], ["A", text], ["B", ""]]


def test_a_workbook_is_sent_while_its_rows_are_still_read():
    rows = ([f"LP{number}", 0.5] for number in range(100_000))
    parts = workbook_parts(["Loan_ID", "approval_probability"], rows)
    first = next(parts)
    assert first.startswith(b"PK")
    assert len(list(rows)) > 90_000


def test_a_workbook_that_breaks_off_is_no_workbook():
    def rows():
        yield from ([f"LP{number}"] for number in range(10_000))
        raise OSError("the disk is gone")

    taken = []
    with pytest.raises(OSError, match="the disk"):
        taken.extend(workbook_parts(["Loan_ID"], rows()))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(taken)))


LONG = {  # text, and what a cell of a workbook holds of it: 32,767 UTF-16 units
    "ASCII": ("x" * 40_000, "x" * 32_766 + "…"),
    "as much as fits": ("x" * 32_767, "x" * 32_767),
    "two units each": ("\U0001f600" * 16_384, "\U0001f600" * 16_383 + "…"),
    "two units each, and one": ("x" + "\U0001f600" * 16_384, "x" + "\U0001f600" * 16_382 + "…"),
    "two units each, as much as fits": ("x" + "\U0001f600" * 16_383, "x" + "\U0001f600" * 16_383),
}


@pytest.mark.parametrize(("text", "written"), LONG.values(), ids=LONG)
def test_a_cell_longer_than_a_workbook_takes_ends_in_an_ellipsis(text, written):
    parts = workbook_parts(["note"], [[text]])
    assert load_workbook(io.BytesIO(b"".join(parts))).get_sheet_by_index(0).to_python()[1] == [written]


def test_who_takes_a_workbook_out_goes_on_record(api):
    batch = finished(api, table("A", "B"))
    sheet_of(api.get(f"{URL}{batch['id']}/results.xlsx"))
    begun, ended = AuditRecord.objects.filter(action__startswith="batch results").order_by("pk")
    assert begun.detail == {"batch": batch["id"], "format": "xlsx"}
    assert ended.detail == begun.detail | {"cases": 2}


def test_a_batch_with_too_many_rows_for_a_workbook_comes_as_csv_only(api, client_of):
    batch = finished(api, table("A"))
    BatchChunk.objects.update(scored=downloads.MAX_WORKBOOK_ROWS + 1)
    reply = api.get(f"{URL}{batch['id']}/results.xlsx")
    assert (reply.status_code, reply.json()["errors"][0]["detail"]) == (
        409,
        "A workbook has at most 250,000 rows, and this batch has 250,001. Download results.csv.",
    )
    page = client_of(Role.REVIEWER, "zoe").get(f"/batches/{batch['id']}/")
    assert "results.xlsx" not in page.content.decode()
    assert "A workbook has at most 250,000 rows." in words(page)


def test_refused_rows_come_back_with_their_own_headings_and_what_to_mend(api):
    heading = HEADER.replace("Property_Area", "property area") + ",branch"
    content = f"{heading}\nA,{ROW},1\nB,{MOON.replace('5720', '-5')},=2\n".encode()
    header, row = read(api.get(f"{URL}{finished(api, content)['id']}/refused.csv"))
    assert header == [*heading.split(","), "what_to_mend"]
    assert row[:-1] == ["B", *MOON.replace("5720", "'-5").split(","), "'=2"]
    assert row[-1].startswith("ApplicantIncome: ")
    assert "; Property_Area: " in row[-1]


def test_a_mended_file_is_scored_and_its_last_column_is_not_carried_along(api):
    batch = finished(api, f"{HEADER},branch\nA,{ROW},1\nB,{MOON},2\n".encode())
    text = b"".join(api.get(f"{URL}{batch['id']}/refused.csv").streaming_content)
    again = finished(api, text.replace(b"Moon", b"Urban"))
    assert (again["scored"], again["refused"], again["further_columns"]) == (1, 0, ["branch"])
    assert read(api.get(f"{URL}{again['id']}/results.csv"))[1][-1] == "2"


def test_a_row_that_is_refused_again_comes_back_with_one_column_to_mend(api):
    batch = finished(api, f"{HEADER}\nB,{MOON}\n".encode())
    text = b"".join(api.get(f"{URL}{batch['id']}/refused.csv").streaming_content)
    again = finished(api, text)
    assert b"".join(api.get(f"{URL}{again['id']}/refused.csv").streaming_content) == text


def test_all_rows_that_share_a_loan_id_come_back(api):
    batch = finished(api, table("A", "B", "A"))
    assert [row[0] for row in read(api.get(f"{URL}{batch['id']}/refused.csv"))[1:]] == ["A", "A"]


def test_a_row_with_a_colleagues_loan_id_comes_back(api, user_with):
    finished(ApiClient(user_with(Role.OFFICER, "zoe")), table("A"))
    batch = finished(api, table("A", "B"))
    [row] = read(api.get(f"{URL}{batch['id']}/refused.csv"))[1:]
    assert row[0] == "A"
    assert "loan_id_taken" in row[-1]


@pytest.mark.slow
def test_of_very_many_refused_rows_the_first_are_kept_and_the_page_says_so(api, client_of):
    batch = finished(api, table(*(f"A{number}" for number in range(10_002)), row=MOON))
    assert batch["refused"] == 10_002
    assert len(read(api.get(f"{URL}{batch['id']}/refused.csv"))) == 1 + 10_000
    page = client_of(Role.REVIEWER, "zoe").get(f"/batches/{batch['id']}/")
    assert "It has the first 10,000 refused rows." in words(page)


@pytest.mark.parametrize("lost", ["headings", "cells"])
def test_a_batch_that_an_earlier_release_read_says_that_no_rows_were_kept(api, client_of, lost):
    batch = finished(api, f"{HEADER}\nB,{MOON}\n".encode())
    if lost == "headings":
        Batch.objects.update(headings=None)
    else:
        BatchChunk.objects.update(refused_rows=None)
    page = client_of(Role.REVIEWER, "zoe").get(f"/batches/{batch['id']}/refused.csv")
    assert (page.status_code, "The refused rows of this batch were not kept." in words(page)) == (409, True)
    assert api.get(f"{URL}{batch['id']}/refused.csv").status_code == 409


@pytest.mark.parametrize("file", ["results.xlsx", "refused.csv"])
def test_files_are_there_once_the_batch_is_over(api, file):
    assert api.get(f"{URL}{send(api, table('A')).json()['id']}/{file}").status_code == 409


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_kept_refused_rows_stand_in_the_way_back(api):
    finished(api, table("A") + f"B,{MOON}\n".encode())
    with pytest.raises(CommandError, match="the refused rows of a batch would be lost"):
        call_command("migrate", "predictions", "0043", verbosity=0)
    BatchChunk.objects.update(refused_rows=[])
    call_command("migrate", "predictions", "0043", verbosity=0)
    with connection.cursor() as cursor:  # as a worker of the release before does
        cursor.execute("UPDATE predictions_batchchunk SET scored = 2")
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    assert BatchChunk.objects.get().outcomes is None
    assert lines(api.get(f"{URL}{Batch.objects.get().pk}/results.csv"))[1].startswith("A,")
