"""The queue as pages and programs read it: views, orders and counts, by its own tables alone."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Exists, F, OrderBy, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from predictions.models import Prediction, Product, Proposal, Referral, WaitingCount
from predictions.models.application import ProposalQuerySet
from predictions.models.prediction import ReferralQuerySet
from predictions.models.querysets import AnyUser
from predictions.reading.counts import start_in_utc
from predictions.words.times import site_date

LONG_WAIT = timedelta(days=3)
VIEWS = {
    "all": "All",
    "mine": "Yours",
    "unclaimed": "Unassigned",
    "hold": "On hold",
    "due": "Due",
}


class QueueOrder(NamedTuple):
    """An order of the queue. Cases without an amount come last in either direction."""

    label: str
    field: str
    descending: bool = False

    def sort(self, rows: ReferralQuerySet) -> ReferralQuerySet:
        # Every complete entry has its `since`. With a place for empty ones the index would not serve.
        nulls_last = None if self.field == "since" else True
        first = OrderBy(F(self.field), descending=self.descending, nulls_last=nulls_last)
        return rows.order_by(first, "-pk" if self.descending else "pk")

    def after(self, rows: ReferralQuerySet, value: datetime | float | None, pk: int) -> ReferralQuerySet:
        """Return the entries that follow the place of an entry, which may have left the queue since."""
        side = "lt" if self.descending else "gt"
        equal = Q(**{self.field: value, f"pk__{side}": pk})
        if value is None:
            return rows.filter(equal)
        return rows.filter(equal | Q(**{f"{self.field}__{side}": value}) | Q(**{self.field: None}))


OLDEST = "oldest"
ORDERS = {
    OLDEST: QueueOrder("Longest wait first", "since"),
    "newest": QueueOrder("Shortest wait first", "since", descending=True),
    "largest": QueueOrder("Largest amount first", "amount", descending=True),
    "smallest": QueueOrder("Smallest amount first", "amount"),
}


class QueueCounts(NamedTuple):
    """How many cases each view has, how many people and programs entered, and the oldest wait."""

    by_view: dict[str, int]
    by_hand: int
    by_programs: int

    @property
    def total(self) -> int:
        return self.by_view["all"]


def entries_for(user: AnyUser, product: Product) -> ReferralQuerySet:
    """Return the queue's entries of a product that a user may see."""
    return Referral.objects.of_product(product).visible_to(user)


def in_view(rows: ReferralQuerySet, view: str, user: AnyUser) -> ReferralQuerySet:
    """Return the entries of one of `VIEWS`."""
    return rows.filter(_view_conditions(user, timezone.now())[view])


def to_work_through(rows: ReferralQuerySet, view: str, user: AnyUser) -> ReferralQuerySet:
    """Return the entries of a view that a user can work on: unassigned ones, and own ones if it has them.

    All but the view "hold" leave out what is on hold.
    """
    if view == "all":
        return in_view(rows, "unclaimed", user)
    free = in_view(rows, view, user).filter(Q(assigned_to=None) | Q(assigned_to=user.pk))
    return free if view == "hold" else free.exclude(held_until__gte=site_date(timezone.now()))


def to_confirm(user: AnyUser, product: Product) -> ProposalQuerySet:
    """Return the proposed decisions of a product that wait for a second person and that a user may see."""
    visible = Prediction.objects.visible_to(user).filter(pk=OuterRef("prediction"))
    return Proposal.objects.of_product(product).to_confirm().filter(Exists(visible))


def totals(user: AnyUser) -> dict[int, int]:
    """Return how many cases wait, by the key of their product."""
    kept = WaitingCount.objects.visible_to(user).values_list("product")
    return dict(kept.annotate(Sum("number")))


def counts(user: AnyUser, product: Product) -> QueueCounts:
    """Return the counts of all views, in one query. They are kept, and not counted, but for one day's due."""
    now = timezone.now()
    kept = WaitingCount.objects.of_product(product).visible_to(user)
    numbers: dict[str, Combinable] = {view: _number(q) for view, q in _kept_conditions(user, now).items()}
    numbers["due"] += Coalesce(Subquery(_due_within_day(user, product, now)), 0)
    found = kept.aggregate(**numbers, by_hand=_number(Q(by_hand=True)))
    hand = found.pop("by_hand")
    return QueueCounts(found, hand, found["all"] - hand)


def _number(condition: Q) -> Coalesce:
    return Coalesce(Sum("number", filter=condition), 0)


def _view_conditions(user: AnyUser, now: datetime) -> dict[str, Q]:
    """Return the conditions of the views on entries."""
    return _conditions(user, now, Q(since__lt=now - LONG_WAIT))


def _kept_conditions(user: AnyUser, now: datetime) -> dict[str, Q]:
    """Return the conditions of the views on kept counts, without what `_due_within_day` counts."""
    return _conditions(user, now, Q(day__lt=start_in_utc(now - LONG_WAIT).date()))


def _conditions(user: AnyUser, now: datetime, waits_long: Q) -> dict[str, Q]:
    today = site_date(now)
    held, over = Q(held_until__gte=today), Q(held_until__lt=today)
    return {
        "all": Q(pk__gt=0),
        "mine": Q(assigned_to=user.pk),
        "unclaimed": Q(assigned_to=None) & (Q(held_until=None) | over),
        "hold": held,
        "due": over | Q(held_until=None) & waits_long,
    }


def _due_within_day(user: AnyUser, product: Product, now: datetime) -> "QuerySet[Referral, tuple[int]]":
    """Count the entries that became due on the last day of which only a part is due."""
    last = now - LONG_WAIT
    rows = entries_for(user, product).filter(held_until=None, since__gte=start_in_utc(last), since__lt=last)
    return rows.order_by().values("product").annotate(total=Count("pk")).values_list("total")
