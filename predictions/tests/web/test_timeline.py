"""The timeline: every activation, and which version was live then."""

from datetime import UTC, datetime

import pytest

from predictions.models import Activation
from predictions.roles import Role
from predictions.services.versions import registry
from predictions.tests.helpers.pages import words


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def versions(active_version, trained):
    """Two versions: the first went live on 1 March at noon, the second on 3 March at six in the evening."""
    second = registry.register(trained=trained, by=None)
    Activation.objects.update(at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    at = datetime(2026, 3, 3, 18, tzinfo=UTC)
    registry.activate(version_id=second.pk, by=None, reason="better figures", now=at)
    return [active_version.pk, second.pk]


def answer(client, query):
    """Return which versions the page names as its answer, in order."""
    text = words(client.get(f"/models/timeline/?{query}")).split("Activations, newest first")[0]
    return [int(part.split()[-1]) for part in text.split(" was active from ")[:-1]]


def test_every_activation_stands_there_newest_first_with_from_until_who_and_why(officer, versions):
    lines = words(officer.get("/models/timeline/")).split("From Until By Reason")[1]
    newest, oldest = (lines.index(f"Version {pk}") for pk in reversed(versions))
    assert newest < oldest
    assert "3 Mar 2026, 18:00 UTC active now the command line better figures" in lines
    assert "1 Mar 2026, 12:00 UTC 3 Mar 2026, 18:00 UTC the command line test" in lines


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("on=2026-03-03T12:00", [0]),
        ("on=2026-03-03&at=12:00", [0]),
        ("on=2026-03-03T18:00", [1]),
        ("on=2026-03-03T20:30%2B02:00", [1]),
        ("on=2026-03-03T19:30%2B02:00", [0]),
        ("on=2026-03-02", [0]),
        ("on=2026-03-03", [0, 1]),
        ("on=2026-03-01", [0]),
        ("on=2026-03-01T11:59", []),
        ("on=2020-01-01", []),
        ("on=", []),
    ],
)
def test_the_version_that_was_live_then_is_named(officer, versions, query, found):
    assert answer(officer, query) == [versions[place] for place in found]


def test_before_the_first_activation_no_version_was_live(officer, versions):
    assert "No version was active then." in words(officer.get("/models/timeline/?on=2020-01-01"))


@pytest.mark.parametrize(
    "on", ["yesterday", "2026-02-30", "2026-03-03T25:00", "9999-12-31", "%00", "3/3/2026"]
)
def test_what_is_no_date_is_refused_in_words(officer, versions, on):
    reply = officer.get(f"/models/timeline/?on={on}")
    assert reply.status_code == 422
    assert "is not a date such as 2026-03-03 or 2026-03-03T12:00." in words(reply)


def test_without_activations_the_timeline_says_so(officer):
    assert "No version has been active yet." in words(officer.get("/models/timeline/"))
