"""A file before it is scored: what its sender sees, corrects and then scores."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ml.tests.helpers.workbooks import xlsx
from predictions.errors import Conflict
from predictions.models import Batch, BatchDraft, Prediction
from predictions.roles import Role
from predictions.services.batches import drafts
from predictions.services.batches.files import delete_abandoned_uploads, upload_path
from predictions.services.uploads.drafts import delete_draft
from predictions.tests.helpers.batches import carry_out
from predictions.tests.helpers.pages import words

pytestmark = pytest.mark.usefixtures("active_version")

GERMAN = (
    "loan id;applicant income;coapp. income;LoanAmount;education;property area;credit hist;Filiale\n"
    "B4-1;5.720,50;0;110;graduate;urban;yes;4\n"
    "B4-2;1.234;1.500;126;Not-Graduate;semi-urban;no;4\n"
    "B4-3;3.276;0;maybe;graduate;urban;yes;4\n"
)


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


def send(client, text, name="b.csv"):
    file = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)
    return client.post("/batches/preview/", {"file": file})


def page_of(client, text):
    reply = send(client, text)
    assert reply.status_code == 303, words(reply)
    return client.get(reply.headers["Location"])


def test_a_file_is_shown_as_it_is_read_before_anything_is_stored(officer):
    page = words(page_of(officer, GERMAN))
    assert "Score 2 rows" in page
    assert "Found from 1 cell with a decimal comma" in page
    assert "Guessed; please check" in page
    assert "1,234 per month" in page
    assert "Line Column Value Expected 4 LoanAmount maybe" in page
    assert (Prediction.objects.count(), Batch.objects.count()) == (0, 0)


def test_a_cell_with_a_fault_or_a_remark_says_so_where_it_stands(officer):
    text = GERMAN.replace("126;", "12600;") + "B4-1;3.276;0;110;graduate;urban;yes;4\n"
    page = words(page_of(officer, text))
    assert "maybe Refused: 'maybe' is not a number;" in page
    assert "12600 Looks like a slip: 12,600 is unusual" in page
    assert "B4-1 Refused: Not repeated: it is also in line 5" in page
    assert "5 Loan_ID Not repeated: it is also in line 2" in page


def test_a_fault_shows_the_number_as_its_sender_wrote_it(officer):
    page = words(page_of(officer, GERMAN + "B4-5;-1.500,-;0;110;graduate;urban;yes;4\n"))
    assert "5 ApplicantIncome -1.500,- -1500 is too small" in page


def score(client, page, **chosen):
    return client.post(page.request["PATH_INFO"], {"score": "1", **chosen})


def test_a_shown_file_is_scored_as_it_was_shown(officer):
    reply = score(officer, page_of(officer, GERMAN))
    assert reply.headers["Location"] == f"/batches/{Batch.objects.get().pk}/"
    carry_out(Batch.objects.get().pk)
    stored = {row.loan_id: row.inputs["ApplicantIncome"] for row in Prediction.objects.all()}
    assert stored == {"B4-1": 5720.5, "B4-2": 1234}
    assert not BatchDraft.objects.exists()


def test_a_fault_links_to_its_cell_among_the_first_rows(officer):
    page = page_of(
        officer, GERMAN + "".join(f"X{n};1;0;1;graduate;urban;yes;4\n" for n in range(20)) + ";;;;;;;4"
    )
    text = page.content.decode()
    assert '<a href="#cell-4-4" aria-label="Line 4, LoanAmount">LoanAmount</a>' in text
    assert re.search(r'<td id="cell-4-4" class="refused">maybe', text)
    assert "<td>Education</td>" in text


def test_what_is_chosen_for_a_file_is_shown_again_before_it_is_scored(officer):
    text = GERMAN.replace("5.720,50", "5.720")
    page = page_of(officer, text)
    assert "These numbers can mean two things" in words(page)
    assert score(officer, page).status_code == 409
    assert not Batch.objects.exists()
    score(officer, page, decimal="comma")
    assert "Score 2 rows" in words(officer.get(page.request["PATH_INFO"]))
    score(officer, page, decimal="comma")
    assert Batch.objects.count() == 1


def test_a_choice_is_remembered_for_the_next_file_of_these_headings(officer):
    text = GERMAN.replace("5.720,50", "5.720")
    page = page_of(officer, text)
    for _ in range(2):
        score(officer, page, decimal="comma")
    assert "Read as you chose for the last file" in words(page_of(officer, text.replace("B4", "B5")))


def test_nobody_else_sees_a_file_before_it_is_scored(officer, client_of):
    page = page_of(officer, GERMAN)
    assert client_of(Role.REVIEWER).get(page.request["PATH_INFO"]).status_code == 404


def test_a_discarded_file_is_deleted(officer):
    page = page_of(officer, GERMAN)
    draft = BatchDraft.objects.get()
    officer.post(page.request["PATH_INFO"], {"discard": "1"})
    assert not BatchDraft.objects.exists()
    assert "b.csv was discarded Nothing of it was saved." in words(officer.get(page.request["PATH_INFO"]))
    assert not any(upload_path(file).exists() for file in (draft.file, draft.plain))


def test_back_to_a_scored_file_leads_to_its_batch(officer, client_of):
    page = page_of(officer, GERMAN)
    score(officer, page)
    reply, batch = officer.get(page.request["PATH_INFO"]), Batch.objects.get()
    assert (reply.status_code, f"b.csv was scored It became batch {batch.pk}" in words(reply)) == (410, True)
    assert f'href="/batches/{batch.pk}/"' in reply.content.decode()
    assert client_of(Role.REVIEWER).get(page.request["PATH_INFO"]).status_code == 404


@pytest.mark.parametrize("deleted", [False, True])
def test_back_to_a_file_that_nobody_used_for_an_hour_says_so(officer, deleted):
    page, later = page_of(officer, GERMAN), timezone.now() + timedelta(minutes=61)
    if deleted:
        delete_abandoned_uploads(later)
    else:
        BatchDraft.objects.update(updated_at=timezone.now() - timedelta(minutes=61))
    text = words(officer.get(page.request["PATH_INFO"]))
    assert "b.csv is no longer kept Nobody used it for an hour" in text


def test_a_file_that_is_no_table_is_refused_where_it_was_chosen(officer):
    reply = send(officer, "Dear colleague,\nplease find attached\n")
    assert (reply.status_code, "the column Loan_ID is missing" in words(reply)) == (422, True)


def test_a_file_that_decides_itself_is_not_read_as_the_one_before(officer):
    text = GERMAN.replace("5.720,50", "5.720")
    page = page_of(officer, text)
    for _ in range(2):
        score(officer, page, decimal="comma")
    english = text.replace(";", ",").replace("5.720", "5720.5")
    assert "Found from 1 cell with a decimal point" in words(page_of(officer, english))


@pytest.mark.parametrize("chosen", [{"column-0": "Bogus"}, {"decimal": "dot"}])
def test_a_choice_that_the_page_does_not_offer_is_refused(officer, chosen):
    assert score(officer, page_of(officer, GERMAN), **chosen).status_code == 422


def test_a_file_that_was_discarded_elsewhere_is_not_scored(officer):
    page = page_of(officer, GERMAN)
    draft = BatchDraft.objects.get()
    delete_draft(draft)
    with pytest.raises(Conflict, match="in another window"):
        drafts.score_draft(draft=draft, by=officer.user)
    assert (score(officer, page).status_code, Batch.objects.count()) == (410, 0)


def test_another_sheet_of_a_workbook_is_read_on_wish(officer):
    rows = [line.split(";") for line in GERMAN.splitlines()]
    page = page_of(officer, xlsx(Cover=[["a note"], *rows[:2]], Branch=rows))
    assert "Sheet \u201cCover\u201d, 1 row" in words(page)
    score(officer, page, sheet="Branch")
    assert "Sheet \u201cBranch\u201d, 3 rows" in words(officer.get(page.request["PATH_INFO"]))


def test_a_cover_in_front_of_the_table_is_passed_over(officer):
    rows = [line.split(";") for line in GERMAN.splitlines()]
    page = words(page_of(officer, xlsx(Cover=[["Applications of November"]], Branch=rows)))
    assert "Sheet \u201cBranch\u201d, 3 rows" in page
    assert "The first sheet is no such table; this one is read." in page
