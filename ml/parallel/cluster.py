"""Share work with a Dask cluster. This module needs dask, which is an extra."""

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
from ml.parallel.freed_memory import keep_freed_memory
from ml.parallel.processes import results_in_order
from ml.parallel.worker_process import capture_result, unwrap_result

try:
    from distributed import Client, KilledWorker, LocalCluster
except ImportError:
    raise MissingExtra("dask", "make install-bulk") from None

Item = TypeVar("Item")
Result = TypeVar("Result")

_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):[0-9]{1,5}\Z")
_ITEMS_PER_CALL = 8  # items in one call: a Dask task costs 10 ms, whatever its size
_AHEAD = 3  # calls sent ahead to each thread of a worker; they take longer than to a local process
_CONNECT_TIMEOUT = 30  # seconds

_thread = threading.local()


def map_in_order_on_cluster(
    function: Callable[[Item], Result], items: Iterable[Item], *, scheduler: str | None, processes: int
) -> Iterator[Result]:
    """Yield the result of `function` for each item, in order (see `ml.parallel.processes.map_in_order`).

    Parameters
    ----------
    function : callable
        Pickled, like items and results. Every thread of a worker has its own copy.
    scheduler : str or None
        Address of a cluster whose workers can import the pickled modules. ``None`` starts local processes.
    processes : int
        Number of local processes.

    Raises
    ------
    ClusterUnavailable
        If the scheduler does not answer, or its address is not allowed (see `check_address`).
    WorkerLost
        If an item ended several workers, one after the other. If a single worker is lost, its items are done
        again by another worker.
    """
    with connect_to_cluster(scheduler, processes) as client:
        # Sent as a result, not as an argument: each worker fetches it once, and Dask makes it again if lost.
        content = client.submit(bytes, pickle.dumps(function), pure=False)

        def submit(bundle: Sequence[Item]) -> Any:
            return client.submit(_call, content.key, content, bundle, pure=False)

        limit = _AHEAD * sum(client.nthreads().values())
        try:
            bundles = results_in_order(submit, _in_bundles(items), limit)
            yield from map(unwrap_result, chain.from_iterable(map(pickle.loads, bundles)))
        except KilledWorker as error:
            raise WorkerLost(f"Several workers of the cluster ended, one after the other: {error}") from None


@contextmanager
def connect_to_cluster(scheduler: str | None, processes: int = 1) -> Iterator[Client]:
    """Connect to the cluster of a scheduler, or to a local cluster that ends with the context."""
    with ExitStack() as stack:
        if scheduler is None:
            local = stack.enter_context(start_local_cluster(processes))
            client = stack.enter_context(Client(local, direct_to_workers=True))
        else:
            client = stack.enter_context(_connected(scheduler))
        yield client


def start_local_cluster(processes: int) -> AbstractContextManager[Any]:
    """Start workers on this machine that other machines cannot reach."""
    loopback = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "threads_per_worker": 1}
    cluster: AbstractContextManager[Any] = LocalCluster(n_workers=processes, **loopback)
    return cluster


@contextmanager
def joblib_on_cluster(scheduler: str) -> Iterator[None]:
    """Let joblib, and so the searches of scikit-learn, run on a cluster."""
    with connect_to_cluster(scheduler), parallel_config("dask"):
        yield


def _connected(scheduler: str) -> AbstractContextManager[Client]:
    check_address(scheduler)
    try:
        client = Client(scheduler, timeout=_CONNECT_TIMEOUT)
    except (OSError, TypeError, ValueError) as error:  # no scheduler there, or no certificates configured
        raise ClusterUnavailable(f"{scheduler} cannot be used: {error}") from error
    try:
        client.wait_for_workers(1, timeout=_CONNECT_TIMEOUT)
    except TimeoutError:
        client.close()
        raise ClusterUnavailable(f"{scheduler} has no worker; start at least one.") from None
    connected: AbstractContextManager[Client] = client
    return connected


def check_address(scheduler: str) -> None:
    """Raise `ClusterUnavailable` if the connection is neither encrypted nor on loopback.

    All sides unpickle the data they receive, so nobody else may read or change it.
    """
    match = _ADDRESS.match(scheduler)
    if not match:
        raise ClusterUnavailable(f"{scheduler!r} is not a scheduler address; expected tls://HOST:PORT.")
    if match[1] == "tcp" and not _is_loopback(match[2].strip("[]")):
        raise ClusterUnavailable(f"{scheduler} is not encrypted; use tls:// for any other machine than this.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_bundles(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield items in bundles. An error of `items` is raised after the items before it."""
    bundle: list[Item] = []
    try:
        for item in items:
            bundle.append(item)
            if len(bundle) == _ITEMS_PER_CALL:
                yield bundle
                bundle = []
    except Exception:
        yield bundle
        raise
    yield bundle


def _call(key: str, content: bytes, items: Sequence[Any]) -> bytes:
    """Call the function for each item, and return the pickled `CapturedResult` of each.

    Dask pickles by an older protocol, which has no `PickleBuffer`.
    Every thread unpickles the function once: it keeps its caches, and no two threads share them.
    """
    if getattr(_thread, "key", None) != key:
        keep_freed_memory()
        _thread.function, _thread.key = pickle.loads(content), key  # noqa: S301 # sent by our client, see check_address
    return pickle.dumps([capture_result(_thread.function, item) for item in items], 5)
