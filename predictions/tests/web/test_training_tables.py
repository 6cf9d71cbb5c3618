"""A table before it is trained on: what a model manager sees, corrects and then trains on."""

import csv

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ml.products.loan_prediction.sample import write_sample
from ml.tests.helpers.workbooks import xlsx
from predictions.models import TrainingDraft, TrainingFile, TrainingRun
from predictions.roles import Role
from predictions.services.batches.files import upload_path
from predictions.services.versions.training_files import training_file_path
from predictions.tests.helpers.pages import words


@pytest.fixture(autouse=True)
def stores(settings, tmp_path, db):
    settings.TRAINING_FILES = tmp_path / "training"


@pytest.fixture
def manager(client_of):
    return client_of(Role.MODEL_MANAGER)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """The rows of a good table of 120, its headings first."""
    path = tmp_path_factory.mktemp("table") / "table.csv"
    write_sample(path)
    return [*csv.reader(path.read_text().splitlines())][:121]


def column(rows, name, texts):
    """Return the rows with other texts in the first cells of a column."""
    place = rows[0].index(name)
    changed = [[*row[:place], text, *row[place + 1 :]] for row, text in zip(rows[1:], texts, strict=False)]
    return [rows[0], *changed, *rows[1 + len(changed) :]]


def content_of(rows, delimiter=","):
    return "\n".join(map(delimiter.join, rows)).encode()


def page_of(client, content, name="mine.csv"):
    file = SimpleUploadedFile(name, content)
    reply = client.post("/models/training/", {"recipe": "scorecard", "upload": file})
    assert reply.status_code == 303, words(reply)
    return client.get(reply["Location"])


def send(client, page, **chosen):
    return client.post(page.request["PATH_INFO"], chosen)


def stored_rows():
    kept = TrainingFile.objects.get()
    return [*csv.reader(training_file_path(kept.digest).read_text().splitlines())]


def test_a_table_is_shown_as_it_is_read_before_anything_is_saved(manager, rows):
    spelled = column(rows, "Loan_Status", ["approved", "leave out", "Y"])
    text = words(page_of(manager, content_of(column(spelled, "ApplicantIncome", ["5 849"]), ";")))
    assert "Train on 119 rows" in text
    assert "approved 1 Y : good" in text
    assert "leave out 1 left out" in text
    assert not TrainingFile.objects.exists()


def test_a_plain_table_is_trained_on_by_one_more_click_and_stored_as_it_is(manager, rows):
    reply = send(manager, page_of(manager, content_of(rows)), train="1")
    assert reply["Location"] == f"/models/training/{TrainingRun.objects.get().pk}/"
    kept = TrainingFile.objects.get()
    assert training_file_path(kept.digest).read_bytes() == content_of(rows)


def test_the_file_of_a_trained_table_is_deleted_with_its_draft(manager, rows):
    page = page_of(manager, xlsx(rows), "mine.xlsx")
    draft = TrainingDraft.objects.get()
    send(manager, page, train="1")
    assert not TrainingDraft.objects.exists()
    assert not any(upload_path(file).exists() for file in (draft.file, draft.plain))


def test_a_sheet_and_a_heading_are_corrected_and_then_trained_on(manager, rows):
    renamed = [["income of applicant" if c == "ApplicantIncome" else c for c in rows[0]], *rows[1:]]
    page = page_of(manager, xlsx(Sample=renamed[:9], Loans=renamed), "mine.xlsx")
    send(manager, page, sheet="Loans")
    place = rows[0].index("ApplicantIncome")
    chosen = {f"column-{place}": "ApplicantIncome"}
    send(manager, page, **chosen)
    assert "Train on 120 rows" in words(manager.get(page.request["PATH_INFO"]))
    send(manager, page, train="1", **chosen)
    assert stored_rows() == rows


def test_an_open_decimal_mark_is_asked_before_a_training(manager, rows):
    page = page_of(manager, content_of(column(rows, "ApplicantIncome", ["4.100"] * 120), ";"))
    assert "These numbers can mean two things" in words(page)
    assert send(manager, page, train="1").status_code == 409
    send(manager, page, decimal="comma")
    send(manager, page, decimal="comma", train="1")
    assert {row[rows[0].index("ApplicantIncome")] for row in stored_rows()[1:]} == {"4100"}


def test_a_word_that_nobody_knows_is_asked_and_remembered(manager, rows):
    content = content_of(column(rows, "Loan_Status", ["late", "late"]))
    page = page_of(manager, content)
    assert "Choose below what the words of Loan_Status mean" in words(page)
    assert send(manager, page, train="1").status_code == 409
    place = next(n for n, o in enumerate(TrainingDraft.objects.get().look["outcomes"]) if o["word"] == "late")
    chosen = {f"label-{place}": "N"}
    send(manager, page, **chosen)
    send(manager, page, train="1", **chosen)
    assert [row[-1] for row in stored_rows()[1:3]] == ["N", "N"]
    assert "Train on 120 rows" in words(page_of(manager, content))


def test_rows_that_break_a_rule_are_listed_and_hold_the_training(manager, rows):
    page = page_of(manager, content_of(column(rows, "Property_Area", ["Moon"])))
    assert "1 row cannot be read" in words(page)
    assert "2 Property_Area Moon 'Moon' is not one of Rural, Semiurban, Urban." in words(page)
    reply = send(manager, page, train="1")
    assert (reply.status_code, TrainingFile.objects.exists()) == (409, False)
    assert "Correct the file, or tick that they are left out." in words(reply)


def test_refused_rows_are_left_out_on_wish_and_the_table_says_why(manager, rows):
    page = page_of(manager, xlsx(column(rows, "Property_Area", ["Moon"])), "mine.xlsx")
    assert 'name="leave_refused_out"' in page.content.decode()
    assert send(manager, page, train="1", leave_refused_out="on").status_code == 303
    assert stored_rows()[1][-1] == "leave out: Property_Area refused"
    assert TrainingFile.objects.get().rows == 119


@pytest.mark.parametrize(("name", "place"), [("mine.xlsx", "Row"), ("mine.csv", "Line")])
def test_places_are_called_rows_in_sheets_and_lines_in_text_files(manager, rows, name, place):
    repeated = column(rows, "Loan_ID", [rows[2][0]])
    text = words(page_of(manager, xlsx(repeated) if place == "Row" else content_of(repeated), name))
    assert f"{place} Loan_ID Gender" in text
    assert f"{place} Column Value Expected 3 Loan_ID {rows[2][0]}" in text
    assert f"This Loan_ID is already in {place.lower()} 2" in text


def test_a_cell_of_a_table_says_its_fault_and_its_remark_where_it_stands(manager, rows):
    repeated = column(rows, "Loan_ID", [rows[2][0]])
    text = words(page_of(manager, content_of(column(repeated, "LoanAmount", ["", "", "", "12600"]))))
    assert f"{rows[2][0]} Refused: This Loan_ID is already in line 2" in text
    assert "12600 Looks like a slip: 12,600 is unusual" in text


def test_a_fault_of_a_sheet_names_its_row(manager, rows):
    repeated = [[*rows[0], "Gender"], *([*row, "Male"] for row in rows[1:])]
    file = SimpleUploadedFile("mine.xlsx", xlsx(repeated))
    page = words(manager.post("/models/training/", {"recipe": "scorecard", "upload": file}))
    assert "Row Column Value Fault Row 1" in page


def test_a_wrong_unit_is_confirmed_on_the_page_or_divided(manager, rows):
    page = page_of(manager, content_of(column(rows, "LoanAmount", ["128000"] * 120)))
    assert "LoanAmount : the median is 128,000 and 100% of the values are unusual" in words(page)
    assert "Tick the column below" in words(send(manager, page, train="1"))
    send(manager, page, **{"per-LoanAmount": "on"})
    send(manager, page, train="1", **{"per-LoanAmount": "on"})
    assert {row[rows[0].index("LoanAmount")] for row in stored_rows()[1:]} == {"128"}


def test_a_tick_is_kept_while_its_column_is_read_alike(manager, rows):
    late = column(column(rows, "LoanAmount", ["128000"] * 120), "Loan_Status", ["late"])
    page = page_of(manager, content_of(late))
    place = next(n for n, o in enumerate(page.context["look"]["outcomes"]) if o["word"] == "late")
    reply = send(manager, page, confirm="LoanAmount", **{f"label-{place}": "N"})
    assert manager.get(reply["Location"]).context["ticked"] == ["LoanAmount"]
    reply = send(manager, page, confirm="LoanAmount", **{"per-LoanAmount": "on"})
    assert manager.get(reply["Location"]).context["ticked"] == []


def test_a_table_without_an_outcome_asks_for_its_heading(manager, rows):
    page = page_of(manager, content_of([[*rows[0][:-1], "how it ended"], *rows[1:]]))
    assert "Choose below which headings mean Loan_Status" in words(page)
    send(manager, page, **{f"column-{len(rows[0]) - 1}": "Loan_Status"})
    assert "Train on 120 rows" in words(manager.get(page.request["PATH_INFO"]))


def test_nobody_else_sees_a_table_before_it_is_trained_on(manager, client_of, rows):
    page = page_of(manager, content_of(rows))
    assert client_of(Role.ADMIN).get(page.request["PATH_INFO"]).status_code == 404


def test_a_discarded_table_is_deleted(manager, rows):
    send(manager, page_of(manager, content_of(rows)), discard="1")
    assert not TrainingDraft.objects.exists()


def test_back_to_a_table_that_was_trained_on_leads_to_its_training_and_version(manager, rows, active_version):
    page = page_of(manager, content_of(rows))
    send(manager, page, train="1")
    run = TrainingRun.objects.get()
    text = words(manager.get(page.request["PATH_INFO"]))
    assert f"was trained on Its training is number {run.pk}, which is queued. Open training" in text
    TrainingRun.objects.update(version=active_version, status="succeeded")
    text = words(manager.get(page.request["PATH_INFO"]))
    assert f"Training {run.pk} made version {active_version.pk} of it." in text


def test_a_person_can_give_thirty_words_their_meaning(manager, rows):
    named = [f"word {n % 30}" for n in range(120)]
    page = page_of(manager, content_of(column(rows, "Loan_Status", named)))
    outcomes = page.context["look"]["outcomes"]
    send(manager, page, **{f"label-{n}": "YN"[n % 2] for n in range(len(outcomes))})
    assert "Train on 120 rows" in words(manager.get(page.request["PATH_INFO"]))


@pytest.mark.parametrize("chosen", [{"train": "1"}, {"decimal": "comma"}])
def test_a_table_whose_file_is_gone_is_refused(manager, rows, chosen):
    page = page_of(manager, content_of(rows))
    upload_path(TrainingDraft.objects.get().file).unlink()
    reply = send(manager, page, **chosen)
    assert (reply.status_code, "upload it again" in words(reply)) == (409, True)


def test_a_word_is_remembered_with_the_heading_that_was_chosen_for_it(manager, rows):
    late = column(rows, "Loan_Status", ["late"])
    content = content_of([[*late[0][:-1], "how it ended"], *late[1:]])
    page = page_of(manager, content)
    chosen = {f"column-{len(rows[0]) - 1}": "Loan_Status"}
    send(manager, page, **chosen)
    words_found = [outcome["word"] for outcome in TrainingDraft.objects.get().look["outcomes"]]
    chosen[f"label-{words_found.index('late')}"] = "N"
    send(manager, page, **chosen)
    send(manager, page, train="1", **chosen)
    assert "Train on 120 rows" in words(page_of(manager, content))


def test_faults_of_a_sheet_are_called_rows(manager, rows):
    file = SimpleUploadedFile("mine.xlsx", xlsx([["Loan_ID"], ["1"]]))
    text = words(manager.post("/models/training/", {"recipe": "scorecard", "upload": file}))
    assert "Row Column Value Fault" in text
