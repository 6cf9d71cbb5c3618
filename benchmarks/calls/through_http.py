"""Measure all servers by turns, so that each ratio compares neighbours in time."""

import multiprocessing
import statistics
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import table
from benchmarks.calls import load
from benchmarks.calls.contenders import Contender, singles_and_arrays
from benchmarks.memory import largest_worker
from benchmarks.peers import servers as peer_servers
from benchmarks.plan import Plan
from benchmarks.site.site import Site

ROUNDS = 3
_WARM_UP = 1.0
HEADER = [
    "through HTTP",
    "ratio",
    "rounds",
    "req/s",
    "rows/s",
    "p50 ms",
    "p99 ms",
    "not 2xx",
    "worker MiB",
    "client CPU",
]


def run(prepared: Site, plan: Plan) -> list[str]:
    """Measure all contenders and return the table."""
    context = multiprocessing.get_context("spawn")
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="bench-http-") as directory,
        ProcessPoolExecutor(max_workers=1, mp_context=context) as client,
        singles_and_arrays(prepared.copy(Path(directory, "var")), Path(directory), plan.stored) as groups,
    ):
        for group in groups:
            _measure(client, group, plan)
            rows += [_row(contender, group[0]) for contender in group]
    rounds = f"{plan.connections} connections, {ROUNDS} rounds of {plan.seconds:g} s by turns"
    title = f"{rounds}; {plan.stored:,} predictions stored before"
    return [*table.lines(title, HEADER, rows), *peer_servers.absent()]


def _measure(client: ProcessPoolExecutor, group: Sequence[Contender], plan: Plan) -> None:
    for contender in group:
        _send(client, contender, _WARM_UP, plan.connections)
    for _ in range(ROUNDS):
        for contender in group:
            contender.results.append(_send(client, contender, plan.seconds, plan.connections))
            contender.mib = max(contender.mib, largest_worker(contender.server.process))


def _send(client: ProcessPoolExecutor, contender: Contender, seconds: float, connections: int) -> load.Result:
    job = contender.job(connections=connections, seconds=seconds)
    result = client.submit(load.run, job).result(seconds + 2 * load.PATIENCE)
    if result.refused and not result.latencies:
        raise RuntimeError(f"{contender.name}: every request is refused: {result.refusal}")
    return result


def _row(contender: Contender, first: Contender) -> list[str]:
    ratios = [own / other for own, other in zip(contender.speeds(), first.speeds(), strict=True)]
    speed = statistics.median(contender.speeds())
    latencies = [latency * 1000 for result in contender.results for latency in result.latencies]
    cuts = statistics.quantiles(latencies, n=100)
    return [
        contender.name,
        f"{statistics.median(ratios):.2f} x",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
        f"{speed:,.1f}",
        f"{speed * contender.rows:,.0f}",
        f"{cuts[49]:,.1f}",
        f"{cuts[98]:,.1f}",
        str(sum(result.refused for result in contender.results)),
        f"{contender.mib:,.0f}",
        f"{statistics.median(result.cpu_share for result in contender.results):.0%}",
    ]
