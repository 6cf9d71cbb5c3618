"""``python -m ml draft-schema``: draft a product's schema from a table of decided applications."""

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ml.atomic_files import atomic_write
from ml.commands.file_options import add_reading_options, wishes_of

if TYPE_CHECKING:
    from ml.intake.unknown_columns import UnknownTable
    from ml.schemas.draft import Draft


def add_draft_schema(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    command = commands.add_parser("draft-schema", help="draft a product's schema from a table")
    command.add_argument("file", type=Path, help="decided applications: CSV or a workbook")
    add_reading_options(command, sheet_help="sheet of a workbook (default: the first that may be a table)")
    command.add_argument("--target", required=True, help="column with the outcome")
    command.add_argument(
        "--good", action="append", default=[], help="good value of the target; others are bad"
    )
    command.add_argument("--leave-out", action="append", default=[], help="value whose rows are left out")
    command.add_argument("--name", default="", help="name of the product in addresses, such as car-loan")
    command.add_argument("--title", default="", help="name of the product on pages")
    command.add_argument("--output", type=Path, help="TOML file to write (default: print it)")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from ml.schemas.draft import draft_schema
    from ml.schemas.toml import schema_from_facts

    table = _table(options)
    draft = draft_schema(
        options.file.name,
        table.content,
        options.target,
        options.good,
        leave_out=options.leave_out,
        product=options.name,
        title=options.title,
    )
    schema_from_facts(draft.facts, options.file.name)
    if options.output is None:
        print(draft.toml(), end="")
        print(*table.notes, *_summary(draft), sep="\n", file=sys.stderr)
        return
    with atomic_write(options.output) as temporary:
        temporary.write_text(draft.toml(), encoding="utf-8")
    print(*table.notes, *_summary(draft), f"Schema written to {options.output}", sep="\n")


def _table(options: argparse.Namespace) -> "UnknownTable":
    """Read the file; a pipe is read once, and is plain CSV."""
    from ml.intake.unknown_columns import UnknownTable, read_unknown
    from ml.tables.training_csv import read_file_bytes

    if options.file.is_file() and os.access(options.file, os.R_OK):
        wishes = wishes_of(options.decimal, options.sheet, ())
        return read_unknown(options.file.name, options.file, wishes, heading=options.target)
    return UnknownTable(read_file_bytes(options.file), ())


def _summary(draft: "Draft") -> list[str]:
    """Return what a person should look at, and how many columns have each role."""
    target = draft.facts["target"]
    roles = Counter(column.role.replace("_", " ") for column in draft.columns)
    counted = ", ".join(f"{count} {role}" for role, count in roles.items())
    return [
        f"{draft.rows:,} rows: {draft.good_rows:,} good ({', '.join(target['good'])}), "
        f"{draft.bad_rows:,} bad ({', '.join(target['bad'])}).",
        f"{len(draft.columns)} columns: {counted}.",
        f"Confirm what the good values mean: {target['means']!r} (target.means, target.means_confirmed).",
        *draft.questions(),
    ]
