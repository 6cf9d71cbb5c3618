"""Measure all servers by turns, so that each ratio compares neighbours in time."""

import multiprocessing
import operator
import statistics
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import table
from benchmarks.calls import load
from benchmarks.calls.contenders import Contender, singles_and_arrays
from benchmarks.memory import largest_worker
from benchmarks.peers import HAND_MADE
from benchmarks.peers import servers as peer_servers
from benchmarks.plan import Plan
from benchmarks.site import disk
from benchmarks.site.site import Site

ROUNDS = 3
_WARM_UP = 1.0
_HEADER = [
    *("through HTTP", "ratio", "rounds", "x hand-made", "req/s", "rows/s"),
    *("p50 ms", "p99 ms", "p99/p50", "not 2xx", "worker MiB", "client CPU"),
]
_MIB = 1 << 20


def run(prepared: Site, plan: Plan) -> list[str]:
    """Measure all contenders; return the tables of speed, of starts and of storage."""
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="bench-http-") as directory,
        ProcessPoolExecutor(max_workers=1, mp_context=context) as client,
        singles_and_arrays(prepared.copy(Path(directory, "var")), Path(directory), plan.stored) as groups,
    ):
        sites = {one.name: one.site for one in groups[0] if one.site}
        before = {name: disk.database_bytes(site) for name, site in sites.items()}
        for group in groups:
            _measure(client, group, plan)
        grown = {name: disk.database_bytes(site) - before[name] for name, site in sites.items()}
    stored = {name: _stored(sites[name], groups) for name in sites}
    rounds = f"{plan.connections} connections, {ROUNDS} rounds of {plan.seconds:g} s by turns"
    return [
        *_speeds(f"{rounds}; {plan.stored:,} predictions stored before", groups),
        *_starts(groups[0]),
        *_storage(stored, grown),
        *peer_servers.absent(),
    ]


def _measure(client: ProcessPoolExecutor, group: Sequence[Contender], plan: Plan) -> None:
    for contender in group:
        _send(client, contender, _WARM_UP, plan.connections)
    for _ in range(ROUNDS):
        for contender in group:
            contender.results.append(_send(client, contender, plan.seconds, plan.connections))
            workers = [largest_worker(server.process) for server in contender.servers]
            contender.mib = max(contender.mib, *workers)


def _send(client: ProcessPoolExecutor, contender: Contender, seconds: float, connections: int) -> load.Result:
    job = contender.job(connections=connections, seconds=seconds)
    result = client.submit(load.run, job).result(seconds + 2 * load.PATIENCE)
    contender.stored += result.answered * contender.rows
    if result.refused and not result.answered:
        raise RuntimeError(f"{contender.title}: every request is refused: {result.refusal}")
    return result


def _stored(site: Site, groups: Sequence[Sequence[Contender]]) -> int:
    """Return the rows that a site has acknowledged."""
    return sum(one.stored for group in groups for one in group if one.site == site)


def _speeds(title: str, groups: Sequence[Sequence[Contender]]) -> list[str]:
    rows = [_row(contender, group) for group in groups for contender in group]
    return table.lines(title, _HEADER, rows)


def _row(contender: Contender, group: Sequence[Contender]) -> list[str]:
    ratios = _ratios(contender, group[0])
    hand_made = [_ratios(contender, one) for one in group if one.name == HAND_MADE]
    speed = statistics.median(contender.speeds())
    return [
        contender.title,
        f"{statistics.median(ratios):.2f} x",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
        f"{statistics.median(hand_made[0]):.3f} x" if hand_made else "-",
        f"{speed:,.1f}",
        f"{speed * contender.rows:,.0f}",
        *_latencies(contender),
        str(sum(result.refused for result in contender.results)),
        f"{contender.mib:,.0f}",
        f"{statistics.median(result.cpu_share for result in contender.results):.0%}",
    ]


def _latencies(contender: Contender) -> list[str]:
    """Return p50 and p99 in milliseconds and their ratio, "-" if hardly a reply came in time."""
    latencies = [latency * 1000 for result in contender.results for latency in result.latencies]
    if len(latencies) < 2:
        return ["-", "-", "-"]
    cuts = statistics.quantiles(latencies, n=100)
    return [f"{cuts[49]:,.1f}", f"{cuts[98]:,.1f}", f"{cuts[98] / cuts[49]:.1f}"]


def _ratios(contender: Contender, other: Contender) -> list[float]:
    """Return how many times as fast as the other the contender was in each round."""
    return list(map(operator.truediv, contender.speeds(), other.speeds()))


def _starts(group: Sequence[Contender]) -> list[str]:
    rows = [[one.name, f"{max(server.start_seconds for server in one.servers):.2f}"] for one in group]
    return table.lines("From the start of a server to its first 2xx reply", ["server", "seconds"], rows)


def _storage(stored: dict[str, int], grown: dict[str, int]) -> list[str]:
    rows = [
        [name, f"{stored[name]:,}", f"{grown[name] / _MIB:,.1f}", f"{grown[name] / stored[name]:.0f}"]
        for name in grown
    ]
    title = "Growth of the database in the run, after checkpoints"
    return table.lines(title, ["site", "stored", "MiB", "bytes a prediction"], rows)
