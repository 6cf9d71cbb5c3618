"""The letter of a decision by API: its draft, its saved text, and the second person who confirms it."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.api.calls.access import MayReadLetters
from predictions.api.calls.idempotency import idempotent
from predictions.api.cases.newest import ApplicationCalls
from predictions.api.json_schemas import reference
from predictions.errors import Conflict
from predictions.models import Notice, Prediction
from predictions.roles import CONFIRM
from predictions.services.cases import notices
from predictions.services.cases.model_facts import directions_of
from predictions.words.notice_draft import draft_notice


class LetterSerializer(serializers.Serializer):
    """A letter: the newest saved text, or the draft."""

    id = serializers.IntegerField(allow_null=True, help_text="Of the saved text; null for the draft.")
    prediction = serializers.IntegerField()
    text = serializers.CharField()
    by = serializers.CharField(allow_null=True, help_text="Who saved the text.")
    at = serializers.DateTimeField(allow_null=True)
    confirmed_by = serializers.CharField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    printable = serializers.BooleanField(help_text="Whether the text may be sent.")
    problem = serializers.CharField(allow_null=True, help_text="Why it may not.")


class Letters(ApplicationCalls):
    """Calls about the letter of an application."""

    @extend_schema(summary="The letter of a denial or of other terms", responses=LetterSerializer)
    @action(detail=True, permission_classes=[MayReadLetters], filterset_class=None)
    def letter(self, request: Request, pk: str) -> Response:
        newest = self._newest()
        notices.require_letter(newest)
        return Response(_reply(newest))

    @extend_schema(
        summary="Save the text of a letter; without a text its draft",
        request={"application/json": reference("LetterWish")},
        responses={201: OpenApiResponse(LetterSerializer, "Saved.")},
    )
    @letter.mapping.post
    @idempotent
    def save_letter(self, request: Request, pk: str) -> Response:
        newest, asked = self._asked({"text", "after"})
        text = asked.get("text", _draft(newest))
        notices.save_notice(prediction=newest, by=request.user, text=text, after=asked.get("after", 0))
        return Response(_reply(newest), status=201)

    @extend_schema(
        summary="Confirm the saved text of a letter as the second person",
        request={"application/json": reference("LetterConfirmation")},
        responses=LetterSerializer,
    )
    @action(detail=True, methods=["POST"], url_path="letter/confirm", permission_classes=[MayReadLetters])
    @idempotent
    def confirm_letter(self, request: Request, pk: str) -> Response:
        if not request.user.has_perm(CONFIRM):
            raise PermissionDenied
        newest, asked = self._asked({"seen"})
        notices.confirm_notice(prediction=newest, by=request.user, seen=asked.get("seen", 0))
        return Response(_reply(newest))


def _draft(prediction: Prediction) -> str:
    decision = notices.require_letter(prediction)
    with timezone.override(timezone.get_default_timezone()):  # letters are dated in the site's zone
        return draft_notice(prediction, decision, directions_of(prediction), timezone.now())


def _reply(prediction: Prediction) -> dict[str, Any]:
    saved = prediction.notices.select_related("by", "confirmed_by").first()
    return LetterSerializer(
        {
            **_saved(saved),
            "prediction": prediction.pk,
            "text": saved.text if saved else _draft(prediction),
            "problem": (problem := _problem(prediction)),
            "printable": problem is None,
        }
    ).data


def _saved(notice: Notice | None) -> dict[str, Any]:
    if notice is None:
        return dict.fromkeys(("id", "by", "at", "confirmed_by", "confirmed_at"))
    second = notice.confirmed_by
    return {
        "id": notice.pk,
        "by": notice.by.get_username(),
        "at": notice.at,
        "confirmed_by": second.get_username() if second else None,
        "confirmed_at": notice.confirmed_at,
    }


def _problem(prediction: Prediction) -> str | None:
    try:
        notices.require_printable(prediction)
    except Conflict as error:
        return str(error)
    return None
