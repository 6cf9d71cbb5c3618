"""The draft of a letter: a denial, or an offer of other terms. It is plain text, which a person edits."""

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings

from ml.applications.types import Value
from ml.expressions.nodes import columns_of
from ml.schemas.model_columns import ModelColumn
from ml.schemas.schema import Schema
from ml.scorecard.scores import MAX_ADVERSE_REASONS, Reason, adverse_reasons
from predictions.models import Decision, Prediction
from predictions.words.labels import in_a_sentence
from predictions.words.times import site_date

NOTICE_DAYS = 30
NO_REASON = "[No reasons are recorded. Write the specific reasons here.]"
_TEXT = """\
{lender}
{today}

Your loan application {loan_id}
Date of application: {applied}

Dear applicant,

{decision} {decided}.{words}

{rights}

{lender}
"""
_DENIED = "We have decided not to approve your application."
_OFFERED = (
    "We have decided not to approve the loan as you asked for it. We can approve it with other terms: "
    "{terms}. Please tell us whether you accept them."
)
_FROM_MODEL = "The reasons come from a statistical model. What it predicts: {means}."
_RIGHTS = (
    "You may ask us to have another person look at this decision again. If something above is not right, "
    "or you have documents that we have not seen, please tell us or send them with your request.\n\n"
    "You may also ask which data about you we used for this decision, and where they came from. "
    "If any of them are wrong, you may have them corrected."
)


Directions = Mapping[str, int]  # by model column: 1 if points rise with the value, -1 if they fall


def draft_notice(prediction: Prediction, decision: Decision, directions: Directions, now: datetime) -> str:
    """Return the draft of a decision's notice.

    `directions` are those of the model that scored the case, of its columns of numbers.
    """
    terms = decision.terms_words
    return _TEXT.format(
        decision=_OFFERED.format(terms=terms) if terms else _DENIED,
        lender=settings.LENDER,
        today=day_text(site_date(now)),
        loan_id=prediction.loan_id,
        applied=day_text(site_date(prediction.applied_at)),
        decided=f"A person decided this on {day_text(site_date(decision.at))}",
        words=_why(prediction, decision, directions),
        rights=_RIGHTS,
    )


def _why(prediction: Prediction, decision: Decision, directions: Directions) -> str:
    """Return the words for the applicant, those of rules that hold, and the model's reasons.

    The most adverse reason comes first. All together are at most four. The internal note is never part of it.
    """
    written = decision.applicant_text
    ruled = [check.applicant_text for check in prediction.held if check.applicant_text]
    ruled = ruled[: MAX_ADVERSE_REASONS - bool(written)]
    against = adverse_reasons(without_protected_reasons(prediction.schema, prediction.reasons))[
        : MAX_ADVERSE_REASONS - bool(written) - len(ruled)
    ]
    specific = [*ruled, *(_specific(prediction, reason, directions) for reason in against)]
    reasons = specific or [NO_REASON][: not written]
    listed = "\n".join(f"{number}. {reason}" for number, reason in enumerate(reasons, 1))
    if against and (means := prediction.schema.target.means):
        listed += f"\n\n{_FROM_MODEL.format(means=means)}"
    if not written:
        return f" These are the main reasons:\n\n{listed}"
    return f"\n\n{written}" + (f"\n\nThese are further reasons:\n\n{listed}" if listed else "")


def without_protected_reasons(schema: Schema, reasons: list[Reason]) -> list[Reason]:
    """Leave out reasons about protected columns: no applicant may be given such a reason."""
    return [reason for reason in reasons if not _reads_protected(schema, reason["column"])]


def _reads_protected(schema: Schema, column: str) -> bool:
    model_column = schema.by_model_column.get(column)
    sources = model_column.sources if model_column else (column,)
    return any(source in schema.protected for source in sources)


def due_date(prediction: Prediction) -> date:
    return site_date(prediction.applied_at) + timedelta(days=NOTICE_DAYS)


def day_text(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _specific(prediction: Prediction, reason: Reason, directions: Directions) -> str:
    """Return the schema's words for an adverse value, or the reason's text as it was recorded.

    A sum or ratio adds the applicant's own figure.
    """
    column = prediction.schema.by_model_column.get(reason["column"])
    if column is None:
        return f"{reason['text']}."
    figure = _figure(column, prediction.inputs)
    text = _adverse_words(column, figure, directions.get(column.column)) or f"{reason['text']}."
    if column.sources == (column.column,):  # not a sum or ratio: its text names the value
        return text
    given = ", ".join(_given(prediction, source) for source in columns_of(column.tree))
    if not math.isfinite(figure):
        return f"{text} You gave: {given}."
    unit = f" {column.unit}" if column.unit else ""
    return f"{text} Your application: {figure:,.{column.digits}f}{unit} ({given})."


def _figure(column: ModelColumn, inputs: Mapping[str, Value]) -> float:
    """Return the model column of the application; NaN if it is missing."""
    return float(column.values({source: [inputs[source]] for source in column.sources})[0])


def _adverse_words(column: ModelColumn, figure: float, direction: int | None) -> str:
    """Return what the schema tells an applicant whose value counts against the application.

    The value is low for a model whose points rise with the value, and high for one whose points fall. There
    are no words for a missing value or a code.
    """
    if math.isnan(figure) or figure in dict(column.special) or not direction:
        return ""
    return column.adverse.low if direction > 0 else column.adverse.high


def _given(prediction: Prediction, source: str) -> str:
    feature, value = prediction.schema.by_column[source], prediction.inputs[source]
    return f"{in_a_sentence(feature.label)} {'not given' if value is None else feature.value_words(value)}"
