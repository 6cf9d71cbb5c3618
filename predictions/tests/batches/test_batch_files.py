"""Files as people have them: read when their form leaves no doubt, refused with a reason when it does."""

import re

import pytest

from predictions.models import Batch, Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import HEADER, ROW, finished, send, table

TEXT = table("A", "B").decode()
READ = {
    "a byte order mark": "\ufeff" + TEXT,
    "semicolons": TEXT.replace(",", ";"),
    "tabs": TEXT.replace(",", "\t"),
    "line breaks of Windows": TEXT.replace("\n", "\r\n"),
    "no line break at its end": TEXT.rstrip(),
    "empty lines": TEXT.replace("\n", "\n\n"),
    "other spellings of headings": TEXT.replace("LoanAmount", "loan amount").replace("Loan_ID", "loan-id"),
    "no optional column": re.sub(r"^([^,\n]*),[^,\n]*", r"\1", TEXT, flags=re.MULTILINE),
    "a target column": TEXT.replace("\n", ",Y\n").replace(",Y", ",Loan_Status", 1),
}
# Refused at the door: content, status.
REFUSED = {
    "no header": (b"\n", 400),
    "no header of ours": (b"a,b\n1,2\n", 400),
    "a column twice": (HEADER.encode() + b",Gender\n", 400),
    "a required column missing": (HEADER.replace("ApplicantIncome", "Income").encode() + b"\n", 400),
    "a workbook": (b"PK\x03\x04" + b"x" * 50, 415),
    "gzip": (b"\x1f\x8b" + b"x" * 50, 415),
}
# What comes after a good row, and the line that the refusal names.
MALFORMED = {
    "a short row": (b"B,Male\n", 3),
    "a long row": (f"B,{ROW},1\n".encode(), 3),
    "NUL": b"B\0," + ROW.encode(),
    "an open quote": b'"B,' + ROW.encode(),
}


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.mark.parametrize("name", READ)
def test_such_a_file_is_read(api, name):
    batch = finished(api, READ[name].encode())
    assert (batch["status"], batch["scored"], batch["error"]) == ("finished", 2, "")


@pytest.mark.parametrize("name", REFUSED)
def test_such_a_file_is_refused_at_the_door(api, name, settings):
    content, status = REFUSED[name]
    assert send(api, content).status_code == status
    assert (Batch.objects.count(), list(settings.BATCH_FILES.iterdir())) == (0, [])


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused_with_its_line(api, name):
    fault = MALFORMED[name]
    content, line = fault if isinstance(fault, tuple) else (fault, 3)
    reply = send(api, table("A") + content)
    assert (reply.status_code, f"line {line}" in reply.content.decode()) == (400, True)
    assert Batch.objects.count() == 0


def test_a_fault_far_down_a_plain_file_fails_the_batch_with_its_line(api):
    batch = finished(api, table(*(f"A{number}" for number in range(2000))) + b"B,Male\n")
    assert (batch["status"], "line 2002" in batch["error"]) == ("failed", True), batch["error"]
    assert Prediction.objects.count() == 0


def test_a_file_in_windows_1252_is_read(api):
    batch = finished(api, table("A") + ("B\u00e9," + ROW).encode("cp1252"))
    assert batch["status"] == "finished"
    assert Prediction.objects.filter(loan_id="B\u00e9").exists()


def test_a_line_break_within_quotes_does_not_shift_the_lines_after_it(api):
    bad = ROW.replace("Urban", "Moon")
    content = HEADER + f'\n"A\nA",{ROW}\nB,{bad}\n'
    batch = finished(api, content.encode())
    chunk = Batch.objects.get(pk=batch["id"]).chunks.get()
    assert [fault[0] for fault in chunk.refusals if fault[1] == "B"] == [4]


def test_equal_errors_in_place_of_ids_have_one_message_each(api):
    batch = finished(api, table("#N/A", "#N/A"))
    [chunk] = Batch.objects.get(pk=batch["id"]).chunks.all()
    message = "An ID is expected, not an error of the spreadsheet: '#N/A'."
    assert [(fault[0], fault[-1]) for fault in chunk.refusals] == [(2, message), (3, message)]


def test_a_file_over_the_limit_is_refused(api, settings):
    settings.MAX_FILE = 100
    assert send(api, table("A", "B")).status_code == 413
