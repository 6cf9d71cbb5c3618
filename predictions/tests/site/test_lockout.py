"""Guessing passwords locks the one who guesses, and nobody else."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from predictions.errors import TooManySignIns
from predictions.requests.lockout import ADDRESS_LIMIT, PAIR_LIMIT, USER_LIMIT
from predictions.roles import Role
from predictions.services.writing.database_waits import BoundedQueue
from predictions.tests.conftest import PASSWORD

HOME, ELSEWHERE = "198.51.100.1", "203.0.113.7"


@pytest.fixture(autouse=True)
def officer(user_with):
    return user_with(Role.OFFICER)


def sign_in(address, password=PASSWORD, name="officer", **headers):
    return Client(REMOTE_ADDR=address, **headers).post("/login/", {"username": name, "password": password})


def guess(times, address=ELSEWHERE, name="officer", **headers):
    replies = [sign_in(address, "wrong", name, **headers) for _ in range(times)]
    return [reply.status_code for reply in replies]


def from_everywhere(times, name="officer"):
    return [guess(1, f"192.0.2.{number}", name)[0] for number in range(times)]


def later(seconds):
    for attempt in AccessAttempt.objects.all():
        moment = attempt.attempt_time - timedelta(seconds=seconds)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=moment)


def test_five_wrong_passwords_from_elsewhere_do_not_lock_the_owner_out():
    assert guess(6) == [200, 200, 200, 200, 429, 429]
    assert sign_in(HOME).status_code == 302


def test_a_locked_caller_learns_when_to_try_again():
    guess(PAIR_LIMIT.failures)
    reply = sign_in(ELSEWHERE)
    assert reply.status_code == 429
    assert PAIR_LIMIT.seconds - 10 <= int(reply.headers["Retry-After"]) <= PAIR_LIMIT.seconds


def test_trying_earlier_does_not_prolong_the_wait():
    guess(PAIR_LIMIT.failures)
    later(PAIR_LIMIT.seconds - 60)
    guess(3)
    assert int(sign_in(ELSEWHERE).headers["Retry-After"]) <= 60
    later(61)
    assert sign_in(ELSEWHERE).status_code == 302


def test_another_browser_does_not_open_the_lock():
    for number in range(PAIR_LIMIT.failures):
        guess(1, HTTP_USER_AGENT=f"browser {number}")
    assert sign_in(ELSEWHERE).status_code == 429


def test_guessing_from_many_addresses_locks_the_user_more_slowly():
    assert from_everywhere(USER_LIMIT.failures) == [200] * (USER_LIMIT.failures - 1) + [429]
    assert sign_in(HOME).status_code == 429
    assert sign_in(HOME, name="somebody else", password="wrong").status_code == 200


def test_the_owner_still_signs_in_from_a_known_address():
    sign_in(HOME)
    from_everywhere(USER_LIMIT.failures)
    assert sign_in(ELSEWHERE).status_code == 429
    assert sign_in(HOME).status_code == 302


@pytest.mark.slow
def test_guessing_many_users_locks_the_address(settings):
    names = [f"user {number}" for number in range(ADDRESS_LIMIT.failures)]
    assert [guess(1, name=name)[0] for name in names] == [200] * (ADDRESS_LIMIT.failures - 1) + [429]
    assert sign_in(ELSEWHERE).status_code == 429
    assert sign_in(HOME).status_code == 302


@pytest.mark.slow
def test_a_sign_in_of_ones_own_does_not_hide_guesses_at_others(user_with):
    user_with(Role.OFFICER, "guesser")
    for number in range(ADDRESS_LIMIT.failures - 1):
        guess(1, name=f"user {number}")
    assert sign_in(ELSEWHERE, name="guesser").status_code == 302
    assert guess(1, name="another") == [429]


@pytest.mark.slow
@pytest.mark.parametrize("trusted", [[], ["127.0.0.1"]])
def test_a_proxy_that_names_no_client_is_not_locked_for_all(settings, trusted):
    settings.BEHIND_TLS_PROXY = True
    settings.TRUSTED_PROXIES = [ip_network(proxy) for proxy in trusted]
    for number in range(ADDRESS_LIMIT.failures):
        guess(1, "127.0.0.1", f"user {number}")
    assert sign_in("127.0.0.1").status_code == 302


def test_behind_a_trusted_proxy_the_clients_are_told_apart(settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    guess(PAIR_LIMIT.failures, "127.0.0.1", HTTP_X_FORWARDED_FOR=ELSEWHERE)
    assert sign_in("127.0.0.1", HTTP_X_FORWARDED_FOR=f"{HOME}, {ELSEWHERE}").status_code == 429
    assert sign_in("127.0.0.1", HTTP_X_FORWARDED_FOR=f"{ELSEWHERE}, {HOME}").status_code == 302


def test_addresses_of_one_ipv6_network_count_together():
    for number in range(PAIR_LIMIT.failures):
        guess(1, f"2001:db8::{number}")
    assert sign_in("2001:db8::ffff").status_code == 429
    assert sign_in("2001:db8:0:1::1").status_code == 302


def test_an_operator_unlocks_by_command():
    guess(PAIR_LIMIT.failures)
    call_command("axes_reset_username", "officer", verbosity=0)
    assert sign_in(ELSEWHERE).status_code == 302


def test_an_admin_unlocks_on_a_page(client_of):
    guess(PAIR_LIMIT.failures)
    (attempt,) = AccessAttempt.objects.all()
    data = {"action": "delete_selected", "_selected_action": [attempt.pk], "post": "yes"}
    client_of(Role.ADMIN).post("/admin/axes/accessattempt/", data)
    assert sign_in(ELSEWHERE).status_code == 302


def test_more_passwords_at_once_than_may_be_hashed_are_turned_away():
    hashing = BoundedQueue(at_once=1, waiting=0, refusal=TooManySignIns)
    with hashing.slot(), pytest.raises(TooManySignIns), hashing.slot():
        pass
    with hashing.slot():
        pass


def test_old_failures_are_forgotten():
    guess(PAIR_LIMIT.failures - 1)
    later(USER_LIMIT.seconds + 1)
    assert guess(PAIR_LIMIT.failures - 1) == [200] * (PAIR_LIMIT.failures - 1)
    assert sign_in(ELSEWHERE).status_code == 302
    assert timezone.now() - get_user_model().objects.get(username="officer").last_login < timedelta(minutes=1)
