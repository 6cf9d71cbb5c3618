"""Liveness and readiness of the process."""

import logging

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from predictions.errors import NoActiveModel, Unavailable
from predictions.live import active_model, products

logger = logging.getLogger(__name__)


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer without reading anything: the process is alive."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Report the state of each check, and the reason if the model is not ok.

    A fallback model degrades the site; it stays ready.
    """
    checks, why = {"database": _database()}, ""
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
        checks["model"], why = _model() if checks["migrations"] == "ok" else ("unknown", "")
    if all(state in ("ok", "degraded") for state in checks.values()):
        status = "degraded" if "degraded" in checks.values() else "ok"
    else:
        status = "unavailable"
        logger.warning("Not ready: %s", ", ".join(f"{name} {state}" for name, state in checks.items()))
    reply = {"status": status, "checks": checks} | ({"why": why} if why else {})
    return JsonResponse(reply, status=503 if status == "unavailable" else 200)


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


def _model() -> tuple[str, str]:
    """Return the state of the default product's model, and the reason unless it is ok."""
    product_id = products.default().pk
    try:
        model = active_model.current(product_id)
    except NoActiveModel as error:
        return "no_model", error.detail
    except Unavailable as error:
        return error.code, "Neither the active version's file nor its copy in the database can be trusted."
    if active_model.serving_problem(product_id):
        return "degraded", "The active version cannot be trusted; the one before it serves."
    if active_model.file_problem(product_id):
        return "degraded", "The active version's file is missing or broken; its copy in the database serves."
    if settings.PRODUCTION and model.synthetic:
        return "degraded", "The active model was trained on synthetic sample data: not for real people."
    return "ok", ""
