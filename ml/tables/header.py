"""The heading of a CSV file: which column of the schema each of its columns is."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ml.applications.records import fold, record_kind
from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault
from ml.schemas.schema import Schema
from ml.tables.safe_csv import unescape_formula

WHAT_TO_MEND = "what_to_mend"  # the faults of a refused row, in a file that is mended and sent again


class Header(NamedTuple):
    """The columns of a file.

    Attributes
    ----------
    names : list of str
        Name of each column, as the schema spells it.
    further : list of str
        Columns that are none of the schema's; they are carried along.
    """

    names: list[str]
    further: list[str]


def read_header(source: str, cells: Sequence[str], schema: Schema, *, training: bool = False) -> Header:
    """Find out what each heading means. Case, spaces, hyphens and underscores do not matter.

    Parameters
    ----------
    source : str
        Name of the file, for messages.
    training : bool
        Whether the file must have the target.

    Raises
    ------
    DatasetError
        If a required column or every column is missing, or two headings mean the same column.
    """
    headings = headings_of(cells)
    names = [_meant(schema, heading) for heading in headings]
    faults = [*_repeats(headings, names), *_missing(schema, names, training)] or [*_none(schema, names)]
    if faults:
        raise DatasetError(source, [DatasetFault(1, None, None, fault) for fault in faults])
    return Header(names, further_columns(schema, names))


def headings_of(cells: Iterable[str]) -> list[str]:
    """Return the headings in the cells of a file's first row."""
    return [unescape_formula(cell.strip()) for cell in cells]


def further_columns(schema: Schema, names: Iterable[str]) -> list[str]:
    """Return the columns of a file that are none of the schema's, in their order.

    The column that a file of refused rows has for whoever mends them is left out.

    Parameters
    ----------
    names : iterable of str
        As `read_header` returns them.
    """
    known = {*schema.fields, schema.target.column, WHAT_TO_MEND}
    return [name for name in names if name not in known]


def absent_columns(schema: Schema, names: Iterable[str]) -> list[str]:
    """Return the columns of a schema that a file lacks (see `further_columns`)."""
    given = set(names)
    return [column for column in schema.columns if column not in given]


def _meant(schema: Schema, heading: str) -> str:
    """Return the column that a heading names; the heading itself if there is none."""
    known = (*schema.fields, schema.target.column)
    return heading if heading in known else record_kind(schema).by_heading.get(fold(heading), heading)


def _repeats(headings: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    given: dict[str, list[str]] = {}
    for heading, name in zip(headings, names, strict=True):
        given.setdefault(name, []).append(heading)
    for name, spelt in given.items():
        if len(spelt) > 1 and len(set(spelt)) == 1:
            yield f"the column {show_value(name)} appears {len(spelt)} times"
        elif len(spelt) > 1:
            yield f"the columns {', '.join(map(show_value, spelt))} all mean {name}"


def _missing(schema: Schema, names: Sequence[str], training: bool) -> Iterator[str]:
    required = [*([schema.id_column] if schema.id_column else []), *schema.required]
    if training:
        required.append(schema.target.column)
    given = set(names)
    for column in required:
        if column not in given:
            yield f"the column {column} is missing"


def _none(schema: Schema, names: Sequence[str]) -> Iterator[str]:
    """Tell a file without any column of the product, which is hardly meant for it."""
    if names and len(absent_columns(schema, names)) == len(schema.columns):
        yield (
            f"none of the columns {_listed([*map(show_value, names)])} is one of {schema.title}; expected "
            f"{_listed(schema.columns)}, parted by comma, semicolon or tab"
        )


def _listed(names: Sequence[str]) -> str:
    """Name the first columns: a wide table would fill the screen."""
    more = [f"and {len(names) - _MOST_SHOWN:,} more"] if len(names) > _MOST_SHOWN else []
    return ", ".join([*names[:_MOST_SHOWN], *more])


_MOST_SHOWN = 12


def detect_delimiter(content: bytes) -> str:
    """Return the delimiter that is most frequent in the first line: a comma, semicolon or tab.

    Examples
    --------
    >>> detect_delimiter(b"Loan_ID;Gender;Married")
    ';'
    """
    header = content.split(b"\n", 1)[0]
    return max(",;\t", key=lambda candidate: header.count(candidate.encode()))
