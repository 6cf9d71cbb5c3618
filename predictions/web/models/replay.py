"""What a version would change: its replay of stored predictions as a page and as a file."""

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from predictions.models import ModelVersion
from predictions.roles import REPLAY
from predictions.services.versions.replay import Replay, walk
from predictions.services.versions.replay_export import export
from predictions.services.writing import audit
from predictions.web.models.replay_presentation import NEWEST, ReplayView

LISTED = 200
MOST_ON_A_PAGE = 100_000


@require_safe
@login_required
@permission_required(REPLAY, raise_exception=True)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    version, asked = _version(pk), _newest(request)
    replay = Replay(candidate=version, newest=NEWEST[asked] or MOST_ON_A_PAGE)
    flips = walk(replay, LISTED)
    detail = {"version": pk, "newest": replay.newest, "cases": len(flips)}
    audit.record(by=request.user, action="replay view", detail=detail)
    context = {"replay": ReplayView(replay, flips, asked)}
    return render(request, "predictions/replay/model_replay.html", context)


@require_safe
@login_required
@permission_required(REPLAY, raise_exception=True)
def download(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All flips as CSV, sent while they are found; "all" has no limit here."""
    version, asked = _version(pk), _newest(request)
    lines = export(replay=Replay(candidate=version, newest=NEWEST[asked]), by=request.user)
    name = f'attachment; filename="replay-version-{pk}-newest-{asked}.csv"'
    return StreamingHttpResponse(lines, "text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _version(pk: int) -> ModelVersion:
    return get_object_or_404(ModelVersion.objects.defer("report"), pk=pk)


def _newest(request: HttpRequest) -> str:
    asked = request.GET.get("newest", "1000")
    if asked not in NEWEST:
        raise BadRequest(f"newest is {asked[:40]!r}; expected one of {', '.join(NEWEST)}.")
    return asked
