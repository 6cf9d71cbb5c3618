"""Read schemas in commands."""

from pathlib import Path

from django.core.management import CommandError

from ml.errors import SchemaError
from ml.schemas.schema import Schema


def schema_in(path: Path) -> Schema:
    """Return the schema of a TOML file. Raises `CommandError` with every fault."""
    from ml.schemas.toml import read_schema

    try:
        return read_schema(path.read_bytes(), path.name)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except SchemaError as error:
        raise CommandError(str(error)) from error
