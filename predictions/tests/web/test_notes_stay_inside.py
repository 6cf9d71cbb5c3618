"""Letters that the version before drafted with the note lose it in the update."""

import hashlib
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from predictions.models import AuditRecord, Decision, Notice, Prediction
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.tests.helpers.api import ApiClient

NO_REASON = "[No reason is on record. Write the specific reasons of this decision here.]"  # as it was then
NOTE = "The employer\nhas closed."
FLAT = "Risks that the model does not read: The employer has closed."
LETTER = "Dear applicant,\n\nThese are the main reasons:\n\n{}\n\nThe lender\n"
update = import_module("predictions.migrations.0026_what_belongs_to_applications")


@pytest.fixture
def letter(active_version, user_with, application):
    """Save a letter as the version before did, for a case that was denied with a note."""
    officer = user_with(Role.OFFICER)

    def make(text, note=NOTE, code="hidden_risk"):
        pk = ApiClient(officer).post("/api/v1/predictions/", application).json()["id"]
        case = Prediction.objects.get(pk=pk)
        decisions.decide(prediction=case, by=officer, verdict="denied", code=code, note=NOTE)
        Decision.objects.update(note=note)  # an earlier release took any
        return Notice.objects.create(prediction=case, text=text, by=officer, at=timezone.now())

    return make


def after_the_update(notice):
    update.take_out_notes(apps, None)
    notice.refresh_from_db()
    return notice.text


@pytest.mark.parametrize(
    ("reasons", "left"),
    [
        (f"1. {FLAT}\n2. Income: low.\n3. Loan: high.", "1. Income: low.\n2. Loan: high."),
        ("1. The employer has closed.\n2. Income: low.", "1. Income: low."),
        (f"1. {FLAT}", f"1. {NO_REASON}"),
        ("1. Risks that the model does not read: The employer\nhas  closed.", f"1. {NO_REASON}"),
        ("1. Income: low. The employer has closed.", "1. Income: low. "),
        ("1. Income: low.", "1. Income: low."),
    ],
)
def test_a_saved_letter_loses_the_note_and_counts_its_reasons_again(letter, reasons, left):
    assert after_the_update(letter(LETTER.format(reasons))) == LETTER.format(left)


def test_a_short_note_is_taken_out_where_it_is_a_reason_and_left_where_it_is_a_word(letter):
    text = "Because of this:\n1. because\n2. It is high because of interest."
    assert after_the_update(letter(text, "because", "other")) == (
        "Because of this:\n1. It is high because of interest."
    )


def test_the_letter_that_may_have_gone_out_can_be_told_by_its_digest(letter):
    text = LETTER.format(f"1. {FLAT}")
    notice = letter(text)
    after_the_update(notice)
    after_the_update(notice)
    detail = AuditRecord.objects.get(action="note taken out of a notice").detail
    assert (detail["notice"], detail["sha256_before"]) == (
        notice.pk,
        hashlib.sha256(text.encode()).hexdigest(),
    )
    assert Decision.objects.get().note == NOTE
