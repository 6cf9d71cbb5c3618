"""Where a signing key comes from."""

import secrets
import stat
import string

import pytest

from ml.artefacts import keys
from ml.artefacts.keys import KEY_VARIABLE, read_or_create_key
from ml.errors import WeakKey

GOOD = "k3J8s0dFp7Q2x9LmA5vB1nZ6cR4tY0wU"


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return tmp_path / "var" / "artefact.key"


def test_a_key_is_made_once_and_kept(path):
    key = read_or_create_key(path)
    assert len(key) == 64
    assert read_or_create_key(path) == key


def test_two_places_get_different_keys(path):
    assert read_or_create_key(path) != read_or_create_key(path.with_name("other.key"))


def test_only_its_owner_can_read_the_key(path):
    read_or_create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_the_environment_comes_first(path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, GOOD)
    assert read_or_create_key(path) == GOOD.encode()
    assert not path.exists()


def test_another_variable_can_be_named(path, monkeypatch):
    monkeypatch.setenv("OTHER_KEY", GOOD)
    assert read_or_create_key(path, "OTHER_KEY") == GOOD.encode()


@pytest.mark.parametrize("weak", ["", "short", "k" * 31])
def test_a_weak_key_in_the_environment_is_refused_by_name(path, monkeypatch, weak):
    monkeypatch.setenv(KEY_VARIABLE, weak)
    with pytest.raises(WeakKey, match=f"{KEY_VARIABLE} has {len(weak)} characters"):
        read_or_create_key(path)


def test_a_weak_key_in_a_file_is_refused_by_place(path):
    path.parent.mkdir()
    path.write_text("short\n")
    with pytest.raises(WeakKey, match=r"artefact\.key has 5 characters"):
        read_or_create_key(path)


def test_a_newline_after_the_key_does_not_count(path):
    path.parent.mkdir()
    path.write_text(GOOD + "\n")
    assert read_or_create_key(path) == GOOD.encode()


@pytest.mark.parametrize(
    "key",
    ["0" * 64, "ab" * 32, "abc" * 20, "password" * 8, "0123456789" * 5, string.ascii_letters, "a" * 63 + "b"],
)
def test_a_key_that_repeats_itself_or_counts_up_is_refused(key):
    with pytest.raises(WeakKey, match="LOANSITE_X repeats"):
        keys.check_key(key, "LOANSITE_X")


@pytest.mark.parametrize("make", [secrets.token_hex, secrets.token_urlsafe])
def test_a_random_key_is_taken(make):
    assert keys.check_key(make(32), "LOANSITE_X")
