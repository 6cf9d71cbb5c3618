"""Applications: their numbers and states, read out of what is stored: they have no row of their own."""

from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from django.db.models import Case, CharField, Exists, Max, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.utils import timezone

from predictions.models import (
    Applicant,
    ApplicationEvent,
    Decision,
    Hold,
    Prediction,
    Product,
    Proposal,
    Referral,
)
from predictions.models.loan_id_entry import first_of, newest_of, outer_application
from predictions.models.querysets import AnyUser, InProductQuerySet
from predictions.roles import SEE_ALL
from predictions.words.times import site_date

_M = TypeVar("_M", bound=Model)
_FEW = 5_000  # applications whose numbers are looked up in less time than a page of rare ones is found


class ApplicationState(StrEnum):
    """Where an application is on its way. An application that is scored again after its end is open again."""

    SCORED = "scored"  # nobody needs to decide it, and nobody has
    WAITING = "waiting"  # for a person
    ON_HOLD = "on_hold"  # for the applicant
    PROPOSED = "proposed"  # a decision waits for a second person
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # into another application


def application_id(prediction: Prediction) -> int:
    """Return the number of a prediction's application: the id of its first prediction.

    Lists annotate it (`with_application_id`); without that it is one query.
    """
    annotated: int | None = getattr(prediction, "application_id", None)
    return annotated or _first(prediction)


def _first(prediction: Prediction) -> int:
    same = Prediction.objects.of_application(*prediction.application).order_by("pk")
    return same.values_list("pk", flat=True)[0]


def applications_for(user: AnyUser, product: Product) -> InProductQuerySet[Applicant]:
    """Return the applications of a product that a user may see: own ones, and those that the user holds."""
    rows = Applicant.objects.of_product(product)
    if user.has_perm(SEE_ALL):
        return rows
    held = Referral.objects.of_product(product).filter(assigned_to=user.pk).exclude(owner=user.pk)
    first = first_of(*(OuterRef(name) for name in ("loan_id", "owner", "product")))
    # A list of keys, not a subquery: the database then reads the rows in the order of the list.
    return rows.filter(Q(owner=user.pk) | Q(pk__in=list(held.values_list(first, flat=True))))


def with_state(rows: QuerySet[_M], today: date | None = None) -> QuerySet[_M]:
    """Annotate predictions or applicants with `newest_id` and `state` of their application.

    What was decided, proposed or ended counts while the prediction that it was about is the newest. A hold
    and a place in the queue go on when the application is scored again.

    Parameters
    ----------
    today
        In the site's time zone, which decides when a hold is over.
    """
    of_application = outer_application()
    on_newest = Q(prediction=OuterRef("newest_id"))
    proposed = Proposal.objects.open().filter(on_newest, kind=Proposal.Kind.DECISION)
    held = Hold.objects.of_application(*of_application).open_on(today or site_date(timezone.now()))
    state = Case(
        When(_ended(ApplicationEvent.Kind.MERGED), then=Value(ApplicationState.MERGED.value)),
        When(_ended(ApplicationEvent.Kind.WITHDRAWN), then=Value(ApplicationState.WITHDRAWN.value)),
        When(Exists(proposed), then=Value(ApplicationState.PROPOSED.value)),
        When(Exists(held), then=Value(ApplicationState.ON_HOLD.value)),
        When(
            Exists(Referral.objects.of_application(*of_application)),
            then=Value(ApplicationState.WAITING.value),
        ),
        When(
            Exists(Decision.objects.filter(on_newest).order_by()), then=Value(ApplicationState.DECIDED.value)
        ),
        default=Value(ApplicationState.SCORED.value),
        output_field=CharField(),
    )
    return rows.annotate(newest_id=newest_of(*of_application)).annotate(state=state)


def in_state(rows: QuerySet[_M], state: ApplicationState) -> QuerySet[_M]:
    """Keep the applications in a state, out of `rows` with one (`with_state`).

    Where few applications can be in the state, their numbers are looked up first: a page of them would be
    found by reading all rows. Many are found from the newest one on.
    """
    in_it, records = rows.filter(state=state.value), _records_of(state)
    if records is None:
        return in_it
    if len(records.values_list("pk", flat=True)[: _FEW + 1]) > _FEW:
        return in_it.filter(pk__lte=records.aggregate(newest=Max("prediction"))["newest"])
    numbers = records.values_list(first_of(*outer_application("prediction__")), flat=True)
    return in_it.filter(pk__in=set(numbers))


def _records_of(state: ApplicationState) -> QuerySet[Any] | None:
    """Return rows of which each application in a state has one; None where it needs none."""
    kinds = {
        ApplicationState.MERGED: ApplicationEvent.Kind.MERGED,
        ApplicationState.WITHDRAWN: ApplicationEvent.Kind.WITHDRAWN,
    }
    if state in kinds:
        return ApplicationEvent.objects.filter(kind=kinds[state]).order_by()
    records: dict[ApplicationState, QuerySet[Any]] = {
        ApplicationState.PROPOSED: Proposal.objects.open().filter(kind=Proposal.Kind.DECISION),
        ApplicationState.ON_HOLD: Hold.objects.open_on(site_date(timezone.now())),
        ApplicationState.WAITING: Referral.objects.all(),
        ApplicationState.DECIDED: Decision.objects.all(),
    }
    return records[state].order_by() if state in records else None


def _ended(kind: ApplicationEvent.Kind) -> Combinable:
    """Return the condition that such an event ended the application, and nobody has decided it since."""
    later = Decision.objects.filter(prediction=OuterRef("prediction"), at__gt=OuterRef("at")).order_by()
    events = ApplicationEvent.objects.filter(prediction=OuterRef("newest_id"), kind=kind).order_by()
    return Exists(events.filter(~Exists(later)))
