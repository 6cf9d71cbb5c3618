"""The history of predictions as a page with filters, and as a CSV file."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from predictions.roles import EXPORT
from predictions.services.cases.history_export import export_history
from predictions.web.cases.lookup import read_row_key, visible_predictions
from predictions.web.history.forms import HistoryForm
from predictions.web.history.view import HistoryPage, PagePosition


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    rows, form, position = visible_predictions(request), _form(request), _position(request)
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render(request, "predictions/history/prediction_list.html", context, status=422)
    if "" in request.GET.values():  # as the form sends it: every field, most of them empty
        return redirect(f"{request.path}{form.query_string()}")
    context["history"] = HistoryPage.of(form, rows, position)
    return render(request, "predictions/history/prediction_list.html", context)


@require_safe
@login_required
@permission_required(EXPORT, raise_exception=True)
def history_csv(request: HttpRequest) -> HttpResponseBase:
    """Stream all predictions that the page of the same query lists, as CSV."""
    rows, form = visible_predictions(request), _form(request)
    if not form.is_valid():
        return render(request, "predictions/history/prediction_list.html", {"form": form}, status=422)
    lines = export_history(
        rows=form.filter(rows), order=form.sort.order, filters=form.parameters(), by=request.user
    )
    name = 'attachment; filename="history.csv"'
    return StreamingHttpResponse(lines, "text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _form(request: HttpRequest) -> HistoryForm:
    return HistoryForm(request.GET, user=request.user)


def _position(request: HttpRequest) -> PagePosition:
    """Read after or before which prediction the page starts."""
    keys = {name: read_row_key(request.GET[name]) for name in ("after", "before") if name in request.GET}
    if len(keys) > 1:
        raise BadRequest("Use either “after” or “before”, not both.")
    return PagePosition(**keys)
