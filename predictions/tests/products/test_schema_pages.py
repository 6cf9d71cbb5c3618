"""The versions of a product's form: what each changed, its file, and the next one."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ml.products.loan_prediction.schema import built_in
from ml.schemas.draft import draft_schema
from ml.schemas.facts import facts_of
from ml.schemas.toml import read_schema, schema_from_facts
from ml.schemas.toml_writer import schema_toml
from ml.tests.helpers.workbooks import xlsx
from predictions.models import ProductDraft, SchemaVersion
from predictions.roles import Role
from predictions.services.products import products, schemas
from predictions.services.products.drafting.tables import table_path
from predictions.tests.helpers.pages import words
from predictions.tests.products.tables import table

FACTS = {**draft_schema("loans.csv", table(), "result").facts, "name": "boat-loan", "title": "Boat loan"}


@pytest.fixture
def boat_loan(artefacts, db):
    return products.add_product(schema=schema_from_facts(FACTS), by=None, reason="We lend on boats")


@pytest.fixture
def manager(client_of, boat_loan):
    return client_of(Role.MODEL_MANAGER)


def start(client, **file):
    return client.post("/products/boat-loan/schema/edit/", file)


def edit(client, draft, **fields):
    head = {"title": "Boat loan", "currency": "", "means": draft.entries["head"]["means"], "do": "preview"}
    client.post(f"/products/new/{draft.pk}/", head | fields)


def save(client, draft, after="1"):
    return client.post(f"/products/new/{draft.pk}/form/", {"reason": "Clearer words", "after": after})


@pytest.fixture
def draft(manager):
    start(manager)
    return ProductDraft.objects.get()


def test_the_built_in_form_is_part_of_the_release(client_of, db):
    page = words(client_of(Role.AUDITOR).get("/schema/"))
    assert "Schema 1 in use" in page
    assert "Part of the release." in page


def test_a_version_says_who_why_and_what_changed(manager, boat_loan):
    columns = [FACTS["column"][0] | {"label": "Pay per month", "maximum": 9000}, *FACTS["column"][1:-1]]
    later = schema_from_facts(FACTS | {"column": columns})
    schemas.add_schema_version(product=boat_loan, schema=later, by=manager.user, reason="Less to ask")
    page = words(manager.get("/products/boat-loan/schema/"))
    assert "by model manager Less to ask" in page
    assert "Column removed: Score at end." in page
    assert "Pay per month: label 'Pay per month' instead of 'Income'." in page


@pytest.mark.parametrize(
    ("mount", "schema"), [("", built_in()), ("/products/boat-loan", schema_from_facts(FACTS))]
)
def test_a_version_is_downloaded_as_toml(manager, mount, schema):
    reply = manager.get(f"{mount}/schema/1.toml")
    assert reply["Content-Disposition"] == f'attachment; filename="{schema.name}-1.toml"'
    assert read_schema(reply.content) is schema
    assert manager.get(f"{mount}/schema/7.toml").status_code == 404


def test_an_edit_that_changes_nothing_is_the_same_schema(manager, draft):
    page = words(manager.get(f"/products/new/{draft.pk}/form/"))
    assert "Nothing yet." in page
    reply = save(manager, draft)
    assert reply.status_code == 422
    assert "This is schema 1 as it stands." in words(reply)


def test_an_edit_is_saved_as_the_next_version(manager, draft):
    edit(manager, draft, **{"label-0": "Pay per month"})
    preview = words(manager.get(f"/products/new/{draft.pk}/form/"))
    assert "Pay per month: label 'Pay per month' instead of 'Income'." in preview
    assert "The form changes when a model trained by this version becomes active." in preview
    assert save(manager, draft)["Location"] == "/products/boat-loan/schema/"
    assert SchemaVersion.objects.latest("pk").number == 2


def test_the_name_of_a_product_never_changes(manager, draft):
    edit(manager, draft, name="raft-loan")
    draft.refresh_from_db()
    assert draft.entries["head"]["name"] == "boat-loan"


def test_a_version_that_was_added_meanwhile_is_a_conflict(manager, draft, boat_loan):
    edit(manager, draft, **{"label-0": "Pay per month"})
    other = schema_from_facts(FACTS | {"currency": "EUR"})
    schemas.add_schema_version(product=boat_loan, schema=other, by=None, reason="Currency")
    reply = save(manager, draft)
    assert reply.status_code == 409
    assert "Another version was added meanwhile" in words(reply)
    assert save(manager, draft, after="2").status_code == 302


def rows_of(content):
    return [line.split(",") for line in content.decode().splitlines()]


def start_from_a_workbook(client):
    further = [[*row, "north" if row[0] < "5" else "south"] for row in rows_of(table())]
    further[0][-1] = "quay"
    book = xlsx(Cover=[["Loans", "2024"]], Loans=rows_of(table()), New=further, Empty=[["result"]])
    start(client, file=SimpleUploadedFile("loans.xlsx", book))
    return ProductDraft.objects.get()


def test_another_sheet_of_a_versions_workbook_can_be_read(manager, django_capture_on_commit_callbacks):
    draft = start_from_a_workbook(manager)
    page = manager.get(f"/products/new/{draft.pk}/")
    assert "“Loans” is read, one of 4 sheets." in words(page)
    before = table_path(draft.digest)
    with django_capture_on_commit_callbacks(execute=True):
        reply = manager.post(f"/products/new/{draft.pk}/outcome/", {"sheet": "New"}, follow=True)
    assert "“New” is read, one of 4 sheets." in words(reply)
    assert "quay" in words(reply)
    assert (before.exists(), "quay" in words(page)) == (False, False)


def test_a_sheet_that_is_no_table_leaves_a_version_as_it_was(manager):
    draft = start_from_a_workbook(manager)
    reply = manager.post(f"/products/new/{draft.pk}/outcome/", {"sheet": "Empty"})
    assert (reply.status_code, "“Loans” is read" in words(reply)) == (422, True)
    assert "Nothing was saved." in words(reply)
    draft.refresh_from_db()
    assert draft.entries["workbook"]["sheet"] == "Loans"


def test_a_table_proposes_its_further_columns(manager):
    heading, *rows = table().decode().splitlines()
    lines = [f"{heading},branch", *(f"{row},{number % 4}" for number, row in enumerate(rows))]
    file = SimpleUploadedFile("more.csv", "\n".join(lines).encode())
    reply = start(manager, file=file)
    draft = ProductDraft.objects.get()
    assert reply["Location"] == f"/products/new/{draft.pk}/"
    assert [texts["heading"] for texts in draft.entries["columns"]][-1] == "branch"
    assert draft.entries["columns"][0]["auc"] > 0.4


def test_a_toml_file_replaces_the_schema(manager):
    changed = schema_toml(FACTS | {"currency": "NOK"}).encode()
    start(manager, file=SimpleUploadedFile("boat.toml", changed))
    draft = ProductDraft.objects.get()
    assert "Currency: 'NOK' instead of none." in words(manager.get(f"/products/new/{draft.pk}/form/"))


def test_a_faulty_toml_file_is_refused_with_path_and_line(manager):
    reply = start(manager, file=SimpleUploadedFile("boat.toml", b'name = "boat-loan"\nsize = 3\n'))
    assert reply.status_code == 422
    assert "size (line 2): this key is unknown; expected one of" in words(reply)
    assert not ProductDraft.objects.exists()


def test_a_file_of_more_than_eight_megabytes_is_refused(manager):
    reply = start(manager, file=SimpleUploadedFile("more.csv", b"x" * (8 * 2**20 + 1)))
    assert (reply.status_code, "more.csv has 8.0 MB. The limit is 8 MB." in words(reply)) == (422, True)


def test_a_toml_file_of_another_product_is_refused(manager):
    content = schema_toml(FACTS | {"name": "raft-loan"}).encode()
    reply = start(manager, file=SimpleUploadedFile("raft.toml", content))
    assert reply.status_code == 422
    assert "'raft-loan' is another product; expected 'boat-loan'." in words(reply)


def test_the_built_in_form_as_it_stands_is_no_second_version(client_of, artefacts):
    manager = client_of(Role.MODEL_MANAGER)
    manager.post("/schema/edit/")
    assert "This is schema 1 as it stands." in words(save(manager, ProductDraft.objects.get()))
    assert not SchemaVersion.objects.exists()


def test_a_later_version_renames_its_product(manager, draft, boat_loan):
    edit(manager, draft, title="Ship loan")
    save(manager, draft)
    boat_loan.refresh_from_db()
    assert (boat_loan.title, boat_loan.name) == ("Ship loan", "boat-loan")


@pytest.mark.parametrize("title", ["", "x" * 101])
def test_a_title_that_no_page_can_show_is_a_fault_of_the_draft(manager, draft, title):
    edit(manager, draft, title=title)
    assert "is no title" in words(manager.get(f"/products/new/{draft.pk}/"))


def test_formulas_stay_in_a_version_that_is_edited(client_of, artefacts):
    manager = client_of(Role.MODEL_MANAGER)
    manager.post("/schema/edit/")
    draft = ProductDraft.objects.get()
    head = {"title": "Loan prediction", "currency": "EUR", "means": built_in().target.means}
    manager.post(f"/products/new/{draft.pk}/", head | {"means_confirmed": "on", "label-1": "Marital status"})
    save(manager, draft)
    facts = facts_of(schema_from_facts(facts_of(built_in())))
    stored = SchemaVersion.objects.get(number=2).document
    assert [column["name"] for column in stored["model_column"]] == [c["name"] for c in facts["model_column"]]


def test_a_retired_product_offers_no_edit(manager, boat_loan):
    products.retire_product(product=boat_loan, by=None, reason="Losses")
    assert "Edit as a new version" not in words(manager.get("/products/boat-loan/schema/"))
    assert start(manager).status_code == 410


def test_an_auditor_reads_and_edits_nothing(client_of, boat_loan):
    auditor = client_of(Role.AUDITOR)
    assert "Edit as a new version" not in words(auditor.get("/products/boat-loan/schema/"))
    assert start(auditor).status_code == 403
