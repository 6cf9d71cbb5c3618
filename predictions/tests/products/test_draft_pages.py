"""From a table to a product by browser: upload, outcome, columns, preview, version 1 and its training."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ml.tests.helpers.workbooks import xlsx
from predictions.models import Product, ProductDraft, SchemaVersion, TrainingFile, TrainingRun
from predictions.roles import Role
from predictions.services.products.drafting.tables import table_path
from predictions.services.retention.pruning import Pruning, prune
from predictions.tests.helpers.pages import words
from predictions.tests.products.tables import table

SIDES = {"value-1": "good", "side-1": "good", "value-2": "bad", "side-2": "bad"}


@pytest.fixture
def manager(client_of, artefacts):
    return client_of(Role.MODEL_MANAGER)


def upload(client, content=None, **fields):
    file = SimpleUploadedFile("loans.csv", content or table())
    return client.post("/products/new/", {"table": file, "title": "Boat loan", "currency": "EUR"} | fields)


@pytest.fixture
def draft(manager):
    """A draft whose columns are drafted; the manager is at the columns."""
    upload(manager)
    draft = ProductDraft.objects.get()
    manager.post(f"/products/new/{draft.pk}/outcome/", SIDES | {"column": "result"})
    draft.refresh_from_db()
    return draft


def place(draft, heading):
    return [texts["heading"] for texts in draft.entries["columns"]].index(heading)


def change(client, draft, do="keep", **fields):
    sent = {"title": "Boat loan", "name": "boat-loan", "currency": "EUR", "means": "repaid", "do": do}
    reply = client.post(f"/products/new/{draft.pk}/", sent | fields)
    draft.refresh_from_db()
    return reply


def save(client, draft, **fields):
    return client.post(
        f"/products/new/{draft.pk}/form/", {"reason": "We lend on boats", "after": "0"} | fields
    )


def test_an_upload_leads_to_the_outcome(manager):
    reply = upload(manager)
    draft = ProductDraft.objects.get()
    assert (reply.status_code, reply["Location"]) == (302, f"/products/new/{draft.pk}/outcome/")
    assert draft.entries["head"]["name"] == "boat-loan"
    assert table_path(draft.digest).read_bytes() == table()


def rows_of(content):
    return [line.split(",") for line in content.decode().splitlines()]


def test_a_sheet_of_a_workbook_is_kept_as_plain_csv(manager):
    book = xlsx(Cover=[["Loans"]], Loans=rows_of(table()))
    assert upload(manager, book, sheet="Loans").status_code == 302
    assert table_path(ProductDraft.objects.get().digest).read_bytes() == table() + b"\n"


BOOK = xlsx(
    Cover=[["Loans", "2024"], ["by", "Anna"]], Loans=rows_of(table()), Old=rows_of(table()[:900])[:-1]
)


def test_a_cover_is_passed_over_and_another_sheet_can_be_read(manager, django_capture_on_commit_callbacks):
    page = manager.get(upload(manager, BOOK)["Location"])
    assert "The first sheet is no such table; this one is read." in words(page)
    assert "“Loans” is read, one of 3 sheets." in words(page)
    draft = ProductDraft.objects.get()
    before = table_path(draft.digest)
    with django_capture_on_commit_callbacks(execute=True):
        reply = manager.post(f"/products/new/{draft.pk}/outcome/", {"sheet": "Old"}, follow=True)
    assert "“Old” is read, one of 3 sheets." in words(reply)
    draft.refresh_from_db()
    assert table_path(draft.digest).read_bytes() == table()[:900].rpartition(b"\n")[0] + b"\n"
    assert not before.exists()


def test_a_sheet_that_is_no_table_is_refused_and_the_one_before_stays(manager):
    upload(manager, BOOK)
    draft = ProductDraft.objects.get()
    reply = manager.post(f"/products/new/{draft.pk}/outcome/", {"sheet": "Nowhere"})
    assert (reply.status_code, "“Loans” is read" in words(reply)) == (422, True)


def test_the_workbook_of_a_draft_is_deleted_with_it(manager, django_capture_on_commit_callbacks):
    upload(manager, BOOK)
    draft = ProductDraft.objects.get()
    assert [table_path(digest).exists() for digest in draft.digests] == [True, True]
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(f"/products/new/{draft.pk}/discard/")
    assert [table_path(digest).exists() for digest in draft.digests] == [False, False]


def test_a_sheet_that_is_not_there_is_refused_at_its_field(manager):
    reply = upload(manager, xlsx(Loans=rows_of(table())), sheet="Cars")
    assert (reply.status_code, "Loans" in words(reply)) == (422, True)


def test_numbers_with_two_meanings_are_asked_back(manager):
    headings, *rows = rows_of(table())
    semicolons = "\n".join([";".join(headings), *(f"4.{row[0][-3:]};{';'.join(row[1:])}" for row in rows)])
    reply = upload(manager, semicolons.encode("utf-16"))
    assert (reply.status_code, ProductDraft.objects.exists()) == (422, False)
    assert "4.900 or 4900 may be meant; choose the decimal mark below" in words(reply)
    assert upload(manager, semicolons.encode("utf-16"), decimal="comma").status_code == 302
    assert b"4900,18" in table_path(ProductDraft.objects.get().digest).read_bytes()


def test_values_that_say_so_are_left_out(manager):
    upload(manager, table() + b"\n900,30,car,1,leave out")
    page = manager.get(f"/products/new/{ProductDraft.objects.get().pk}/outcome/").content.decode()
    assert 'value="leave_out" checked' in page


def test_no_product_exists_before_the_draft_is_saved(manager, draft):
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"title": ""}, "Enter what the product is called."),
        ({"name": "Boat loan"}, "cannot be part of an address"),
        ({"name": "new"}, "cannot be part of an address"),
        ({"name": "loan-prediction"}, "There is a product loan-prediction already."),
        ({"table": ""}, "Choose a file."),
    ],
)
def test_a_faulty_start_is_refused_at_its_field(manager, fields, fault):
    reply = upload(manager, **fields)
    assert reply.status_code == 422
    assert fault in words(reply)
    assert not ProductDraft.objects.exists()


def test_a_file_that_is_no_table_is_refused(manager):
    reply = upload(manager, b"one\n1\n")
    assert reply.status_code == 422
    assert "loans.csv has 1 fault" in words(reply)


def test_a_table_of_more_than_eight_megabytes_is_refused(manager):
    reply = upload(manager, b"x" * (8 * 2**20 + 1))
    assert (reply.status_code, "loans.csv has 8.0 MB. The limit is 8 MB." in words(reply)) == (422, True)


def test_known_words_choose_the_outcome_and_its_good_values(manager):
    upload(manager)
    page = manager.get(f"/products/new/{ProductDraft.objects.get().pk}/outcome/").content.decode()
    assert "<option selected>result</option>" in page
    assert re.search(r'name="side-1" value="good" checked', page)
    assert re.search(r'name="side-2" value="bad" checked', page)


def test_another_column_can_be_the_outcome(manager):
    upload(manager)
    page = words(manager.get(f"/products/new/{ProductDraft.objects.get().pk}/outcome/?column=purpose"))
    assert "Values of purpose" in page
    assert "boat" in page


def test_an_outcome_that_is_all_good_is_refused_and_keeps_the_choice(manager):
    upload(manager)
    address = f"/products/new/{ProductDraft.objects.get().pk}/outcome/"
    reply = manager.post(address, SIDES | {"column": "result", "side-2": "good"})
    assert reply.status_code == 422
    assert "t least 10 bad rows" in words(reply)
    assert re.search(r'name="side-2" value="good" checked', reply.content.decode())


def test_a_protected_column_is_proposed_with_its_note(manager, draft):
    page = manager.get(f"/products/new/{draft.pk}/")
    assert draft.entries["columns"][place(draft, "age")]["role"] == "protected"
    assert "It seems to tell age" in words(page)


def test_changes_of_rows_and_of_the_open_row_are_kept(manager, draft):
    income = place(draft, "income")
    change(manager, draft, **{f"label-{income}": "Monthly income", "more": str(income), "more-unit": "EUR"})
    texts = draft.entries["columns"][income]
    assert (texts["label"], texts["unit"]) == ("Monthly income", "EUR")


def test_a_fault_keeps_what_was_entered_and_stands_at_its_column(manager, draft):
    income = place(draft, "income")
    reply = change(manager, draft, "preview", **{"more": str(income), "more-minimum": "much"})
    assert reply["Location"] == f"/products/new/{draft.pk}/form/"
    refused = manager.get(reply["Location"], follow=True)
    assert refused.redirect_chain[-1][0] == f"/products/new/{draft.pk}/?refused"
    assert "Income : From: 'much' is no number" in words(refused)
    opened = manager.get(f"/products/new/{draft.pk}/?column={income}").content.decode()
    assert 'name="more-minimum" value="much"' in opened


def test_two_columns_of_one_id_role_are_refused(manager, draft):
    both = {f"role-{place(draft, heading)}": "id" for heading in ("income", "age")}
    change(manager, draft, **both)
    page = words(manager.get(f"/products/new/{draft.pk}/"))
    assert "income and age have the role application ID" in page


def test_a_number_that_becomes_a_choice_gets_the_values_of_the_table(manager, draft):
    score = place(draft, "score at end")
    change(manager, draft, **{f"kind-{score}": "category", f"role-{score}": "input"})
    assert draft.entries["columns"][score]["choices"].splitlines() == list("0123456")


def test_leaving_the_page_keeps_the_draft(manager, draft):
    reply = change(manager, draft, "autosave", **{f"label-{place(draft, 'income')}": "Pay"})
    assert reply.status_code == 204
    assert 'value="Pay"' in manager.get(f"/products/new/{draft.pk}/").content.decode()


def test_the_list_of_products_leads_back_to_a_draft(manager, draft):
    assert f'href="/products/new/{draft.pk}/"' in manager.get("/products/").content.decode()


def test_the_preview_shows_the_form_and_stores_nothing(manager, draft):
    page = manager.get(f"/products/new/{draft.pk}/form/")
    assert 'name="income"' in page.content.decode()
    assert "house" in words(page)
    assert Product.objects.count() == 1


def test_saving_makes_a_product_and_trains_with_the_table(manager, draft):
    reply = save(manager, draft, train="on")
    product, run = Product.objects.get(name="boat-loan"), TrainingRun.objects.get()
    assert reply["Location"] == f"/products/boat-loan/models/training/{run.pk}/"
    assert SchemaVersion.objects.get(product=product).reason == "We lend on boats"
    assert TrainingFile.objects.of_product(product).get() == run.file
    assert manager.get(reply["Location"]).status_code == 200


def test_saving_deletes_the_draft_and_its_table(manager, draft, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        save(manager, draft)
    assert not ProductDraft.objects.exists()
    assert not table_path(draft.digest).exists()


def test_saving_without_training_leads_to_the_form(manager, draft):
    assert save(manager, draft)["Location"] == "/products/boat-loan/schema/"
    assert not TrainingRun.objects.exists()


def test_saving_twice_leads_to_the_products(manager, draft):
    save(manager, draft)
    assert save(manager, draft)["Location"] == "/products/"


def test_a_missing_reason_saves_nothing(manager, draft):
    reply = save(manager, draft, reason="")
    assert reply.status_code == 422
    assert Product.objects.count() == 1


def test_a_table_that_breaks_a_bound_is_named_and_nothing_is_saved(manager, draft):
    change(manager, draft, **{"more": str(place(draft, "income")), "more-maximum": "1000"})
    reply = save(manager, draft, train="on")
    assert reply.status_code == 422
    assert "loans.csv has" in words(reply)
    assert Product.objects.count() == 1


def test_another_managers_draft_is_404(draft, client_of):
    other = client_of(Role.MODEL_MANAGER, "zoe")
    for page in ("", "outcome/", "form/"):
        assert other.get(f"/products/new/{draft.pk}/{page}").status_code == 404
    assert other.post(f"/products/new/{draft.pk}/discard/").status_code == 404


def test_a_draft_can_be_discarded(manager, draft):
    assert manager.post(f"/products/new/{draft.pk}/discard/")["Location"] == "/products/"
    assert not ProductDraft.objects.exists()
    reply = manager.get(f"/products/new/{draft.pk}/")
    assert (reply.status_code, f"{draft} was discarded" in words(reply)) == (410, True)


@pytest.mark.parametrize("page", ["", "outcome/", "form/"])
def test_back_to_a_saved_draft_leads_to_its_schema(manager, draft, page):
    save(manager, draft)
    reply = manager.get(f"/products/new/{draft.pk}/{page}")
    assert f"The draft of {draft} was saved" in words(reply)
    assert 'href="/products/boat-loan/schema/"' in reply.content.decode()


def test_prune_deletes_abandoned_drafts_and_their_tables(manager, draft):
    later = timezone.now() + timedelta(days=31)
    prune(pruning=Pruning(later), account="test", now=later)
    assert not ProductDraft.objects.exists()
    assert not table_path(draft.digest).exists()


def test_sixty_columns_are_taken(manager):
    more = [f"column {number}" for number in range(60)]
    lines = table().decode().splitlines()
    wide = [lines[0] + "," + ",".join(more)]
    wide += [
        f"{line}," + ",".join(str(row % (n + 2)) for n in range(60)) for row, line in enumerate(lines[1:])
    ]
    upload(manager, "\n".join(wide).encode())
    draft = ProductDraft.objects.get()
    manager.post(f"/products/new/{draft.pk}/outcome/", SIDES | {"column": "result"})
    page = manager.get(f"/products/new/{draft.pk}/?column=3").content.decode()
    fields = dict.fromkeys(re.findall(r'name="([a-z_]+-[a-z_0-9]+)"', page), "auto")
    assert len(fields) > 256
    assert change(manager, draft, **fields).status_code == 302


def test_a_nul_is_left_out_of_what_is_kept(manager, draft):
    number = place(draft, "income")
    reply = change(manager, draft, **{"means": "re\0paid", f"label-{number}": "In\0come"})
    assert reply.status_code == 302
    assert (draft.entries["head"]["means"], draft.entries["columns"][number]["label"]) == ("repaid", "Income")


def test_a_draft_whose_table_is_gone_says_to_upload_it_again(manager, draft):
    table_path(draft.digest).unlink()
    text = words(manager.get(f"/products/new/{draft.pk}/outcome/?column=result"))
    assert "the table is no longer kept" in text.casefold()
    assert str(table_path(draft.digest)) not in text
