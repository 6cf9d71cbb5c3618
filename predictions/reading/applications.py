"""Applications: their numbers and states, read out of what is stored: they have no row of their own."""

from datetime import date
from enum import StrEnum
from typing import TypeVar

from django.db.models import Case, CharField, Exists, Model, OuterRef, Q, QuerySet, Value, When
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
from predictions.models.prediction import first_of, newest_of, outer_application
from predictions.models.querysets import AnyUser, InProductQuerySet
from predictions.roles import SEE_ALL
from predictions.words.times import site_date

_M = TypeVar("_M", bound=Model)


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


def _ended(kind: ApplicationEvent.Kind) -> Combinable:
    """Return the condition that such an event ended the application, and nobody has decided it since."""
    later = Decision.objects.filter(prediction=OuterRef("prediction"), at__gt=OuterRef("at")).order_by()
    events = ApplicationEvent.objects.filter(prediction=OuterRef("newest_id"), kind=kind).order_by()
    return Exists(events.filter(~Exists(later)))
