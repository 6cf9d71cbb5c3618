"""What holds on every page: nothing inline, labels of the model in use, errors as pages."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from predictions.models import ModelVersion, Prediction
from predictions.roles import Role

BANNER = "The active model was trained on synthetic sample data"
NO_MODEL = "No model is active"


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


@pytest.fixture(scope="module")
def pages_read():
    """What the first test that asks for `pages` has read, for the others."""
    return {}


@pytest.fixture
def pages(admin, active_version, entries, pages_read):
    """Every page by name, as one admin sees them."""
    if not pages_read:
        pages_read.update(read_pages(admin, active_version, entries))
    return pages_read


def read_pages(admin, active_version, entries):
    admin.post("/score/", entries | {"loan_amount": "128000", "credit_history": ""})
    addresses = ["/", "/score/", "/history/", f"/predictions/{Prediction.objects.get().pk}/", "/admin/"]
    addresses += ["/admin/predictions/modelversion/", "/admin/predictions/prediction/"]
    addresses += [f"/models/{active_version.pk}/{page}/" for page in ("scorecard", "evaluation", "card")]
    found = {address: admin.get(address) for address in addresses}
    pk = active_version.pk
    for address in ("/models/", f"/models/{pk}/", "/models/timeline/", "/models/training/", "/preferences/"):
        found[address] = admin.get(address)
    for address in ("/policies/", "/policies/change/", "/policies/simulator/?threshold=90"):
        found[address] = admin.get(address)
    case = f"/predictions/{Prediction.objects.get().pk}"
    admin.post(
        f"{case}/decide/",
        {"verdict": "denied", "code": "other", "note": "Some test.", "after": "0"},
    )
    admin.post(f"{case}/notice/", {"text": "Dear applicant", "after": "0"})
    for page in ("/queue/", f"{case}/notice/", f"{case}/notice/print/", f"{case}/explanation/"):
        found[page] = admin.get(page)
    found["refused"] = admin.post("/score/", entries | {"loan_amount": "x"})
    admin.logout()
    found["login"] = admin.get("/login/")
    return {name: reply.content.decode() for name, reply in found.items()}


def test_every_page_says_when_the_model_in_use_is_synthetic(pages):
    assert [name for name, page in pages.items() if BANNER not in page] == []


def test_no_page_has_anything_inline(pages):
    inline = re.compile(r"<style|<script(?![^>]*\ssrc=)(?! id=)|\sstyle=|\son[a-z]+=|javascript:")
    assert [(name, inline.search(page)[0]) for name, page in pages.items() if inline.search(page)] == []


def test_no_page_of_ours_has_a_script_but_our_own_static_ones(pages):
    foreign = re.compile(r'<script(?! src="/static/[\w./-]+" defer></script>)')
    assert [name for name, page in pages.items() if "/admin/" not in name and foreign.search(page)] == []


def test_every_page_has_one_heading_a_title_and_a_skip_link(pages):
    ours = {name: page for name, page in pages.items() if "/admin/" not in name}
    assert {page.count("<h1") for page in ours.values()} == {1}
    assert all(re.search(r"<title>[^<]+ · Loansite</title>", page) for page in ours.values())
    assert all('href="#content"' in page for page in ours.values())


def test_no_id_stands_twice_on_a_page(pages):
    for name, page in pages.items():
        found = re.findall(r'\sid="(.*?)"', page)
        assert len(found) == len(set(found)), name


def test_every_page_loads_from_this_site_only(pages):
    for page in pages.values():
        assert not re.search(r'(src|href|action)="(https?:)?//', page)


def test_a_model_of_real_data_has_no_banner(admin, active_version):
    ModelVersion.objects.update(synthetic=False)
    assert "synthetic sample data" not in admin.get("/").content.decode()


@pytest.mark.parametrize("page", ["/", "/score/", "/history/"])
def test_every_page_names_the_protected_inputs_of_the_model_in_use(admin, active_version, page):
    ModelVersion.objects.update(protected_columns=["Gender", "Married"])
    assert "The active model uses protected columns: Gender, Married." in admin.get(page).content.decode()


@pytest.mark.parametrize("page", ["/", "/score/", "/history/"])
def test_without_an_active_model_every_page_says_what_to_do(admin, page):
    assert NO_MODEL in admin.get(page).content.decode()


def test_scoring_without_an_active_model_is_a_503_page_that_names_the_command(admin, entries):
    reply = admin.post("/score/", entries)
    assert reply.status_code == 503
    assert NO_MODEL in reply.content.decode()
    assert reply.headers["Retry-After"]


def test_an_unknown_address_is_a_page(admin):
    reply = admin.get("/nowhere/")
    assert reply.status_code == 404
    assert "Page not found" in reply.content.decode()


def test_a_prediction_that_is_not_there_is_a_page(admin):
    reply = admin.get("/predictions/99/")
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "Page not found" in reply.content.decode()


def test_an_error_page_asks_neither_database_nor_session(rf):
    """Without the `db` fixture any query fails; without a user, so would asking for one."""
    page = render_to_string("error.html", {"status": 503, "title": "Down", "detail": "Later"}, rf.get("/"))
    assert "Down" in page


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(admin, method):
    assert getattr(admin, method)("/score/").status_code == 405


def test_personal_pages_are_kept_by_no_cache(admin, active_version):
    for page in ("/", "/history/", "/nowhere/"):
        assert "no-store" in admin.get(page).headers["Cache-Control"]


def test_a_form_of_an_older_session_leads_back_to_its_page(user_with):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user_with(Role.REVIEWER))
    for sent, page in [
        ("/predictions/7/decide/", "/predictions/7/"),
        ("/score/?again=7", "/score/?again=7"),
        ("/logout/", "/"),
    ]:
        reply = strict.post(sent)
        assert reply.status_code == 403
        assert f'<a class="btn btn-primary" href="{page}">Back to the form</a>' in reply.content.decode()
