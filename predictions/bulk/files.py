"""Files that know their digest, and are there whole or not at all."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml.atomic_files import whole


class HashedFile(io.RawIOBase):
    """Written to from the beginning to the end."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override] # of what is written, nothing is left over
        self._digest.update(content)
        return self._file.write(content)

    def sha256(self) -> str:
        return self._digest.hexdigest()


@contextmanager
def hashed(path: Path) -> Iterator[HashedFile]:
    with whole(path) as half, half.open("wb") as file:
        yield HashedFile(file)
