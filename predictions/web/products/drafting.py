"""Pages of a draft: its outcome, its columns, and the form that it will be, which saves it."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ml.errors import DatasetError
from ml.schemas.schema import Schema
from predictions.errors import Conflict, InvalidFields
from predictions.live.schemas import newest_schema_of
from predictions.models import ProductDraft
from predictions.roles import CHANGE_PRODUCTS
from predictions.services.products.drafting import drafts
from predictions.services.products.drafting.entries import check_entries
from predictions.services.products.drafting.tables import read_table
from predictions.web.forms import ApplicantForm
from predictions.web.models.switching import warn_of_idle_checks
from predictions.web.mounts import address_in
from predictions.web.posting import post_only
from predictions.web.products.editor import EditorView, read_changes
from predictions.web.products.forms import ReasonForm
from predictions.web.products.pages import own_draft
from predictions.web.uploads.ended import tells_its_end
from predictions.web.uploads.refusals import shown_faults
from predictions.words.schemas import schema_changes

if TYPE_CHECKING:
    from ml.schemas.draft import OutcomeValues

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@login_required
@permission_required(CHANGE_PRODUCTS, raise_exception=True)
@tells_its_end(ProductDraft)
def draft_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the column of the outcome (``?column=``), and which of its values are good."""
    draft = own_draft(request, pk)
    if request.method == "POST" and (sheet := request.POST.get("sheet")):
        return _read_sheet(request, draft, sheet)
    if not draft.entries["headings"]:
        return redirect("draft", pk)
    if request.method != "POST":
        return _outcome(request, draft, request.GET.get("column", ""))
    column = request.POST.get("column", "")
    sides = _sent_sides(request.POST)
    good = [value for value, side in sides.items() if side == "good"]
    leave_out = [value for value, side in sides.items() if side == "leave_out"]
    try:
        drafts.tell_outcome(draft=draft, column=column, good=good, leave_out=leave_out)
    except DatasetError as error:
        return _outcome(request, draft, column, unusable=error, status=422)
    return redirect("draft", pk)


def _read_sheet(request: HttpRequest, draft: ProductDraft, sheet: str) -> HttpResponse:
    if sheet not in draft.entries.get("workbook", {}).get("sheets", ()):
        return _not_read(request, draft)
    try:
        drafts.read_sheet(draft=draft, sheet=sheet)
    except DatasetError as error:
        return _not_read(request, draft, error)
    return redirect("draft_outcome" if draft.product is None else "draft", draft.pk)


def _not_read(
    request: HttpRequest, draft: ProductDraft, unusable: DatasetError | None = None
) -> HttpResponse:
    if draft.product is None:
        return _outcome(request, draft, "", unusable=unusable, status=422)
    return _columns(request, draft, unusable=unusable, status=422)


def _outcome(
    request: HttpRequest,
    draft: ProductDraft,
    column: str,
    *,
    unusable: DatasetError | None = None,
    status: int = 200,
) -> HttpResponse:
    from ml.schemas.draft import outcome_values

    headings = draft.entries["headings"]
    column = column if column in headings else draft.entries["target"]["column"]
    context: dict[str, Any] = {"draft": draft, "headings": headings, "column": column, "unusable": unusable}
    try:
        found = outcome_values(draft.file_name, read_table(draft), column)
        sides = _sent_sides(request.POST) or _known_sides(found)
        context["values"] = [(value, rows, sides.get(value, "")) for value, rows in found.counts.items()]
    except DatasetError as error:
        context["unusable"] = unusable or error
    if shown := context["unusable"]:
        context["faults"] = shown_faults(shown)
    return render(request, "predictions/products/draft_outcome.html", context, status=status)


def _sent_sides(posted: QueryDict) -> dict[str, str]:
    """Return good, bad or leave_out by value, as the form of the outcome sends it."""
    values = {key.removeprefix("value-"): str(posted[key]) for key in posted if key.startswith("value-")}
    return {value: str(posted.get(f"side-{number}", "")) for number, value in values.items()}


def _known_sides(found: "OutcomeValues") -> dict[str, str]:
    """Return good, bad or leave_out by value, if known words tell."""
    from ml.tables.labels import is_left_out

    sides = {value: "leave_out" for value in found.counts if is_left_out(value)}
    others = [value for value in found.counts if value not in sides]
    return sides | {value: "good" if value in found.good else "bad" for value in others if found.good}


@require_http_methods(FORM_METHODS)
@login_required
@permission_required(CHANGE_PRODUCTS, raise_exception=True)
@tells_its_end(ProductDraft)
def draft_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change the columns of a draft; ``?column=3`` opens the details of one."""
    draft = own_draft(request, pk)
    if not draft.entries["columns"]:
        return redirect("draft_outcome", pk)
    if request.method != "POST":
        return _columns(request, draft)
    entries = read_changes(draft.entries, request.POST, is_new=draft.product is None)
    drafts.change_entries(draft=draft, entries=drafts.with_choices(draft, entries))
    wish, _, place = request.POST.get("do", "").partition("-")
    if wish == "autosave":
        return HttpResponse(status=204)
    if wish == "preview":
        return redirect("draft_preview", pk)
    if wish == "open":
        return redirect(f"{reverse('draft', args=[pk])}?column={place}#row-{place}")
    messages.success(request, "The draft is kept. Nobody else sees it.")
    return redirect("draft", pk)


def _columns(
    request: HttpRequest, draft: ProductDraft, *, unusable: DatasetError | None = None, status: int = 200
) -> HttpResponse:
    text = request.GET.get("column", "")
    place = int(text) if text.isdecimal() and len(text) < 6 else None
    view = EditorView(draft, check_entries(draft.entries), place)
    context = {
        "view": view,
        "draft": draft,
        "refused": "refused" in request.GET,
        "unusable": unusable,
        "faults": shown_faults(unusable),
    }
    return render(request, "predictions/products/draft_columns.html", context, status=status)


@require_http_methods(FORM_METHODS)
@login_required
@permission_required(CHANGE_PRODUCTS, raise_exception=True)
@tells_its_end(ProductDraft)
def draft_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form as officers will see it, and save the draft as a version."""
    if request.method == "POST" and not ProductDraft.objects.filter(pk=pk).exists():
        return redirect("products")  # saved already: the form was sent twice
    draft = own_draft(request, pk)
    schema = check_entries(draft.entries).schema
    if schema is None:
        return redirect(f"{reverse('draft', args=[pk])}?refused")
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _preview(request, draft, schema, form)
    if not form.is_valid():
        return _preview(request, draft, schema, form, status=422)
    return _save(request, draft, schema, form)


def _save(request: HttpRequest, draft: ProductDraft, schema: Schema, form: ReasonForm) -> HttpResponse:
    after = request.POST.get("after", "")
    try:
        saved = drafts.save_draft(
            draft=draft,
            by=request.user,
            reason=form.cleaned_data["reason"],
            train=bool(draft.digest) and "train" in request.POST,
            after=int(after) if after.isdecimal() and len(after) < 9 else 0,
        )
    except InvalidFields as error:
        return _preview(request, draft, schema, form, error=str(error), status=422)
    except Conflict as error:
        return _preview(request, draft, schema, form, error=str(error), status=409)
    except DatasetError as error:
        return _preview(request, draft, schema, form, unusable=error, status=422)
    number = drafts.newest_number(saved.product)
    messages.success(request, f"Schema {number} of {saved.product.title} is saved.")
    warn_of_idle_checks(request, saved.product.pk, newest_schema_of(saved.product.pk))
    if saved.training:
        return redirect(address_in(saved.product, "training", saved.training.pk))
    return redirect(address_in(saved.product, "schema"))


def _preview(
    request: HttpRequest,
    draft: ProductDraft,
    schema: Schema,
    form: ReasonForm,
    *,
    error: str = "",
    unusable: DatasetError | None = None,
    status: int = 200,
) -> HttpResponse:
    if draft.digest and unusable is None:
        unusable = drafts.table_faults(draft, schema)
    newest = newest_schema_of(draft.product.pk) if draft.product else None
    context = {
        "draft": draft,
        "schema": schema,
        "form": form,
        "preview": ApplicantForm(schema),
        "error": error,
        "unusable": unusable,
        "faults": shown_faults(unusable),
        "after": drafts.newest_number(draft.product) if draft.product else 0,
        "changes": schema_changes(newest, schema) if newest else [],
        "train": request.method != "POST" or "train" in request.POST,
    }
    return render(request, "predictions/products/draft_preview.html", context, status=status)


@post_only("draft")
@login_required
@permission_required(CHANGE_PRODUCTS, raise_exception=True)
@tells_its_end(ProductDraft)
def draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    draft = own_draft(request, pk)
    drafts.discard_draft(draft=draft)
    messages.success(request, f"The draft of {draft} is discarded.")
    return redirect("products")
