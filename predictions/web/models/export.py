from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ml.errors import ArtefactError, ExportError
from predictions.models import ModelVersion
from predictions.roles import SEE_MODELS
from predictions.services.versions.export import export
from predictions.web.errors import conflict


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The model as JSON or SQL: ``?format=sql&dialect=duckdb&table=portfolio``."""
    version = get_object_or_404(ModelVersion, pk=pk)
    wanted = {name: request.GET.get(name) for name in ("dialect", "table")}
    try:
        found = export(version, format=request.GET.get("format", "json"), **wanted)
    except (ExportError, ArtefactError) as error:
        return conflict(request, f"Version {pk} cannot be exported so", str(error))
    headers = {"Content-Disposition": f'attachment; filename="{found.filename}"'}
    return HttpResponse(found.text, content_type=found.content_type, headers=headers)
