"""What a Loan ID names already, before its application is scored again or another one looks like it."""

from dataclasses import dataclass
from typing import Any, Self

from django.db.models import QuerySet
from django.http import HttpRequest

from predictions.live.products import product_of
from predictions.models import Prediction
from predictions.reading.applications import application_id, with_state
from predictions.reading.look_alikes import look_alikes
from predictions.services.scoring.namespaces import shares_staff_ids, taken_ids
from predictions.web.presentation import prediction_percent
from predictions.words.states import STATE_WORDS

MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class KnownApplication:
    """An application of which a form shows the newest prediction, the number and the state."""

    newest: Prediction
    number: int
    percent: str
    state: str

    @classmethod
    def of(cls, newest: Prediction) -> Self:
        rows: QuerySet[Any] = with_state(Prediction.objects.filter(pk=newest.pk))
        state = rows.values_list("state", flat=True).get()
        return cls(newest, application_id(newest), prediction_percent(newest), STATE_WORDS[state])


@dataclass(frozen=True, slots=True)
class KnownIds:
    """The application of a typed ID, or who has it, and applications whose ID looks alike."""

    known: KnownApplication | None = None
    taken: str = ""  # as the refusal of the score says it
    alike: tuple[KnownApplication, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest, loan_id: str) -> Self:
        product = product_of(request)
        alike = map(KnownApplication.of, look_alikes(request.user, product, loan_id, MOST_SHOWN))
        newest, taken = _holder(request, loan_id)
        return cls(KnownApplication.of(newest) if newest else None, taken, tuple(alike))


def _holder(request: HttpRequest, loan_id: str) -> tuple[Prediction | None, str]:
    """Return the newest prediction of an ID's application, if the user may see it, and whose it is."""
    user, product = request.user, product_of(request)
    rows = Prediction.objects.select_related("policy").order_by("-pk")
    if shares_staff_ids(user):
        taken = taken_ids(owner=user, product_id=product.pk, loan_ids=[loan_id]).get(0)
        if taken:
            return rows.filter(pk=taken.newest_id or 0).first(), taken.words
    return rows.of_application(loan_id, user, product.stored_key).first(), ""
