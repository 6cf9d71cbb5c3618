"""The letter of a decision: the draft, the saved versions, and the print."""

from datetime import date, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from predictions.errors import Conflict, InvalidFields
from predictions.models import Decision, Notice, Prediction
from predictions.models.querysets import AnyUser
from predictions.roles import CONFIRM, DECIDE, SEE_ALL
from predictions.services.cases import notices
from predictions.services.cases.model_facts import directions_of
from predictions.services.proposals import others_have
from predictions.web import errors
from predictions.web.cases.decisions import NoticeForm
from predictions.web.cases.lookup import get_case, redirect_after_post
from predictions.web.posting import post_only
from predictions.words.notice_draft import NO_REASON, draft_notice, due_date
from predictions.words.times import in_site_zone, site_date

_NO_NOTICE, _NO_PRINT = "No letter", "The letter cannot be printed"


class NoticeView:
    """A notice as its page shows it: the saved versions, the draft, and the due date."""

    def __init__(self, prediction: Prediction, decision: Decision, now: datetime) -> None:
        self.prediction, self.decision = prediction, decision
        saved: list[Notice] = list(prediction.notices.select_related("by", "confirmed_by"))
        self.newest, self.earlier = saved[0] if saved else None, saved[1:]
        self.needs_second = notices.needs_second_person(prediction)
        confirmed = self.newest is None or notices.is_confirmed(self.newest, decision)
        self.unconfirmed = self.needs_second and not confirmed
        self.draft = draft_notice(prediction, decision, directions_of(prediction), now)
        self.lacks_reasons = NO_REASON in self.draft
        self.outdated = self.newest is not None and self.newest.at < decision.at
        self.due = due_date(prediction)
        self.due_words = _due_words(self.due, site_date(now))
        self.overdue = self.due < site_date(now)

    def may_be_confirmed_by(self, user: AnyUser) -> bool:
        """Return whether `user` may confirm the newest saved text."""
        newest_id = self.prediction.newest_id  # type: ignore[attr-defined] # annotated by get_case
        is_newest = newest_id == self.prediction.pk
        saved_by_user = self.newest is not None and self.newest.by_id == user.pk
        return self.unconfirmed and is_newest and user.has_perm(CONFIRM) and not saved_by_user

    @property
    def nobody_else(self) -> bool:
        """Whether no other account could confirm the newest saved text."""
        return self.newest is not None and not others_have(CONFIRM, self.newest.by_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@in_site_zone
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the newest saved text. Without one, or for ``?draft``, show the draft. Save another text."""
    prediction = _case(request, pk, writing=request.method == "POST")
    try:
        if request.method == "POST":
            return _save(request, prediction)
        decision = notices.require_letter(prediction)
    except Conflict as error:
        return errors.conflict(request, _NO_NOTICE, str(error))
    return _page(request, prediction, decision)


@require_safe
@login_required
@in_site_zone
def notice_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the newest saved text for printing. Only saved text is printed."""
    prediction = _case(request, pk)
    try:
        decision = notices.require_letter(prediction)
        printable = notices.require_printable(prediction)
    except Conflict as error:
        return errors.conflict(request, _NO_PRINT, str(error))
    context = {"prediction": prediction, "decision": decision, "notice": printable}
    return render(request, "predictions/decisions/notice_print.html", context)


@post_only("notice")
@login_required
@permission_required(CONFIRM, raise_exception=True)
@in_site_zone
def notice_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the newest saved text, which another person saved."""
    prediction = _case(request, pk)
    try:
        decision = notices.require_letter(prediction)
    except Conflict as error:
        return errors.conflict(request, _NO_NOTICE, str(error))
    seen = NoticeForm(request.POST).newest_id()
    try:
        notices.confirm_notice(prediction=prediction, by=request.user, seen=seen)
    except Conflict as error:
        return _page(request, prediction, decision, error=str(error), status=409)
    messages.success(request, "Letter confirmed. It may be printed.")
    return redirect_after_post("notice", prediction.pk)


def _case(request: HttpRequest, pk: int, *, writing: bool = False) -> Prediction:
    """Return the case. Raises `PermissionDenied` for a user who may not write (or read) its notice."""
    may_read = request.user.has_perm(SEE_ALL) and not writing
    if not (may_read or request.user.has_perm(DECIDE)):
        raise PermissionDenied
    return get_case(request, pk)


def _save(request: HttpRequest, prediction: Prediction) -> HttpResponse:
    form = NoticeForm(request.POST)
    decision = notices.require_letter(prediction)
    try:
        notices.save_notice(
            prediction=prediction, by=request.user, text=form.entered("text"), after=form.newest_id()
        )
    except InvalidFields as refused:
        form.add_errors(refused)
        return _page(request, prediction, decision, form, status=422)
    except Conflict as error:
        return _page(request, prediction, decision, form, error=str(error), status=409)
    if "print" in request.POST:
        return redirect_after_post("notice_print", prediction.pk)
    messages.success(request, "Letter saved.")
    return redirect_after_post("notice", prediction.pk)


def _page(
    request: HttpRequest,
    prediction: Prediction,
    decision: Decision,
    form: NoticeForm | None = None,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    view = NoticeView(prediction, decision, timezone.now())
    text = view.newest.text if view.newest and "draft" not in request.GET else view.draft
    context = {"notice": view, "form": form or NoticeForm(initial={"text": text}), "error": error}
    context["may_confirm"] = view.may_be_confirmed_by(request.user)
    return render(request, "predictions/decisions/notice.html", context, status=status)


def _due_words(due: date, today: date) -> str:
    days = (due - today).days
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return "today" if days == 0 else f"in {count}" if days > 0 else f"overdue by {count}"
