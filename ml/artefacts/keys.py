"""Secret keys: read from the environment, or from a file that only its owner can read."""

import os
import secrets
import tempfile
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from ml.errors import WeakKey

KEY_VARIABLE = "LOANSITE_ARTEFACT_KEY"
MIN_KEY_LENGTH = 32
MIN_DIFFERENT_CHARACTERS = 8


def read_or_create_key(path: Path, variable: str = KEY_VARIABLE) -> bytes:
    """Return the key in the environment variable `variable`, or else the key in the file `path`.

    A file that does not exist is created with a random key, readable by its owner alone.

    Raises
    ------
    WeakKey
        If the key is too short or easily guessed. The message names the variable or the file.
    """
    key = os.environ.get(variable)
    if key is not None:
        return check_key(key, variable)
    if not path.exists():
        _create(path)
    return check_key(path.read_text(encoding="utf-8").strip(), str(path))


def check_key(key: str, source: str) -> bytes:
    """Return `key` as bytes if it is long enough and not a simple pattern.

    Parameters
    ----------
    source : str
        Name of the variable or file, for the message.

    Raises
    ------
    WeakKey

    Examples
    --------
    >>> check_key("7e6c1bd2a94f05388b1d6f20c3e59a47", "KEY")
    b'7e6c1bd2a94f05388b1d6f20c3e59a47'
    >>> check_key("secret", "KEY")
    Traceback (most recent call last):
    ml.errors.WeakKey: KEY has 6 characters; a key needs at least 32.
    """
    if len(key) < MIN_KEY_LENGTH:
        raise WeakKey(f"{source} has {len(key)} characters; a key needs at least {MIN_KEY_LENGTH}.")
    if min(len(set(key)), len(_steps(key))) < MIN_DIFFERENT_CHARACTERS:
        raise WeakKey(
            f"{source} repeats a few characters or counts up; a key must be random. "
            'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
        )
    return key.encode()


def _steps(key: str) -> set[int]:
    """Return the distances between neighbouring characters: few in "aaaa", "abab" and "0123"."""
    return {ord(second) - ord(first) for first, second in pairwise(key)}


def _create(path: Path) -> None:
    """Create the file complete or not at all. If two processes race, the first one's key is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(secrets.token_hex(32))
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
