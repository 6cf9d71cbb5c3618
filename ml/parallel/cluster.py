"""Work that is shared by a Dask cluster; imports dask, an extra."""

import ipaddress
import pickle
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import chain
from typing import Any, TypeVar

from joblib import parallel_config

from ml.errors import ClusterUnavailable, MissingExtra, WorkerLost
from ml.parallel.processes import results_in_order
from ml.parallel.worker_process import CapturedResult, capture_result, unwrap_result

try:
    from distributed import Client, KilledWorker, LocalCluster
except ImportError:
    raise MissingExtra("dask", "make install-bulk") from None

Item = TypeVar("Item")
Result = TypeVar("Result")

_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):[0-9]{1,5}\Z")
_ITEMS_PER_CALL = 16  # items sent together: a task costs Dask 10 ms, whatever it holds
_AHEAD = 3  # bundles under way, a worker's thread: more than for processes, since they travel further
_CONNECT_TIMEOUT = 30  # seconds

_here = threading.local()


def map_in_order_on_cluster(
    function: Callable[[Item], Result], items: Iterable[Item], *, scheduler: str | None, processes: int
) -> Iterator[Result]:
    """Yield what `function` says of each item, in their order (see `ml.parallel.processes.map_in_order`).

    Parameters
    ----------
    function : callable
        Pickled, as items and results are. Every thread of a worker has its own.
    scheduler : str or None
        Address of a cluster whose workers can import what is pickled; ``None``: so many processes here.

    Raises
    ------
    NoCluster
        When nobody answers at the address, or it must not be trusted.
    WorkerLost
        When an item ended several workers, one after the other. A worker that is merely lost loses nothing:
        its items are done again elsewhere.
    """
    with connect_to_cluster(scheduler, processes) as client:
        # A result and no argument: whoever comes to need it asks for it once, and it is made again when lost.
        content = client.submit(bytes, pickle.dumps(function), pure=False)

        def submit(some: Sequence[Item]) -> Any:
            return client.submit(_call, content.key, content, some, pure=False)

        most = _AHEAD * sum(client.nthreads().values())
        try:
            bundles = results_in_order(submit, _in_bundles(items), most)
            yield from map(unwrap_result, chain.from_iterable(bundles))
        except KilledWorker as error:
            raise WorkerLost(f"Workers of the cluster ended, one after the other: {error}") from None


@contextmanager
def connect_to_cluster(scheduler: str | None, processes: int = 1) -> Iterator[Client]:
    """Connect to a cluster that has a worker; it is left as it was."""
    with ExitStack() as opened:
        if scheduler is None:
            own = opened.enter_context(start_local_cluster(processes))
            client = opened.enter_context(Client(own, direct_to_workers=True))
        else:
            client = opened.enter_context(_connected(scheduler))
        yield client


def start_local_cluster(processes: int) -> AbstractContextManager[Any]:
    """Start workers here, which nobody reaches from elsewhere."""
    here = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "threads_per_worker": 1}
    started: AbstractContextManager[Any] = LocalCluster(n_workers=processes, **here)
    return started


@contextmanager
def joblib_on_cluster(scheduler: str) -> Iterator[None]:
    """Let joblib, and with it scikit-learn's searches, work there."""
    with connect_to_cluster(scheduler), parallel_config("dask"):
        yield


def _connected(scheduler: str) -> AbstractContextManager[Client]:
    check_address(scheduler)
    try:
        client = Client(scheduler, timeout=_CONNECT_TIMEOUT)
    except (OSError, TypeError, ValueError) as error:  # not there, or no certificates are configured
        raise ClusterUnavailable(f"{scheduler} cannot be used: {error}") from error
    try:
        client.wait_for_workers(1, timeout=_CONNECT_TIMEOUT)
    except TimeoutError:
        client.close()
        raise ClusterUnavailable(f"{scheduler} has no worker.") from None
    connected: AbstractContextManager[Client] = client
    return connected


def check_address(scheduler: str) -> None:
    """Raise `ClusterUnavailable` unless nobody between here and there can read or change what is sent.

    What a scheduler and its workers receive they unpickle, and so does whoever hears from them.
    """
    found = _ADDRESS.match(scheduler)
    if not found:
        raise ClusterUnavailable(f"{scheduler!r} is no address of a scheduler; expected tls://HOST:PORT.")
    if found[1] == "tcp" and not _is_loopback(found[2].strip("[]")):
        raise ClusterUnavailable(
            f"{scheduler} is not encrypted; expected tls:// for all but this machine itself."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_bundles(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield items to be sent together; an error of `items` comes behind those before it."""
    some: list[Item] = []
    try:
        for item in items:
            some.append(item)
            if len(some) == _ITEMS_PER_CALL:
                yield some
                some = []
    except Exception:
        yield some
        raise
    yield some


def _call(key: str, content: bytes, items: Sequence[Any]) -> list[CapturedResult]:
    """Call the function, unpickled once: what it has met makes it quick, and two threads would disturb it."""
    if getattr(_here, "key", None) != key:
        _here.function, _here.key = pickle.loads(content), key  # noqa: S301 # the client's own; see check_address
    return [capture_result(_here.function, item) for item in items]
