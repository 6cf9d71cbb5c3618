"""Two activations at once: one wins or they follow each other, and the timeline has all that happened."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from predictions.tests.faults.caller import V1, Caller

ROUNDS = 50
COPIES = """
import shutil
from django.conf import settings
version = ModelVersion.objects.get()
for name in ("second", "third"):
    shutil.copytree(settings.ARTEFACTS / version.artefact, settings.ARTEFACTS / name)
    version.pk, version.artefact, version.status = None, name, "retired"
    version.save(force_insert=True)
"""
ACTIVE = "SELECT id FROM predictions_modelversion WHERE status = 'active'"
TIMELINE = "SELECT reason, version_id, previous_id FROM predictions_activation ORDER BY at, id"
AUDITED = "SELECT COUNT(*) FROM predictions_auditrecord WHERE action = 'model activation'"


@pytest.fixture
def versions(site):
    """The active version, and two equal ones that seem to have been active: of them the gate is not asked."""
    site.manage("shell", "-c", COPIES)
    return [pk for (pk,) in site.query("SELECT id FROM predictions_modelversion ORDER BY id")]


def pairs(versions, active, number):
    """Two others than the active version; each third round the same one twice."""
    one, two = [version for version in versions if version != active]
    return (one, one) if number % 3 == 2 else (one, two)


def test_of_activations_at_once_each_that_is_answered_is_in_the_timeline(site, token, versions, say):
    won, lost, together, barrier = [], 0, 0, threading.Barrier(2, timeout=30)
    before, audited = len(site.query(TIMELINE)), site.query(AUDITED)[0][0]

    def activate(caller, version, reason):
        barrier.wait()
        reply = caller.post(f"{V1}/models/{version}/activate/", {"reason": reason})
        return reply.status, (reason, version)

    with (
        site.web() as (_, port),
        Caller(port, token) as first,
        Caller(port, token) as second,
        ThreadPoolExecutor(2) as pool,
    ):
        for number in range(ROUNDS):
            ((active,),) = site.query(ACTIVE)
            wishes = zip((first, second), pairs(versions, active, number), "ab", strict=True)
            asked = [
                pool.submit(activate, caller, version, f"round {number} {letter}")
                for caller, version, letter in wishes
            ]
            answers = [future.result() for future in asked]
            statuses = sorted(status for status, _ in answers)
            assert statuses in ([200, 200], [200, 409])
            won += [line for status, line in answers if status == 200]
            lost, together = lost + statuses.count(409), together + (statuses == [200, 200])
            assert len(site.query(ACTIVE)) == 1
    timeline = site.query(TIMELINE)[before:]
    assert sorted((reason, version) for reason, version, _ in timeline) == sorted(won)
    assert [previous for *_, previous in timeline] == [
        versions[0],
        *(version for _, version, _ in timeline[:-1]),
    ]
    assert site.query(ACTIVE) == [(timeline[-1][1],)]
    assert site.query(AUDITED)[0][0] - audited == len(won)
    say(
        f"{ROUNDS} rounds of two activations: {len(won)} answered with success, {lost} with 409, "
        f"{together} rounds one after the other; one active version always, {len(timeline)} in the timeline"
    )
