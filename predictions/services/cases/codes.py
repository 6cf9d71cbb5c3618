"""The catalogue of decision codes, which an admin keeps. Codes are retired, never deleted."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.live import decision_codes
from predictions.models import DecisionCode
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit

_KEPT = ("label", "for_overrides", "for_denials", "needs_note", "applicant_text")


def store_code(*, code: DecisionCode, by: AnyUser, now: datetime | None = None) -> DecisionCode:
    """Store a checked code, new or changed. The name of a stored code never changes."""
    with transaction.atomic():
        before = DecisionCode.objects.select_for_update().filter(pk=code.pk).first()
        if before:
            code.name = before.name
        code.save()
        kept = {name: getattr(code, name) for name in _KEPT}
        changed = {name: value for name, value in kept.items() if value != getattr(before, name, None)}
        audit.record(by=by, action="decision code", detail={"code": code.name} | changed, now=now)
    transaction.on_commit(decision_codes.forget)
    return code


def retire_code(*, code: DecisionCode, by: AnyUser, now: datetime | None = None) -> None:
    """Refuse a code for new decisions. Retiring it a second time changes nothing."""
    _set_retired(code, by, now or timezone.now(), "decision code retired")


def offer_again(*, code: DecisionCode, by: AnyUser, now: datetime | None = None) -> None:
    """Take back that a code was retired. Doing it a second time changes nothing."""
    _set_retired(code, by, None, "decision code offered again", now)


def check_code(code: object, *, override: bool, denied: bool, required: bool) -> DecisionCode | None:
    """Return the code of a decision, None if it has none and needs none. Raises `InvalidValue`."""
    offered = {kept.name: kept for kept in DecisionCode.objects.filter(retired_at=None)}
    usable = [name for name, kept in offered.items() if _may_use(kept, override=override, denied=denied)]
    if code == "" and not required:
        return None
    names = ", ".join(usable) or "none (no code is offered)"
    if code == "":
        detail = f"A decision against the model's advice needs a reason: one of {names}."
        raise InvalidValue("required", detail)
    if code not in usable:
        raise InvalidValue("invalid_choice", f"{show_value(code)} is not one of {names}.")
    return offered[str(code)]


def _may_use(code: DecisionCode, *, override: bool, denied: bool) -> bool:
    if override:
        return code.for_overrides
    return code.for_denials if denied else True


def _set_retired(
    code: DecisionCode, by: AnyUser, retired_at: datetime | None, action: str, now: datetime | None = None
) -> None:
    with transaction.atomic():
        rows = DecisionCode.objects.filter(pk=code.pk, retired_at__isnull=retired_at is not None)
        if rows.update(retired_at=retired_at):
            audit.record(by=by, action=action, detail={"code": code.name}, now=retired_at or now)
    transaction.on_commit(decision_codes.forget)
