"""Is the process alive, and can it do its job?"""

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from predictions import active_model
from predictions.errors import Unavailable


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer without any input or output."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Name each check and whether it holds. A new model that is refused only degrades: the old one serves."""
    checks = {"database": _database()}
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
        checks["model"] = _model() if checks["migrations"] == "ok" else "unknown"
    if all(state == "ok" for state in checks.values()):
        return JsonResponse({"status": "ok", "checks": checks})
    degraded = all(state in ("ok", "degraded") for state in checks.values())
    status = "degraded" if degraded else "unavailable"
    return JsonResponse({"status": status, "checks": checks}, status=200 if degraded else 503)


def _database() -> str:
    try:
        connections[DEFAULT_DB_ALIAS].ensure_connection()
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "no answer"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return "missing" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _model() -> str:
    try:
        active_model.current()
    except Unavailable as error:
        return error.code
    return "degraded" if active_model.problem() else "ok"
