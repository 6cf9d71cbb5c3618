"""Switch two versions under load: no request fails, and each version reproduces its predictions."""

import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import table
from benchmarks.calls import load
from benchmarks.data import applications
from benchmarks.plan import Plan
from benchmarks.site import site
from benchmarks.site.django_client import setup
from benchmarks.site.servers import OUR_ARGUMENTS, gunicorn
from benchmarks.site.site import Site
from ml.products.loan_prediction.sample import write_sample

SWITCHES = 50
_PAUSE = 1.2  # seconds: a worker looks for another version at most once a second
_CONNECTIONS = 8
_SECONDS = SWITCHES * _PAUSE + 5


def run(prepared: Site, plan: Plan) -> list[str]:
    """Switch versions under load; return the counts of replies and the replay of both versions."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="bench-switching-") as directory:
        ours = _with_two_versions(prepared.copy(Path(directory, "var")))
        log = Path(directory, "ours.log")
        with (
            ProcessPoolExecutor(max_workers=1, mp_context=context) as client,
            gunicorn(OUR_ARGUMENTS, log, ours.variables) as server,
        ):
            job = load.Job(
                [server.port],
                "/api/v1/predictions/",
                applications.one(),
                _CONNECTIONS,
                _SECONDS,
                0,
                site.token(ours),
            )
            replies = client.submit(load.run, job)
            switches = ours.run("-m", "benchmarks.calls.switching").strip()
            result = replies.result(_SECONDS + 2 * load.PATIENCE)
        printed = ours.manage("replay", "2").splitlines()
        proof = [line for line in printed if line.startswith("Predictions of version")]
    row = [switches, f"{len(result.latencies):,}", str(result.refused)]
    title = f"Versions switched under load of {_CONNECTIONS} connections"
    return [*table.lines(title, ["switches", "2xx replies", "other replies"], [row]), *proof]


def _with_two_versions(ours: Site) -> Site:
    """Train a second scorecard, on more rows of the sample, so that it gives other probabilities."""
    data = ours.var / "more.csv"
    write_sample(data, rows=900)
    ours.manage("train", "--data", str(data))
    return ours


def main() -> None:
    """Switch between the two versions of the site of this environment, and print the number of switches."""
    setup()
    from predictions.models import Activation
    from predictions.services.versions import registry

    for number in range(SWITCHES):
        registry.activate(version_id=2 - number % 2, by=None, reason=f"switch {number}")
        time.sleep(_PAUSE)
    print(Activation.objects.filter(reason__startswith="switch").count())


if __name__ == "__main__":
    main()
