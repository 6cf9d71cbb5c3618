"""Names for headings: databases, replies and the schema's own rules limit them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ml.applications.records import fold
from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault
from ml.schemas.names import MAX_NAME_BYTES, NOT_IN_NAMES
from ml.schemas.reserved import RESERVED


def check_headings(file: str, headings: Sequence[str]) -> None:
    """Refuse headings that files cannot tell apart.

    Raises
    ------
    DatasetError
        If two headings are equal, or differ only in case, spaces, hyphens and underscores.
    """
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for heading in headings:
        alike[fold(heading)].append(heading)
    faults = [DatasetFault(1, None, None, _repeated(given)) for given in alike.values() if len(given) > 1]
    if faults:
        raise DatasetError(file, faults)


def _repeated(given: Sequence[str]) -> str:
    if not any(given):
        return f"{len(given)} columns have no heading; give each a name, or delete them"
    shown = " and ".join(show_value(heading) for heading in given)
    return f"the headings {shown} are equal but for case, spaces, hyphens or underscores; rename one of them"


class Names:
    """Makes a name for each heading, and remembers the names given."""

    def __init__(self, taken: Sequence[str]) -> None:
        self._taken = {name.casefold() for name in taken}

    def name_of(self, heading: str) -> tuple[str, list[str]]:
        """Return a name, and notes if it is not the heading."""
        printable = "".join(c if c.isprintable() and c not in NOT_IN_NAMES else " " for c in heading)
        name = _cut(" ".join(printable.split()), MAX_NAME_BYTES)
        notes = [] if name == heading else [f"The heading is {heading!r}; files may go on to use it."]
        if name in RESERVED:
            notes.append(f"{name!r} is the name of a field of replies, so this column is called {name}_.")
            name = f"{name}_"
        name = next(free for free in _numbered(name) if free.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name, notes


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in range(2, 10_000):
        yield f"{_cut(name, MAX_NAME_BYTES - 5)}_{number}"


def _cut(name: str, size: int) -> str:
    return name.encode()[:size].decode(errors="ignore").rstrip()
