"""The queue: the cases that wait for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypedDict, cast

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import F, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_safe

from predictions.live import products
from predictions.live.products import product_of
from predictions.models import Prediction, Product, Referral
from predictions.models.loan_id_entry import newest_of
from predictions.models.prediction import ReferralQuerySet
from predictions.models.querysets import AnyUser
from predictions.reading import queue as queue_reading
from predictions.reading.declared_filters import QUEUE_FILTERS
from predictions.reading.letters import letters_to_confirm
from predictions.roles import DECIDE
from predictions.services.queue.bulk_acts import BulkReport
from predictions.web.cases.decisions import ServiceForm
from predictions.web.cases.lookup import read_row_key, require_case_access
from predictions.web.cases.work_forms import BulkForm
from predictions.web.history.forms import HistoryForm
from predictions.web.mounts import address_in
from predictions.web.presentation import prediction_percent
from predictions.words.labels import in_a_sentence
from predictions.words.policies import ADVICE, cause_words
from predictions.words.times import site_date

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class _WaitingFacts(TypedDict):
    newest: int
    holder: str | None


WaitingReferral: TypeAlias = "WithAnnotations[Referral, _WaitingFacts]"


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A waiting application: its newest prediction, since when it waits, and the person it is assigned to."""

    prediction: Prediction
    percent: str
    since: datetime
    assigned_to: str | None
    assigned_to_id: int | None
    scored_again: bool

    @classmethod
    def of(cls, referral: WaitingReferral, newest: Prediction) -> "WaitingCase":
        since = referral.since or newest.created_at
        facts = (since, referral.holder, referral.assigned_to_id, since < newest.created_at)
        return cls(newest, prediction_percent(newest), *facts)

    @property
    def age(self) -> str:
        """The time that the case has waited, in words."""
        waited = timezone.now() - self.since
        return timesince(self.since, depth=1) if waited >= timedelta(minutes=1) else "under a minute"

    @property
    def again(self) -> str:
        """The result of scoring the application again, in words; empty if it was scored once."""
        if not self.scored_again:
            return ""
        return f"Scored again: {self.percent}%, {ADVICE[self.prediction.outcome]}"


def with_facts(entries: ReferralQuerySet) -> "QuerySet[WaitingReferral]":
    """Annotate entries with the newest prediction of their application and the name of their holder."""
    key = (OuterRef("loan_id"), OuterRef("owner"), OuterRef("product"))
    annotated = entries.annotate(newest=newest_of(*key), holder=F("assigned_to__username"))
    return cast("QuerySet[WaitingReferral]", annotated)


def waiting_cases(referrals: Sequence[WaitingReferral]) -> list[WaitingCase]:
    """Return the case of each referral, in the order of `referrals`."""
    rows = Prediction.objects.with_application_id().select_related("owner", "policy", "explanation")
    newest = rows.defer("explanation__reasons").in_bulk([referral.newest for referral in referrals])
    return [
        WaitingCase.of(referral, newest[referral.newest])
        for referral in referrals
        if referral.newest in newest
    ]


PAGE_SIZE = 25


class QueueForm(HistoryForm):
    """The filters and the order of the queue."""

    declared_filters = QUEUE_FILTERS
    sorts = queue_reading.ORDERS
    first_sort = queue_reading.OLDEST


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A waiting case. `settles` names what would decide it; `mine`: it is assigned to the viewer."""

    case: WaitingCase
    entry: WaitingReferral
    settles: list[str]
    mine: bool
    held: bool

    @property
    def prediction(self) -> Prediction:
        return self.case.prediction

    @property
    def terms(self) -> list[str]:
        """The amount and the term asked for, in words; empty texts where there is none."""
        schema, inputs = self.prediction.schema, self.prediction.inputs
        columns = (schema.amount, schema.term)
        values = [(column, inputs.get(column)) for column in columns if column]
        return [
            "" if value is None else schema.by_column[column].value_words(value) for column, value in values
        ]

    @property
    def advice(self) -> str:
        return "approve" if self.prediction.advises_approval else "deny"


class ProductQueue(NamedTuple):
    """A link to the queue of a product, and how many cases wait there."""

    title: str
    address: str
    current: bool
    waiting: int


@require_safe
@login_required
@permission_required(DECIDE, raise_exception=True)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the waiting cases: ``?show=VIEW``, the filters, ``sort``, and ``start`` of the page."""
    return queue_page(request)


def queue_page(
    request: HttpRequest,
    *,
    report: BulkReport | None = None,
    form: ServiceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the queue, with the report of a bulk act or its refused form."""
    require_case_access(request)
    show, start = read_view(request.GET), read_row_key(request.GET.get("start", "0"))
    filters, product = QueueForm(request.GET, request.user), product_of(request)
    counts = queue_reading.counts(request.user, product)
    entries = _page_of(request.user, product, show, filters, start) if filters.is_valid() else []
    lines = [_line(case, entry, request.user.pk) for case, entry in _cases(entries[:PAGE_SIZE])]
    context = {
        "lines": lines,
        "next": start + PAGE_SIZE if len(entries) > PAGE_SIZE else None,
        "show": show,
        "views": [(name, label, counts.by_view[name]) for name, label in queue_reading.VIEWS.items()],
        "counts": counts,
        "to_confirm": queue_reading.to_confirm(request.user, product).count()
        + letters_to_confirm(request.user, product).count(),
        "products": _queues(request.user, product),
        "start": start,
        "form": filters,
        "bulk_form": form or BulkForm(),
        "report": report,
        "query": filters.query_string(),
    }
    return render(
        request, "predictions/decisions/queue.html", context, status=422 if filters.errors else status
    )


def read_view(query: QueryDict) -> str:
    """Return the view that an address names. Raises `Http404` if there is no such view."""
    view = query.get("show", "all")
    if view not in queue_reading.VIEWS:
        raise Http404
    return view


def _queues(user: AnyUser, product: Product) -> list[ProductQueue]:
    """Return the queue of each product; empty while there is one product, which nobody needs to name."""
    if product.alone:
        return []
    waiting = queue_reading.totals(user)
    return [
        ProductQueue(
            other.title, address_in(other, "queue"), other.pk == product.pk, waiting.get(other.pk, 0)
        )
        for other in products.every()
    ]


def _page_of(
    user: AnyUser, product: Product, show: str, filters: QueueForm, start: int
) -> list[WaitingReferral]:
    rows = queue_reading.in_view(queue_reading.entries_for(user, product), show, user)
    page = filters.sort.sort(filters.filter(rows))[start : start + PAGE_SIZE + 1]
    # Sorted without the facts, which would be looked up for every entry.
    return list(filters.sort.sort(with_facts(Referral.objects.filter(pk__in=page.values("pk")))))


def _cases(entries: Sequence[WaitingReferral]) -> list[tuple[WaitingCase, WaitingReferral]]:
    by_newest = {entry.newest: entry for entry in entries}
    return [(case, by_newest[case.prediction.pk]) for case in waiting_cases(entries)]


def _checks(prediction: Prediction) -> list[str]:
    """Name the values to check: those with a remark that refers the case."""
    remarks = prediction.referring_remarks
    if not prediction.policy.rule.refers_for(remarks):
        return []
    columns = dict.fromkeys(remark["attr"] for remark in remarks if remark["attr"])
    by_column = prediction.schema.by_column
    labels = [in_a_sentence(by_column[column].label) for column in columns]
    return [f"Check the {' and the '.join(labels)}"] if labels else []


def _judged(prediction: Prediction) -> list[str]:
    """Name the rules and the limit that refer a case, whatever its probability."""
    names = [in_a_sentence(cause_words(check.code)) for check in prediction.held]
    return [f"Your judgement: {', '.join(names)}"] if names else []


def _line(case: WaitingCase, entry: WaitingReferral, viewer: int | None) -> QueueLine:
    by_column = case.prediction.schema.by_column
    missing = [by_column[column].label for column in case.prediction.could_flip]
    return QueueLine(
        case=case,
        entry=entry,
        settles=[*_checks(case.prediction), *missing, *_judged(case.prediction)],
        mine=case.assigned_to_id == viewer,
        held=entry.held_until is not None and entry.held_until >= site_date(timezone.now()),
    )
