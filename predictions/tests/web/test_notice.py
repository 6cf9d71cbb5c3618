"""The denial notice and the explanation sheet."""

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from ml.products.loan_prediction.schema import built_in
from ml.scorecard.policy_rules import rules_to_json
from ml.scorecard.rule_reader import rules_from_facts
from predictions.live import active_policy
from predictions.models import AuditRecord, Explanation, ModelVersion, Notice, Policy, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.tests.helpers.pages import words
from predictions.words.notice_draft import NO_REASON

pytestmark = pytest.mark.usefixtures("active_version")
OVERRIDE = {"code": "hidden_risk", "note": "The employer\nhas closed."}


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def denied(officer, entries):
    """An application that the model and a person deny."""
    officer.post("/score/", entries | {"credit_history": "0", "loan_amount": "400"})
    return by_person(officer, "denied")


@pytest.fixture
def overridden(officer, entries):
    """An application that the model approves and a person denies."""
    officer.post("/score/", entries)
    return by_person(officer, "denied", **OVERRIDE)


def by_person(officer, verdict, **words):
    prediction = Prediction.objects.first()
    decisions.decide(prediction=prediction, by=officer.user, verdict=verdict, **words)
    return prediction


def show(client, case, query=""):
    return client.get(f"/predictions/{case.pk}/notice/{query}")


def save(client, case, text="Dear Ms Lee", after=0, **more):
    return client.post(f"/predictions/{case.pk}/notice/", {"text": text, "after": after} | more)


def paper(client, case):
    return client.get(f"/predictions/{case.pk}/notice/print/")


def text_of(reply):
    """What stands in the text field."""
    found = re.search(r"<textarea.*?>\n?(.*?)</textarea>", reply.content.decode(), re.DOTALL)
    return html.unescape(found[1])


def reasons_of(reply):
    return re.findall(r"^\d\. (.*)$", text_of(reply), re.MULTILINE)


def with_reasons(case, *columns):
    """Give a case recorded reasons on these columns, most adverse first."""
    reasons = [
        {"column": column, "label": column, "contribution": n - 9.0, "text": f"{column}: odd"}
        for n, column in enumerate(columns)
    ]
    stored = Explanation.objects.create(digest="d", log_odds=-1.0, base=0.0, reasons=reasons, missing=[])
    Prediction.objects.filter(pk=case.pk).update(explanation=stored)


def test_the_draft_gives_the_recorded_reasons_with_the_applicants_own_figures(officer, denied):
    reasons = reasons_of(show(officer, denied))
    assert "Credit history: does not meet the guidelines." in reasons
    ratio = next(reason for reason in reasons if reason.startswith("Loan to income"))
    own = "Your application: 69.9 months of income (loan amount 400 thousand, applicant's income 5,720"
    assert own in ratio


def test_the_draft_names_lender_application_and_its_date(officer, denied, settings):
    settings.LENDER = "Bank of Examples"
    text = text_of(show(officer, denied))
    today = timezone.localdate()
    assert text.startswith("Bank of Examples\n")
    assert f"LP001015\nDate of application: {today.day} {today:%B %Y}" in text


def test_at_most_four_reasons_are_given_most_adverse_first(officer, denied):
    with_reasons(
        denied, *(columns := ["Education", "Dependents", "Self_Employed", "LoanAmount", "Credit_History"])
    )
    assert reasons_of(show(officer, denied)) == [f"{column}: odd." for column in columns[:4]]


def test_protected_reasons_are_never_given(officer, denied):
    with_reasons(denied, "Gender", "Married", "Education")
    assert reasons_of(show(officer, denied)) == ["Education: odd."]
    sheet = words(officer.get(f"/predictions/{denied.pk}/explanation/"))
    assert "Education: odd" in sheet
    assert "Gender: odd" not in sheet


def test_neither_the_draft_nor_a_sheet_nor_a_print_has_the_note_or_its_code(officer, overridden):
    draft = show(officer, overridden)
    save(officer, overridden, text_of(draft))
    sheet = officer.get(f"/predictions/{overridden.pk}/explanation/")
    for page in (draft, sheet, paper(officer, overridden)):
        assert "employer" not in words(page).lower()
        assert "Risks the model" not in words(page)


def test_the_words_for_the_applicant_stand_in_the_draft_as_they_were_written(officer, entries):
    officer.post("/score/", entries | {"dependents": "3+", "loan_amount": "400", "credit_history": "0"})
    case = by_person(officer, "denied", applicant_text="You withdrew one property.\n\nPlease call us.")
    assert "\n\nYou withdrew one property.\n\nPlease call us.\n\n" in text_of(show(officer, case))
    with_reasons(case, *["Education", "Dependents", "Self_Employed", "LoanAmount"])
    assert len(reasons_of(show(officer, case))) == 3


def test_words_for_the_applicant_are_reason_enough(officer, entries):
    officer.post("/score/", entries)
    case = by_person(officer, "denied", **OVERRIDE, applicant_text="You withdrew one property.")
    with_reasons(case)
    assert NO_REASON not in text_of(show(officer, case))
    assert reasons_of(show(officer, case)) == []


def test_a_case_without_a_recorded_reason_asks_for_them(officer, denied):
    with_reasons(denied)
    reply = show(officer, denied)
    assert NO_REASON in text_of(reply)
    assert "No reasons are recorded for this case" in words(reply)


@pytest.mark.parametrize(("age", "said"), [(0, "in 30 days"), (30, "today"), (32, "overdue by 2 days")])
def test_it_is_due_thirty_days_from_the_application(officer, denied, age, said):
    Prediction.objects.update(created_at=timezone.now() - timedelta(days=age))
    assert said in words(show(officer, denied))


def test_every_save_is_kept_with_who_and_when(officer, denied):
    assert save(officer, denied).status_code == 303
    save(officer, denied, "Dear Ms Lee,\r\nsorry", Notice.objects.get().pk)
    assert [notice.text for notice in Notice.objects.all()] == ["Dear Ms Lee,\nsorry", "Dear Ms Lee"]
    reply = show(officer, denied)
    assert text_of(reply) == "Dear Ms Lee,\nsorry"
    assert len(re.findall(r"By officer ?, [^,]*, \d\d:\d\d UTC Dear Ms Lee", words(reply))) == 2
    assert AuditRecord.objects.filter(action="notice").count() == 2


def test_saving_the_same_text_again_adds_nothing(officer, denied):
    save(officer, denied)
    assert save(officer, denied, after=Notice.objects.get().pk).status_code == 303
    assert Notice.objects.count() == 1


def test_one_can_start_again_from_the_draft(officer, denied):
    save(officer, denied)
    assert text_of(show(officer, denied, "?draft=1")).startswith("The lender")


def test_a_text_saved_in_the_meantime_is_a_409_that_keeps_what_was_typed(officer, denied, client_of):
    save(client_of(Role.REVIEWER, "zoe"), denied, "hers")
    reply = save(officer, denied, "mine")
    assert reply.status_code == 409
    assert "zoe saved another text meanwhile (below)." in words(reply)
    assert text_of(reply) == "mine"


@pytest.mark.parametrize(
    ("text", "said"), [(" ", "The notice needs a text."), ("x" * 10_001, "At most 10,000")]
)
def test_a_text_that_cannot_be_kept_is_refused(officer, denied, text, said):
    reply = save(officer, denied, text)
    assert reply.status_code == 422
    assert said in words(reply)


def test_it_says_when_the_case_was_decided_again_after_the_text(officer, denied):
    save(officer, denied)
    by_person(officer, "denied", note="Looked at again.")
    assert "The application was decided again after this text was saved." in words(show(officer, denied))


def test_without_a_persons_denial_there_is_no_notice(officer, entries):
    officer.post("/score/", entries)
    case = Prediction.objects.get()
    assert "A letter can be written after a denial" in words(show(officer, case))
    by_person(officer, "approved")
    for reply in (show(officer, case), save(officer, case), paper(officer, case)):
        assert reply.status_code == 409
        assert "officer approved this application." in words(reply)


def test_what_is_printed_is_what_was_saved(officer, denied):
    assert "Save the letter before printing" in words(paper(officer, denied))
    reply = save(officer, denied, "Dear <Ms> Lee", print="1")
    assert reply.headers["Location"] == f"/predictions/{denied.pk}/notice/print/"
    page = paper(officer, denied)
    assert "Dear <Ms> Lee" in words(page)
    assert 'aria-label="Main"' not in page.content.decode()


def test_a_notice_of_a_synthetic_model_is_a_specimen(officer, denied):
    save(officer, denied)
    assert "Specimen:" in words(paper(officer, denied))
    ModelVersion.objects.update(synthetic=False)
    assert "Specimen:" not in words(paper(officer, denied))


def test_an_auditor_reads_the_notice_and_does_not_write_it(officer, denied, client_of):
    auditor = client_of(Role.AUDITOR)
    assert "No notice yet." in words(show(auditor, denied))
    save(officer, denied)
    page = show(auditor, denied)
    assert "Dear Ms Lee" in words(page)
    assert "<textarea" not in page.content.decode()
    assert save(auditor, denied).status_code == 403


def test_the_sheet_explains_an_approval_too(officer, entries):
    officer.post("/score/", entries | {"dependents": ""})
    page = words(officer.get(f"/predictions/{Prediction.objects.get().pk}/explanation/"))
    assert "Model: approve Approval probability" in page
    assert "Credit history: meets the guidelines" in page
    assert "Applicant's income 5,720 per month" in page
    assert "Missing values None that the model reads" in page
    assert "Policy 1: threshold 50%" in page


def test_the_sheet_says_what_a_person_decided(officer, overridden):
    page = words(officer.get(f"/predictions/{overridden.pk}/explanation/"))
    assert re.search(r"Decision: denied by a person on .*, against the advice", page)


def test_the_pages_cost_a_fixed_number_of_queries(officer, denied, django_assert_max_num_queries):
    for page in ("notice", "notice/print", "explanation"):
        with django_assert_max_num_queries(11):  # one of them once a second
            officer.get(f"/predictions/{denied.pk}/{page}/")


OTHER_TERMS = {"code": "compensating", "note": "Known to the branch for years."}


@pytest.fixture
def offered(officer, entries):
    """An application of which a person approves less than was asked for."""
    officer.post("/score/", entries)
    return by_person(officer, "approved", terms={"LoanAmount": 40.0}, **OTHER_TERMS)


def test_an_approval_of_other_terms_has_a_letter_that_offers_them(officer, offered):
    letter = show(officer, offered)
    assert "Offer of other terms" in words(letter.content.decode())
    assert "We can approve it with other terms: loan amount 40" in text_of(letter).replace("\n", " ")


def test_an_approval_as_asked_for_has_no_letter(officer, entries):
    officer.post("/score/", entries)
    assert show(officer, by_person(officer, "approved")).status_code == 409


def test_a_letter_begins_with_the_words_of_the_rule_that_denied(officer, entries):
    told = {"officer": "A small loan", "applicant": "We give no loans below 200,000."}
    rule = {"code": "small", "when": "LoanAmount < 200", "action": "deny"} | told
    rules = rules_to_json(rules_from_facts([rule], built_in()))
    Policy.objects.create(threshold=0.5, reason="t", at=timezone.now(), rules=rules)
    active_policy.forget()
    officer.post("/score/", entries)
    assert reasons_of(show(officer, by_person(officer, "denied")))[0] == "We give no loans below 200,000."
