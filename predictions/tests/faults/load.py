"""Many callers at once who keep account of what they were answered."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from predictions.services.writing.locks import LARGE_BODY
from predictions.tests.conftest import APPLICATION
from predictions.tests.faults.background import in_background
from predictions.tests.faults.caller import BROKEN, CUT, REFUSED, V1, Caller, Reply

ARRAY = LARGE_BODY // 200 + 20  # rows: enough to wait for the turn of large calls
PAUSE = 0.05  # seconds after a call that failed


class Kind(NamedTuple):
    """What a caller sends: so many applications a call, with a key (and again until answered) or without."""

    rows: int
    keyed: bool


KEYED, UNKEYED = ((Kind(1, keyed), Kind(ARRAY, keyed)) for keyed in (True, False))


class Call(NamedTuple):
    name: str
    kind: Kind

    @property
    def loan_ids(self) -> list[str]:
        return [f"{self.name}.{row}" for row in range(self.kind.rows)]

    @property
    def document(self) -> Any:
        rows = [APPLICATION | {"Loan_ID": loan_id} for loan_id in self.loan_ids]
        return rows if self.kind.rows > 1 else rows[0]


def busy(reply: Reply) -> bool:
    """Tell whether a large call was sent away because others wait."""
    return reply.status == 503 and [error["code"] for error in reply.document["errors"]] == ["busy"]


@dataclass(slots=True)
class Load:
    """Threads that score, each application under a Loan_ID of its own.

    `answered` holds what the site said it stored, by Loan_ID; `broken` and `cut` the calls that got no
    reply or half of one, as often as it happened; `unanswered` those that were not sent again; `other` what
    else was replied.
    """

    port: int
    token: str
    kinds: Sequence[Kind]
    name: str = "T"
    calls: int = 0
    answered: dict[str, int] = field(default_factory=dict)
    broken: list[Call] = field(default_factory=list)
    cut: list[Call] = field(default_factory=list)
    unanswered: list[Call] = field(default_factory=list)
    other: list[Reply] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Go on in the background, two callers of each kind; in the end, wait for what is under way."""
        callers = enumerate([*self.kinds, *self.kinds])
        works = (partial(self._work, f"{self.name}{number}", kind) for number, kind in callers)
        with in_background(self._over, *works):
            yield

    def _work(self, name: str, kind: Kind) -> None:
        with Caller(self.port, self.token) as caller:
            for number in itertools.count():
                if self._over.is_set():
                    return
                self._carry_out(caller, Call(f"{name}-{number}", kind))

    def _carry_out(self, caller: Caller, call: Call) -> None:
        key = call.name if call.kind.keyed else ""
        while True:
            reply = caller.post(f"{V1}/predictions/", call.document, key)
            if reply.status in (200, 201):
                return self._note(reply.document)
            if reply.status in (BROKEN, CUT):
                (self.broken if reply.status == BROKEN else self.cut).append(call)
            elif reply.status not in (REFUSED, 409) and not busy(reply):  # 409: still being answered
                return self.other.append(reply)
            self._over.wait(PAUSE)
            if not key:
                return self.unanswered.append(call)

    def _note(self, document: Any) -> None:
        for scored in document.get("predictions", [document]):
            self.answered[scored["Loan_ID"]] = scored["id"]
        self.calls += 1  # threads may lose one another's; it only paces the test
