"""Files that are there whole or not at all."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give out a place beside the file's own, and move it there when all is well: nobody sees half of it."""
    with tempfile.TemporaryDirectory(prefix=".half-", dir=path.parent) as directory:
        half = Path(directory, path.name)
        yield half
        half.replace(path)
