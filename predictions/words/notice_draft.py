"""The draft of a denial notice. It is plain text, which a person edits."""

import math
from datetime import date, datetime, timedelta

from django.conf import settings
from ml.scorecard.columns import BY_MODEL_COLUMN

from ml.applications.schema import BY_COLUMN, PROTECTED
from ml.scorecard.scores import MAX_ADVERSE_REASONS, Reason, adverse_reasons
from predictions.models import Decision, Prediction
from predictions.words.times import site_date

NOTICE_DAYS = 30
NO_REASON = "[No reasons are recorded. Write the specific reasons here.]"
_TEXT = """\
{lender}
{today}

Your loan application {loan_id}
Date of application: {applied}

Dear applicant,

We have decided not to approve your application. {decided}.{words}

{rights}

{lender}
"""
_RIGHTS = (
    "You may ask us to have another person look at this decision again. If something above is not right, "
    "or you have documents that we have not seen, please tell us or send them with your request.\n\n"
    "You may also ask which data about you we used for this decision, and where they came from. "
    "If any of them are wrong, you may have them corrected."
)


def draft_notice(prediction: Prediction, decision: Decision, now: datetime) -> str:
    """Return the draft of a decision's notice."""
    return _TEXT.format(
        lender=settings.LENDER,
        today=day_text(site_date(now)),
        loan_id=prediction.loan_id,
        applied=day_text(site_date(prediction.applied_at)),
        decided=f"A person decided this on {day_text(site_date(decision.at))}",
        words=_why(prediction, decision),
        rights=_RIGHTS,
    )


def _why(prediction: Prediction, decision: Decision) -> str:
    """Return the words for the applicant and the model's reasons, most adverse first.

    Both together are at most four reasons. The internal note is never part of a letter.
    """
    written = decision.applicant_text
    against = adverse_reasons(without_protected_reasons(prediction.reasons))[
        : MAX_ADVERSE_REASONS - bool(written)
    ]
    reasons = [_specific(prediction, reason) for reason in against] or [NO_REASON][: not written]
    listed = "\n".join(f"{number}. {reason}" for number, reason in enumerate(reasons, 1))
    if not written:
        return f" These are the main reasons:\n\n{listed}"
    return f"\n\n{written}" + (f"\n\nThese are further reasons:\n\n{listed}" if listed else "")


def without_protected_reasons(reasons: list[Reason]) -> list[Reason]:
    """Leave out reasons about protected columns: no applicant may be given such a reason."""
    return [reason for reason in reasons if reason["column"] not in PROTECTED]


def due_date(prediction: Prediction) -> date:
    return site_date(prediction.applied_at) + timedelta(days=NOTICE_DAYS)


def day_text(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _specific(prediction: Prediction, reason: Reason) -> str:
    """Return a reason's text as it was recorded; a sum or ratio adds the applicant's own figure.

    A letter has no other words for a reason.
    """
    column = BY_MODEL_COLUMN.get(reason["column"])
    if column is None or column.column in BY_COLUMN:  # not a sum or ratio: its text names the value
        return f"{reason['text']}."
    given = ", ".join(_given(prediction, source) for source in column.sources)
    inputs = {source: prediction.inputs[source] for source in column.sources}
    numbers = {source: math.nan if value is None else float(value) for source, value in inputs.items()}
    figure = float(column.values(numbers))
    if not math.isfinite(figure):
        return f"{reason['text']}. You gave: {given}."
    return f"{reason['text']}. Your application: {figure:,.{column.digits}f} {column.unit} ({given})."


def _given(prediction: Prediction, source: str) -> str:
    feature, value = BY_COLUMN[source], prediction.inputs[source]
    label = feature.label[0].lower() + feature.label[1:]
    return f"{label} {'not given' if value is None else feature.value_words(value)}"
