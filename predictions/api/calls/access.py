"""Who may call: tokens, permissions, and the limit on calls of one caller."""

from typing import TYPE_CHECKING, Any

from cachetools import cached
from django.conf import settings
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from predictions.client_address import address_group
from predictions.live.process_state import token_cache, token_cache_lock
from predictions.models.querysets import AnyUser
from predictions.roles import (
    ACTIVATE,
    ADOPT,
    ASSIGN,
    CHANGE_PRODUCTS,
    DECIDE,
    EXPORT,
    REPLAY,
    SCORE,
    SEE_ALL,
    SEE_MODELS,
)
from predictions.services.writing.call_times import CallTimes

if TYPE_CHECKING:
    from rest_framework.views import APIView


def _digest(self: TokenAuthentication | None, token: bytes) -> str:
    return str(hash_token(token.decode("ascii", "replace")))


class RememberingTokenAuthentication(TokenAuthentication):
    """knox's tokens; each is looked up at most once a second, permissions included: four queries less.

    `Bearer` says the same as `Token`, since many clients can send nothing else. A 401 asks for `Token`.
    """

    def authenticate(self, request: Any) -> Any:
        word, *rest = get_authorization_header(request).split() or [b""]
        if word.lower() != b"bearer":
            return super().authenticate(request)
        if len(rest) != 1:
            raise AuthenticationFailed("Invalid token header. One token is expected after Bearer.")
        return self.authenticate_credentials(rest[0])

    @cached(token_cache, key=_digest, lock=token_cache_lock)
    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isascii():
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)


def remembered_user(token: bytes) -> AnyUser | None:
    """Return the user of a token that was looked up within the last second; None of any other token."""
    with token_cache_lock:
        found: Any = token_cache.get(_digest(None, token))
    return found[0] if found else None


class MaySeeModels(IsAuthenticated):
    """Reading requires the permission to see models, writing the permission to activate them."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        wanted = SEE_MODELS if request.method in SAFE_METHODS else ACTIVATE
        return super().has_permission(request, view) and request.user.has_perm(wanted)


class HasRight(IsAuthenticated):
    """Reading and writing require one permission."""

    right: str

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return super().has_permission(request, view) and request.user.has_perm(self.right)


class MayAdoptPolicies(HasRight):
    right = ADOPT


class MaySimulate(HasRight):
    """Users who may apply another policy or model to everybody's stored predictions."""

    right = REPLAY


class MayExport(HasRight):
    """Users who may take the history out as a file."""

    right = EXPORT


class MaySeeProposals(IsAuthenticated):
    """Users who may see models or cases; the rows that each sees depend on it."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        may_see = any(request.user.has_perm(name) for name in (SEE_MODELS, SCORE, SEE_ALL))
        return super().has_permission(request, view) and may_see


class MayChangeProducts(HasRight):
    """Users who may add products and versions of their schemas."""

    right = CHANGE_PRODUCTS


class MayScore(IsAuthenticated):
    """Users who may score read and write; users who may see all rows read."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        if request.user.has_perm(SCORE):
            return True
        return request.method in SAFE_METHODS and request.user.has_perm(SEE_ALL)


class MayDecide(MayScore):
    """Reading requires the permissions of `MayScore`, writing the permission to decide."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.method in SAFE_METHODS:
            return super().has_permission(request, view)
        return IsAuthenticated.has_permission(self, request, view) and request.user.has_perm(DECIDE)


class MayWriteNotes(MayDecide):
    """Notes are for colleagues: programs that only score read none."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return super().has_permission(request, view) and may_read_notes(request.user)


class MayReadLetters(MayDecide):
    """Letters are read by who decides or sees everybody's cases, and written by who decides."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        may_read = any(request.user.has_perm(name) for name in (DECIDE, SEE_ALL))
        return super().has_permission(request, view) and may_read


class MayWorkQueue(HasRight):
    right = DECIDE


class MayAssign(HasRight):
    right = ASSIGN


class MaySeeAll(HasRight):
    """Users who may see everybody's cases."""

    right = SEE_ALL


def may_read_notes(user: AnyUser) -> bool:
    """Whether an account may read what people write for each other."""
    return user.has_perm(DECIDE) or user.has_perm(SEE_ALL)


class CallerThrottle(BaseThrottle):
    """Limits calls to the rate `LOANSITE_THROTTLE`, by user, or by address if there is no user."""

    _seconds: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if settings.THROTTLE is None:
            return True
        user = request.user
        caller = f"user {user.pk}" if user and user.is_authenticated else f"{address_group(request._request)}"
        self._seconds = CallTimes(settings.CALL_TIMES, *settings.THROTTLE).register_call(caller)
        return not self._seconds

    def wait(self) -> float | None:
        return self._seconds
