"""Files that are there whole or not at all."""

import os
import stat
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give out a place beside the file's own, and move it there when all is well: nobody sees half of it."""
    with tempfile.TemporaryDirectory(prefix=".half-", dir=path.parent) as directory:
        half = Path(directory, path.name)
        yield half
        half.replace(path)


GROUP_AND_OTHERS = 0o077


def restrict_to_owner(*paths: Path) -> None:
    """Take `paths`, with everything in them, away from other accounts, and whatever this process makes later.

    Links in them are left alone, since their targets may lie elsewhere. So are files of other accounts.
    """
    os.umask(GROUP_AND_OTHERS)
    for path in map(Path.resolve, paths):
        _tighten(path)
        for directory, folders, files in os.walk(path):
            for name in folders + files:
                _tighten(Path(directory, name))


def is_shared(path: Path, own: Collection[str]) -> bool:
    """Tell whether a directory holds files of others, such as `/etc`: taking it away would harm them.

    It is the site's when it is empty, or holds one of the site's `own` names.
    """
    if not path.is_dir():
        return False
    names = set(os.listdir(path)) - {"lost+found"}  # of a volume of its own
    return bool(path.stat().st_mode & stat.S_ISVTX) or bool(names and names.isdisjoint(own))


def is_private(path: Path) -> bool:
    return not path.stat().st_mode & GROUP_AND_OTHERS


def _tighten(path: Path) -> None:
    with suppress(PermissionError, FileNotFoundError):  # a file may go while others are looked at
        mode = path.lstat().st_mode
        if mode & GROUP_AND_OTHERS and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~GROUP_AND_OTHERS)
