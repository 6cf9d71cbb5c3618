"""The model card as a page and as a file."""

import pytest

from predictions.models import ModelVersion
from predictions.roles import Role
from predictions.tests.helpers.pages import table_rows, words


@pytest.fixture
def auditor(client_of):
    return client_of(Role.AUDITOR)


def test_the_page_has_what_was_stored_of_the_training(auditor, active_version):
    rows = table_rows(auditor.get(f"/models/{active_version.pk}/card/").content.decode())
    assert ["SHA-256", active_version.data_digest] in rows
    assert ["Rows", f"{active_version.report['rows']:,}"] in rows
    accuracy = active_version.report["cross_validation"]["models"]["one_rule"]["accuracy"]["mean"]
    rule = next(row for row in rows if row[0] == "one rule: credit history")
    assert rule[1].startswith(f"{accuracy:.3f} (")


def test_the_page_says_who_may_score_and_that_the_data_are_synthetic(auditor, active_version):
    text = words(auditor.get(f"/models/{active_version.pk}/card/").content.decode())
    assert "Roles that may score with it: officer, reviewer, admin, API client." in text
    assert "Trained on synthetic sample data. Do not use its predictions for real people." in text


def test_every_activation_is_on_it(auditor, active_version):
    rows = table_rows(auditor.get(f"/models/{active_version.pk}/card/").content.decode())
    assert rows[-1][1:] == ["an operator's command", "test", "not overridden"]


def test_the_file_is_markdown_with_the_same_sections(auditor, active_version):
    reply = auditor.get(f"/models/{active_version.pk}/card.md")
    assert reply.headers["Content-Type"] == "text/markdown; charset=utf-8"
    name = f"model-card-version-{active_version.pk}.md"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    page = auditor.get(f"/models/{active_version.pk}/card/").content.decode()
    headings = [line[3:] for line in reply.content.decode().splitlines() if line.startswith("## ")]
    assert len(headings) == 13
    assert all(f">{heading}</h2>" in page for heading in headings)


@pytest.mark.parametrize("field", ["groups", "protected_cost", "learning_curve"])
@pytest.mark.parametrize("page", ["card/", "card.md"])
def test_a_version_of_an_earlier_release_has_no_card_and_the_field_is_named(
    auditor, active_version, field, page
):
    del active_version.report[field]
    active_version.save()
    reply = auditor.get(f"/models/{active_version.pk}/{page}")
    assert reply.status_code == 409
    assert f"The model card cannot be generated: report.{field}" in words(reply.content.decode())


def test_names_with_markup_stay_text(auditor, active_version):
    ModelVersion.objects.update(data_name="<b>x</b>.csv")
    assert "<b>x" not in auditor.get(f"/models/{active_version.pk}/card/").content.decode()
