"""Files that appear complete or not at all, and files that only their owner can read."""

import os
import stat
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, then rename it. Readers see the old file or the complete new one.

    After an error the temporary file is deleted, and `path` is left as it was.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     report = Path(directory, "report.txt")
    ...     with atomic_write(report) as temporary:
    ...         _ = temporary.write_text("complete")
    ...         print(report.exists())
    ...     print(report.read_text())
    False
    complete
    """
    with _directory_beside(path) as directory:
        temporary = Path(directory, path.name)
        yield temporary
        temporary.replace(path)


def _directory_beside(path: Path) -> "tempfile.TemporaryDirectory[str]":
    try:
        return tempfile.TemporaryDirectory(prefix=".half-", dir=path.parent)
    except OSError as error:  # says which file was to be written, not which temporary one
        raise type(error)(error.errno, error.strerror, str(path)) from None


GROUP_AND_OTHERS = 0o077


def restrict_to_owner(*paths: Path) -> None:
    """Remove other accounts' rights on `paths`, their contents, and all files that this process creates.

    Links below `paths` are skipped, since their targets may be elsewhere. So are files of other accounts.
    """
    os.umask(GROUP_AND_OTHERS)
    for path in map(Path.resolve, paths):
        _restrict(path)
        for directory, folders, files in os.walk(path):
            for name in folders + files:
                _restrict(Path(directory, name))


def is_shared(path: Path, own: Collection[str]) -> bool:
    """Return True if a directory is also used by others, such as `/etc`: restricting it would harm them.

    A directory is the site's own if it is empty or contains one of the names `own`.
    """
    if not path.is_dir():
        return False
    names = set(os.listdir(path)) - {"lost+found"}  # at the root of a volume
    return bool(path.stat().st_mode & stat.S_ISVTX) or bool(names and names.isdisjoint(own))


def is_private(path: Path) -> bool:
    """Return True if only the owner has rights on a file."""
    return not path.stat().st_mode & GROUP_AND_OTHERS


def _restrict(path: Path) -> None:
    with suppress(PermissionError, FileNotFoundError):  # the file may be deleted meanwhile
        mode = path.lstat().st_mode
        if mode & GROUP_AND_OTHERS and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~GROUP_AND_OTHERS)
