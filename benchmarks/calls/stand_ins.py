"""What an access log, metrics and scopes of tokens will cost a call: `BENCH_PASSAGE` names this class.

``BENCH_PASSAGE=benchmarks.calls.stand_ins.StandIns python -m benchmarks --only http``
"""

import os
import time
from collections import Counter

import msgspec

from predictions.hot.passage import Passage
from predictions.hot.requests import HotRequest
from predictions.models.querysets import AnyUser

_STDERR = 2
_SCOPES = {"default": frozenset({"score", "read"})}


class StandIns(Passage):
    """Checks one scope, counts three numbers and writes one line of JSON a call."""

    def __init__(self) -> None:
        self.numbers: Counter[tuple[str, int]] = Counter()

    def admits(self, request: HotRequest, user: AnyUser) -> bool:
        """Return whether the caller's token has the scope of the call."""
        return "score" in _SCOPES.get(user.get_username(), _SCOPES["default"])

    def record(self, request: HotRequest, user: AnyUser, status: int, seconds: float) -> None:
        """Count the call, its bytes and its time, and write its line."""
        self.numbers["calls", status] += 1
        self.numbers["bytes", status] += request.length
        self.numbers["microseconds", status] += int(seconds * 1e6)
        line = {
            "time": time.time(),
            "request_id": request.request_id,
            "user": user.pk,
            "method": "POST",
            "path": "/api/v1/predictions/",
            "status": status,
            "bytes": request.length,
            "seconds": seconds,
        }
        os.write(_STDERR, msgspec.json.encode(line) + b"\n")
