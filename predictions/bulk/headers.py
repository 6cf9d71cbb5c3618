"""The heading of a source that is no CSV file."""

from collections.abc import Sequence

from ml.errors import DatasetError
from ml.schemas.schema import Schema
from ml.tables.header import Header, read_header
from predictions.errors import UnusableSource


def usable_header(what: str, headings: Sequence[str], schema: Schema) -> Header:
    """Find out what each heading means. `what` names the source. Raises `UnusableSource` with every fault."""
    try:
        return read_header(what, headings, schema)
    except DatasetError as error:
        faults = [fault.expected for fault in error.faults]
        raise UnusableSource("\n".join([f"{what} cannot be used:", *faults])) from None
