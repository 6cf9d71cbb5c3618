"""A caller of the running site, on one kept-alive connection."""

import http.client
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

V1 = "/api/v1"
BROKEN = 0  # the status of a call that got no reply
CUT = -2  # its reply had begun
REFUSED = -1  # nobody listens
LONGEST = 30  # seconds that an answer may take


class Reply(NamedTuple):
    status: int
    document: Any


@dataclass(slots=True)
class Caller:
    """Sends JSON, or a file."""

    port: int
    token: str = ""
    _connection: http.client.HTTPConnection = field(init=False)

    def __enter__(self) -> Self:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str) -> Reply:
        """Return what stands there; a file is a list of lines."""
        return self._send("GET", path, None, {})

    def post(self, path: str, document: Any, key: str = "") -> Reply:
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        return self._send("POST", path, json.dumps(document).encode(), headers)

    def upload(self, content: bytes) -> Reply:
        """Send a file to be scored as a batch."""
        return self._send("POST", f"{V1}/batches/", content, {"Content-Type": "text/csv"})

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        if self.token:
            headers |= {"Authorization": f"Token {self.token}"}
        failed = BROKEN
        try:
            self._connection.request(method, path, body, headers)
            reply, failed = self._connection.getresponse(), CUT
            return Reply(reply.status, _read(reply))
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return Reply(REFUSED if isinstance(error, ConnectionRefusedError) else failed, repr(error))


def _read(reply: http.client.HTTPResponse) -> Any:
    text = reply.read().decode()
    kind = reply.headers.get_content_type()
    return json.loads(text or "null") if kind == "application/json" else text.splitlines()
