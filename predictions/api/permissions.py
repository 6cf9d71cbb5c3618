from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from predictions.roles import SCORE, SEE_ALL


class MayScore(IsAuthenticated):
    """Those who may score: read own rows, and write. Those who may see all: read."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        if request.user.has_perm(SCORE):
            return True
        return request.method in SAFE_METHODS and request.user.has_perm(SEE_ALL)
