"""Nobody is kept out: axe, the console and the content security policy find no fault with any page, and
none scrolls sideways, however narrow the window and long the names.

A new page needs its address in `addresses`, and what it shows in `shown`.
"""

import pytest
from django.contrib.auth import get_user_model

from ml.applications.records import read_json_row
from ml.products.loan_prediction.sample import write_sample
from ml.products.loan_prediction.schema import built_in
from predictions.models import BUILT_IN, Policy, Prediction
from predictions.roles import Role
from predictions.services.batches import drafts as batch_drafts
from predictions.services.batches import files as batch_files
from predictions.services.batches import requests as batches
from predictions.services.cases import decisions, notices
from predictions.services.products.drafting import drafts
from predictions.services.scoring import scoring
from predictions.services.versions import registry, training_drafts, training_files, training_runs
from predictions.tests.browser.access import STILL, at_fault, complaints_at, complaints_of
from predictions.tests.helpers.batches import carry_out, table
from predictions.tests.helpers.replays import mirrored
from predictions.tests.products.tables import table as lender_table

SCHEMA = built_in()

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def admin(signed_in):
    return signed_in(Role.ADMIN, **STILL)


@pytest.fixture
def shown(active_version, trained, user_with, application, tmp_path):
    """Ids of what pages show: predictions, a candidate that disagrees with them, a training."""
    rows = [application, application | {"Loan_ID": "W" * 64, "Credit_History": 0, "LoanAmount": None}]
    facts = {"source": Prediction.Source.API, "request_id": "r"}
    officer = user_with(Role.OFFICER, "of" * 40)
    scoring.score_records(owner=officer, records=[read_json_row(SCHEMA, row) for row in rows], **facts)
    candidate = registry.register(trained=mirrored(trained), by=officer)
    write_sample(tmp_path / "t.csv")
    file = training_files.store_training_file(
        name="t.csv", content=(tmp_path / "t.csv").read_bytes(), by=officer
    )
    run = training_runs.create_run(file=file, recipe="scorecard", by=officer)
    denied = Prediction.objects.select_related("policy").earliest("pk")
    why = {"code": "hidden_risk", "note": "Two loans in arrears."}
    decisions.decide(prediction=denied, by=officer, verdict="denied", **why)
    notices.save_notice(prediction=denied, by=officer, text="Dear applicant, ...", after=0)
    refused = batch_of(officer, table("A", "B", "A"))
    carry_out(refused)
    admin = get_user_model().objects.get(username=Role.ADMIN)
    drafted = draft_of_table(admin)
    return {
        "draft": drafted,
        "batch_draft": look_at_applications(admin),
        "training_draft": look_at_training(admin, (tmp_path / "t.csv").read_bytes()),
        "user": officer.pk,
        "denied": denied.pk,
        "missing": Prediction.objects.latest("pk").pk,
        "live": active_version.pk,
        "candidate": candidate.pk,
        "run": run.pk,
        "refused": refused,
        "queued": batch_of(officer, table("A")),
    }


def draft_of_table(owner):
    """The id of a draft whose columns are drafted, one of them with a fault."""
    about = {"title": "Boat loan", "name": "boat-loan", "currency": "EUR"}
    draft = drafts.start_from_table(owner=owner, file_name="loans.csv", content=lender_table(), **about)
    drafts.tell_outcome(draft=draft, column="result", good=["good"], leave_out=[])
    draft.entries["columns"][0]["maximum"] = "much"
    drafts.change_entries(draft=draft, entries=draft.entries)
    return draft.pk


def look_at_training(owner, content):
    """The id of a table before training, with a word that nobody knows and refused rows."""
    spelled = content.replace(b"Urban", b"Moon").replace(b",Y", b",late", 9)
    raw = batch_files.receive_file(name="t.csv", parts=[spelled])
    return training_drafts.create_draft(owner=owner, product_id=BUILT_IN, raw=raw, recipe="scorecard").pk


def look_at_applications(owner):
    """The id of a file before it is scored, with a remark, a fault and a repeated ID."""
    content = table("A", "B", "C", "C").replace(b",110,", b",12600,", 2).replace(b"Male", b"mail", 1)
    raw = batch_files.receive_file(name="b.csv", parts=[content])
    return batch_drafts.create_draft(owner=owner, product_id=BUILT_IN, raw=raw, queue=True).pk


def batch_of(owner, content):
    """The id of a new batch."""
    upload = batch_files.store_upload(name="b.csv", parts=[content], schema=built_in())
    return batches.create_batch(owner=owner, upload=upload).pk


def addresses(shown):
    """Every page of the site that an admin sees."""
    yield from ["/", "/score/", "/history/", f"/predictions/{shown['missing']}/", "/preferences/"]
    yield from ["/queue/", "/proposals/", "/history/?outcome=denied&override=yes&sort=lowest", "/policies/"]
    yield from ["/policies/change/", "/policies/simulator/?threshold=70"]
    yield from (
        f"/predictions/{shown['denied']}/{page}" for page in ("", "notice/", "notice/print/", "explanation/")
    )
    yield from ["/batches/", f"/batches/{shown['refused']}/", f"/batches/{shown['queued']}/?still"]
    yield from ["/models/", "/models/timeline/?on=2026-03-03", "/models/training/"]
    yield f"/models/training/{shown['run']}/?still"
    yield f"/batches/preview/{shown['batch_draft']}/"
    yield f"/models/training/preview/{shown['training_draft']}/"
    yield from (f"/models/{shown[which]}/" for which in ("live", "candidate"))
    yield from ["/products/", "/products/new/", "/schema/", f"/products/new/{shown['draft']}/"]
    yield from (f"/products/new/{shown['draft']}/{page}" for page in ("outcome/", "?column=0", "?column=2"))
    pages = ("replay", "scorecard", "evaluation", "card")
    yield from (f"/models/{shown['candidate']}/{page}/" for page in pages)


def admin_addresses(shown):
    """One admin page of each kind."""
    yield from [
        "/admin/",
        "/admin/predictions/prediction/",
        "/admin/predictions/decision/",
        "/admin/predictions/modelversion/",
    ]
    yield f"/admin/predictions/prediction/{shown['missing']}/change/"
    yield from ["/admin/auth/user/", "/admin/auth/user/add/", f"/admin/auth/user/{shown['user']}/change/"]
    yield from ["/admin/auth/group/add/", "/admin/password_change/", "/admin/predictions/auditrecord/"]


def test_every_page_of_the_site(admin, shown):
    assert at_fault(admin, addresses(shown)) == {}


def test_a_notice_that_waits_for_a_second_person(admin, shown):
    Policy.objects.update(second_for_letters=True)
    notice = f"/predictions/{shown['denied']}/notice/"
    assert at_fault(admin, [notice, f"{notice}print/"]) == {}
    admin.goto(notice)
    admin.click("main button:text-is('Confirm')")
    assert complaints_of(admin) == []
    admin.click("text=Print the saved text")
    admin.wait_for_url("**/notice/print/")


def test_every_kind_of_admin_page(admin, shown):
    assert at_fault(admin, admin_addresses(shown)) == {}


def test_pages_that_refuse(admin, shown):
    assert at_fault(admin, ["/nowhere/", "/models/timeline/?on=soon", "/history/?since=soon"]) == {}
    for address, button in [
        ("/score/", "Score this"),
        ("/batches/", "Upload"),
        (f"/models/{shown['candidate']}/", "version"),
    ]:
        admin.goto(address)
        admin.click(f"main form button:has-text('{button}')")
        assert complaints_of(admin) == [], address


def test_signing_in_and_failing_to(open_page):
    page = open_page(**STILL)
    assert complaints_at(page, "/login/") == []
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "wrong")
    page.click("main button")
    assert complaints_of(page) == []
