"""Sends one call through the hot path and through Django, and tells what each answered and stored."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction

from predictions.hot.passage import Passage
from predictions.hot.path import HotPath, Reply
from predictions.hot.raw_requests import RawCall
from predictions.hot.requests import HotRequest
from predictions.models import AuditRecord, Explanation, Prediction, Referral
from predictions.services.writing.database_waits import apply_request_limits
from predictions.tests.conftest import APPLICATION

PATH = "/api/v1/predictions/"
DOUBT = {"HTTP_X_DOUBT": "1"}  # a header that the hot path does not know
_OWN = re.compile(rb'(?<="id":)\d+|(?<="created_at":")[^"]+|LS-?[0-9A-Za-z]{16,30}')
_TRIES = 20  # what is remembered for a second is forgotten if the machine is busy


class Counted(Passage):
    """Counts the calls that the hot path answered."""

    def __init__(self) -> None:
        self.calls = 0

    def record(self, *facts: object) -> None:
        self.calls += 1


class Answer(NamedTuple):
    status: str
    headers: list[tuple[str, str]]
    body: bytes
    stored: object = None

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def _site(hot: HotPath) -> Any:
    """Make the site, whose module makes one, too: both need the folder of a test's static files."""
    from loansite.wsgi import Site

    apply_request_limits(False)  # importing the site applied them to all tests of this process
    return Site(hot)


class HotSite:
    """The site as gunicorn calls it, for one caller."""

    def __init__(self, token: str) -> None:
        self.token, self.passage = token, Counted()
        self._hot = HotPath(self.passage)
        self._site = _site(self._hot)

    def send(self, body: bytes, **environ: str) -> Answer:
        """Send a call as it comes, on whichever way it goes."""
        head: list[Any] = []
        given = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": PATH,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_AUTHORIZATION": f"Token {self.token}",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }
        with connection_kept():
            reply = self._site(given | environ, lambda status, headers: head.extend((status, headers)))
            content = b"".join(reply)
            getattr(reply, "close", lambda: None)()
        return Answer(head[0], head[1], content)

    def both(self, body: bytes, **environ: str) -> tuple[Answer, Answer]:
        """Return Django's answer to a call, then that of whichever way it goes once all is remembered."""
        django = self._stored(body, **environ, **DOUBT)
        self.warmed()
        return django, self._stored(body, **environ)

    def both_taken(self, body: bytes, **environ: str) -> tuple[Answer, Answer]:
        """Return Django's answer to a call, then that of the hot path."""
        taken_before = self.passage.calls
        for _ in range(_TRIES):
            django, hot = self.both(body, **environ)
            if self.passage.calls > taken_before:
                return django, hot
        raise AssertionError("The hot path never took the call.")

    def between(self, *bodies: bytes) -> list[Answer]:
        """Answer calls together, as gunicorn's worker does between two looks at its sockets."""
        for _ in range(_TRIES):
            self.warmed()
            begun = [self._hot.begin(RawCall(self._request(body), body)) for body in bodies]
            if all(begun):
                break
        return [masked(Answer(*reply)) for reply in self._stored_together(begun)]

    def _stored_together(self, begun: list[Any]) -> list[Reply]:
        if self._hot.statement is None:
            return self._hot.replies_to([*zip(begun, self._hot.store_at_once(begun), strict=True)])
        from psycopg import RawCursor

        cursor = RawCursor(connection.connection).execute(self._hot.statement[0], self._hot.parameters(begun))
        return self._hot.replies_to_rows(begun, cursor.fetchall())

    def _request(self, body: bytes) -> HotRequest:
        return HotRequest(self.token.encode(), len(body), "LS" + "0" * 30, secure=False)

    def warmed(self) -> None:
        """Let the process remember caller, model, policy and product, and the headers."""
        taken = self.passage.calls
        with undone():
            self.send(json.dumps(APPLICATION).encode())
        self.passage.calls = taken

    def _stored(self, body: bytes, **environ: str) -> Answer:
        with undone():
            answer = self.send(body, **environ)
            return masked(answer)._replace(stored=stored())


@contextmanager
def connection_kept() -> Iterator[None]:
    """Keep the connection, which is in the transaction of a test, as Django's test client does."""
    signals = request_started, request_finished
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what the block stores."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stored() -> list[Any]:
    """Return what the tables have, without what differs from call to call."""
    varying = {"id", "created_at", "request_id", "explanation_id", "since", "prediction_id", "loan_id"}
    rows = [*Prediction.objects.order_by("pk").values(), *Referral.objects.order_by("pk").values()]
    plain = [{name: value for name, value in row.items() if name not in varying} for row in rows]
    loan_ids = [re.sub("^LS-.*", "LS-", row["loan_id"]) for row in rows]
    texts = [str(explanation) for explanation in Prediction.objects.values_list("explanation__digest")]
    return [plain, loan_ids, texts, AuditRecord.objects.count(), Explanation.objects.count()]


def masked(answer: Answer) -> Answer:
    """Return an answer without ids and times, and with the error of its length."""
    difference = int(dict(answer.headers).get("Content-Length", -1)) - len(answer.body)
    own = {"X-Request-ID": "", "Content-Length": str(difference)}
    headers = [(name, own.get(name, value)) for name, value in answer.headers]
    return answer._replace(headers=headers, body=_OWN.sub(b"0", answer.body))
