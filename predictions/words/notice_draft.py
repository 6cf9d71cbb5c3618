"""The draft of a denial notice, from the stored decision and reasons. Plain text, which a person edits."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings

from ml.applications.schema import BY_COLUMN, PROTECTED
from ml.scorecard.columns import BY_MODEL_COLUMN
from ml.scorecard.scores import MAX_ADVERSE_REASONS, Reason, adverse_reasons
from predictions.models import Decision, Prediction
from predictions.words.times import site_date

NOTICE_DAYS = 30
NO_REASON = "[No reason is on record. Write the specific reasons of this decision here.]"
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
    """Return the text of the notice. `prediction` should be loaded with its explanation and policy."""
    return _TEXT.format(
        lender=settings.LENDER,
        today=day_text(site_date(now)),
        loan_id=prediction.loan_id,
        applied=day_text(site_date(prediction.applied_at)),
        decided=f"A person decided this on {day_text(site_date(decision.at))}",
        words=_reasons_text(prediction, decision),
        rights=_RIGHTS,
    )


def _reasons_text(prediction: Prediction, decision: Decision) -> str:
    """Return the person's words for the applicant, then the model's reasons, most adverse first.

    Both together give at most four reasons. The internal note appears in no notice.
    """
    written = decision.applicant_text
    limit = MAX_ADVERSE_REASONS - bool(written)
    adverse = adverse_reasons(without_protected_reasons(prediction.reasons))[:limit]
    reasons = [_reason_with_value(prediction, reason) for reason in adverse] or [NO_REASON][: not written]
    listed = "\n".join(f"{number}. {reason}" for number, reason in enumerate(reasons, 1))
    if not written:
        return f" These are the main reasons:\n\n{listed}"
    return f"\n\n{written}" + (f"\n\nThese are further reasons:\n\n{listed}" if listed else "")


def without_protected_reasons(reasons: Sequence[Reason]) -> list[Reason]:
    """Leave out reasons from protected columns, which must not be given to an applicant."""
    return [reason for reason in reasons if reason["column"] not in PROTECTED]


def due_date(prediction: Prediction) -> date:
    """Return the day by which the notice must be sent."""
    return site_date(prediction.applied_at) + timedelta(days=NOTICE_DAYS)


def day_text(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _reason_with_value(prediction: Prediction, reason: Reason) -> str:
    """Return a reason as a sentence. Add the applicant's number if it is computed from several values."""
    column = BY_MODEL_COLUMN.get(reason["column"])
    if column is None or column.column in BY_COLUMN:  # the text of the reason contains the value
        return f"{reason['text']}."
    given = ", ".join(_label_and_value(prediction, source) for source in column.sources)
    values = {source: [prediction.inputs[source]] for source in column.sources}
    figure = float(column.values(values)[0])
    if not math.isfinite(figure):
        return f"{reason['text']}. You gave: {given}."
    return f"{reason['text']}. Yours: {figure:,.{column.digits}f} {column.unit} ({given})."


def _label_and_value(prediction: Prediction, source: str) -> str:
    feature, value = BY_COLUMN[source], prediction.inputs[source]
    label = feature.label[0].lower() + feature.label[1:]
    return f"{label} {'not given' if value is None else feature.words(value)}"
