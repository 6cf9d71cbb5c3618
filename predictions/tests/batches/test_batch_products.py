"""Batches of a second product: its columns, IDs that the site makes, and columns that it does not have."""

import csv
from dataclasses import replace

import pytest
from django.test import Client

from ml.products.loan_prediction.schema import built_in
from ml.schemas.facts import facts_of
from ml.schemas.toml import schema_from_facts
from ml.scorecard.scorecard import Scorecard
from predictions.models import Batch
from predictions.roles import Role
from predictions.services.batches import rows
from predictions.services.products import products
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import ROW, carry_out, lines

HEADER = ",".join(built_in().columns)
SITE, API = "/products/car-loan/batches/", "/api/v1/products/car-loan/batches/"


@pytest.fixture
def api(artefacts, trained, user_with):
    """An officer's calls to a site with a second product, whose IDs are made."""
    facts = facts_of(built_in()) | {"name": "car-loan", "title": "Car loan", "id": {"made": True}}
    schema = schema_from_facts(facts)
    product = products.add_product(schema=schema, by=None, reason="We lend on cars now")
    card = Scorecard.from_json(schema, trained.scorecard.to_json())
    model = replace(trained, scorecard=card, dataset=replace(trained.dataset, schema=schema))
    version = registry.register(
        trained=model, by=None, product_id=product.pk, schema=product.schema_versions.get()
    )
    registry.activate(version_id=version.pk, by=None, reason="test")
    return ApiClient(user_with(Role.OFFICER))


def send(api, *texts):
    content = "\n".join([*texts, ""]).encode()
    return Client().post(f"{API}?name=b.csv", content, content_type="text/csv", headers=api.headers)


def finished(api, *texts):
    batch = send(api, *texts).json()
    carry_out(batch["id"])
    return api.get(f"{API}{batch['id']}/").json()


def results(api, batch):
    return list(csv.DictReader(lines(api.get(f"{API}{batch['id']}/results.csv"))))


def test_a_made_id_names_batch_and_line(api):
    batch = finished(api, HEADER, ROW, ROW)
    names = [f"B{batch['id']}-{line:06}" for line in (2, 3)]
    assert [row["Loan_ID"] for row in results(api, batch)] == names


def test_a_chunk_that_is_read_again_has_the_same_ids(api):
    sent = send(api, HEADER, "", ROW, ROW).json()
    batch = Batch.objects.select_related("model_version").get(pk=sent["id"])
    Batch.objects.update(status="running")
    rows.cut_into_chunks(batch=batch)
    chunk = batch.chunks.get()
    first, second = (rows.checked_rows(chunk=chunk, read=rows.reader_of(batch)) for _ in range(2))
    assert first.loan_ids == second.loan_ids == [f"B{batch.pk}-{line:06}" for line in (3, 4)]


def test_ids_of_the_file_are_kept_and_missing_ones_made(api):
    batch = finished(api, f"{HEADER},Loan_ID", f"{ROW},A", f"{ROW}, ")
    assert [row["Loan_ID"] for row in results(api, batch)] == ["A", f"B{batch['id']}-000003"]


def test_further_columns_follow_ours_in_the_files_order(api):
    batch = finished(api, f"note,{HEADER},branch", f"=n,{ROW},Oslo", f"m,{ROW},")
    assert batch["further_columns"] == ["note", "branch"]
    header, *_ = lines(api.get(f"{API}{batch['id']}/results.csv"))
    assert header.split(",")[-3:] == ["id", "note", "branch"]
    assert [(row["note"], row["branch"]) for row in results(api, batch)] == [("'=n", "Oslo"), ("m", "")]


def test_a_further_column_with_a_name_of_ours_is_renamed(api):
    batch = finished(api, f"{HEADER},Outcome,id,id_in_file", f"{ROW},x,1,2")
    [row] = results(api, batch)
    assert (row["Outcome_in_file"], row["id_in_file"], row["id_in_file_in_file"]) == ("x", "1", "2")


def test_the_cells_of_a_refused_row_are_not_kept(api):
    batch = finished(api, f"{HEADER},note", f"{ROW},a", f"{ROW.replace('Urban', 'Moon')},b", f"{ROW},c")
    assert [row["note"] for row in results(api, batch)] == ["a", "c"]
    assert batch["refused"] == 1


def test_a_file_without_a_required_column_is_refused_by_its_name(api):
    reply = send(api, HEADER.replace("ApplicantIncome", "Income"), ROW)
    assert reply.status_code == 400
    assert "the column ApplicantIncome is missing" in reply.content.decode()


def test_the_page_tells_that_ids_are_made_and_names_further_columns(api):
    batch = finished(api, f"{HEADER},branch", f"{ROW},Oslo")
    browser = Client()
    browser.force_login(api.user)
    assert "The site makes an ID for each row" in browser.get(SITE).content.decode()
    assert "<bdi>branch</bdi>" in browser.get(f"{SITE}{batch['id']}/").content.decode()


def test_the_example_is_read(api):
    browser = Client()
    browser.force_login(api.user)
    header, row = browser.get(f"{SITE}example.csv").content.decode().splitlines()
    batch = finished(api, header, row)
    assert (header, batch["scored"], batch["refused"]) == (HEADER, 1, 0)
