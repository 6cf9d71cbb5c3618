"""Secret keys: from the environment, or from a file that only its owner can read."""

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
    """Return the key of `variable`, else of the file, which is made (mode 0600) when there is none.

    Raises
    ------
    WeakKey
        When the key is too short or too easily guessed; names where it came from.
    """
    given = os.environ.get(variable)
    if given is not None:
        return check_key(given, variable)
    if not path.exists():
        _create(path)
    return check_key(path.read_text(encoding="utf-8").strip(), str(path))


def check_key(key: str, source: str) -> bytes:
    """Return `key` as bytes if it is long enough and no mere repetition."""
    if len(key) < MIN_KEY_LENGTH:
        raise WeakKey(f"{source} holds {len(key)} characters; a key has at least {MIN_KEY_LENGTH}.")
    if min(len(set(key)), len(_steps(key))) < MIN_DIFFERENT_CHARACTERS:
        raise WeakKey(
            f"{source} repeats a few characters or counts up; a key is random. "
            'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
        )
    return key.encode()


def _steps(key: str) -> set[int]:
    """Return the distances between neighbouring characters: few in "aaaa", "abab" and "0123"."""
    return {ord(second) - ord(first) for first, second in pairwise(key)}


def _create(path: Path) -> None:
    """Make the file whole or not at all; where two processes race, the first one's key stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(secrets.token_hex(32))
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
