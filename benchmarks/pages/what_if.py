"""Time what-if on the case page through gunicorn, one form after another, signed in."""

import http.client
import re
import statistics
import tempfile
import time
import urllib.parse
from pathlib import Path

from benchmarks import table
from benchmarks.data import applications
from benchmarks.plan import Plan
from benchmarks.site.servers import OUR_ARGUMENTS, gunicorn
from benchmarks.site.site import Site

POSTS = 200
WARM_UP = 20
PROMISED = 100.0  # milliseconds at p95


def run(prepared: Site, plan: Plan) -> list[str]:
    """Score an application, then try other amounts, one request at a time."""
    with tempfile.TemporaryDirectory(prefix="bench-what-if-") as directory:
        ours = prepared.copy(Path(directory, "var"))
        with gunicorn(OUR_ARGUMENTS, Path(directory, "ours.log"), ours.variables) as server:
            spent = _Session(server.port, ours).times()
    cuts = statistics.quantiles(spent, n=100)
    row = [f"{POSTS} answers", f"{cuts[49]:.1f}", f"{cuts[94]:.1f}", f"{max(spent):.1f}", f"{PROMISED:.0f}"]
    header = ["what-if, one after another", "p50 ms", "p95 ms", "slowest ms", "promised p95 ms"]
    return table.lines("What-if on the case page through gunicorn", header, [row])


class _Session:
    """A signed-in browser of the demo officer with one scored application."""

    def __init__(self, port: int, ours: Site) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Cookie": ours.run("-m", "benchmarks.pages.what_if").strip()}
        case = self._send("POST", "/score/", self._form("/score/"), 302)[1]
        self._path = f"{case}what-if/"
        self._headers["HX-Request"] = "true"

    def times(self) -> list[float]:
        """Return the response times after the warm-up, in milliseconds."""
        return [self._time(amount) for amount in range(WARM_UP + POSTS)][WARM_UP:]

    def _time(self, number: int) -> float:
        self._entries["loan_amount"] = str(100 + number)
        started = time.perf_counter()
        page, _ = self._send("POST", self._path, self._entries, 200)
        spent = (time.perf_counter() - started) * 1e3
        assert "what_if_reasons" in page, page
        return spent

    def _form(self, path: str) -> dict[str, str]:
        """Return the entries of the officer's form, with the token of the page."""
        page, _ = self._send("GET", path, {}, 200)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        self._entries = applications.entries() | {"csrfmiddlewaretoken": token[1]}
        return self._entries

    def _send(self, method: str, path: str, entries: dict[str, str], expected: int) -> tuple[str, str]:
        body = urllib.parse.urlencode(entries)
        form = {"Content-Type": "application/x-www-form-urlencoded"} if entries else {}
        self._http.request(method, path, body, self._headers | form)
        reply = self._http.getresponse()
        page = reply.read().decode()
        assert reply.status == expected, (method, path, reply.status, page[:2000])
        self._keep(reply.getheader("Set-Cookie"))
        return page, reply.getheader("Location") or ""

    def _keep(self, cookie: str | None) -> None:
        if cookie and "csrftoken" in cookie and "csrftoken" not in self._headers["Cookie"]:
            self._headers["Cookie"] += "; " + cookie.split(";")[0]


def main() -> None:
    """Print the session cookie of a signed-in officer."""
    from benchmarks.site.django_client import client, setup

    setup()
    print(f"sessionid={client('officer').cookies['sessionid'].value}")


if __name__ == "__main__":
    main()
