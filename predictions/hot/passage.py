"""What every call on the hot path passes: the place for scopes of tokens, the access log and metrics."""

from predictions.hot.requests import HotRequest
from predictions.models.querysets import AnyUser


class Passage:
    """Lets every call pass and records none."""

    def admits(self, request: HotRequest, user: AnyUser) -> bool:
        """Whether the caller may make this call; a call that may not is left to Django, which says why."""
        return True

    def record(self, request: HotRequest, user: AnyUser, status: int, seconds: float) -> None:
        """Note a call that is stored, before its reply is sent."""
