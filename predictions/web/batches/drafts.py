"""The pages of a file before it is scored: what was understood, corrected by its sender, and then scored."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ml.errors import DatasetError, InvalidValue
from predictions.errors import Conflict
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import BatchDraft
from predictions.requests.bodies import takes_file
from predictions.roles import SCORE
from predictions.services.batches import drafts
from predictions.services.uploads.drafts import delete_draft
from predictions.web.batches.pages import refused_file
from predictions.web.batches.upload import BatchForm, receive_draft
from predictions.web.cases.lookup import redirect_after_post
from predictions.web.posting import new_token, post_only
from predictions.web.uploads.drafts import FileDraftView, change_or_use, own_draft, use_once, used_before
from predictions.web.uploads.ended import tells_its_end
from predictions.web.uploads.refusals import UploadRefused


class BatchDraftView(FileDraftView):
    """A file of applications as its page shows it."""

    ASIDE = "carried along"
    ASIDE_HELP = "Headings without a column are carried along into the results."

    @property
    def can_be_scored(self) -> bool:
        return bool(self.look["ready"] and not self.look["open_cells"] and not self.look["problems"])

    @property
    def all_rows(self) -> int:
        return int(self.look["ready"] + self.look["refused"])


@takes_file(SCORE)
@post_only("batches")
@login_required
@permission_required(SCORE, raise_exception=True)
def draft_create(request: HttpRequest) -> HttpResponse:
    """Receive a file, and lead to the page that shows what was understood."""
    form = BatchForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused_file(request, form)
    try:
        queue = not form.cleaned_data["no_queue"]
        draft = receive_draft(form.cleaned_data["file"], request, queue=queue)
    except UploadRefused as refusal:
        return refused_file(request, BatchForm.refused(refusal.words), refusal)
    return redirect_after_post("batch_draft", draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SCORE, raise_exception=True)
@tells_its_end(BatchDraft)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was understood of a file. POST corrects it, scores it, or discards it."""
    try:
        found = own_draft(request, BatchDraft, pk)
    except Http404:
        return redirect_after_post("batch", used_before(request, pk))
    view = BatchDraftView(found, schema_in_use(product_of(request).pk))
    if request.method != "POST":
        return _page(request, view)
    if "discard" in request.POST:
        delete_draft(found)
        return redirect("batches")
    try:
        return _change_or_score(request, found, view)
    except (DatasetError, InvalidValue, Conflict) as error:
        return _page(request, view, error=str(error), status=409 if isinstance(error, Conflict) else 422)


def _change_or_score(request: HttpRequest, found: BatchDraft, view: BatchDraftView) -> HttpResponse:
    def score() -> HttpResponse:
        pk = use_once(request, found.pk, lambda: drafts.score_draft(draft=found, by=request.user).pk)
        return redirect_after_post("batch", pk)

    return change_or_use(
        request,
        view,
        change=lambda wishes: drafts.change_draft(draft=found, wishes=wishes),
        use=score if "score" in request.POST else None,
        show=lambda: redirect_after_post("batch_draft", found.pk),
    )


def _page(request: HttpRequest, view: BatchDraftView, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "view": view,
        "draft": view.draft,
        "look": view.look,
        "error": error,
        "form_token": new_token(),
    }
    return render(request, "predictions/batches/draft.html", context, status=status)
