from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from predictions.roles import ACTIVATE, DECIDE, SCORE, SEE_ALL, SEE_MODELS

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it loads the classes of this module


class MaySeeModels(IsAuthenticated):
    """Those who may see models read; those who may activate them write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        wanted = SEE_MODELS if request.method in SAFE_METHODS else ACTIVATE
        return super().has_permission(request, view) and request.user.has_perm(wanted)


class MayScore(IsAuthenticated):
    """Those who may score: read own rows, and write. Those who may see all: read."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        if request.user.has_perm(SCORE):
            return True
        return request.method in SAFE_METHODS and request.user.has_perm(SEE_ALL)


class MayDecide(MayScore):
    """Those who may see predictions read; those who may decide write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.method in SAFE_METHODS:
            return super().has_permission(request, view)
        return IsAuthenticated.has_permission(self, request, view) and request.user.has_perm(DECIDE)
