"""Options of commands that read a person's file: its decimal mark, its sheet, its headings."""

import argparse
from collections.abc import Sequence
from typing import Any

from ml.applications.number_texts import Convention
from ml.intake.understanding import Wishes

DECIMAL_HELP = "decimal mark (default: the file decides; a number with two meanings is refused)"
SHEET_HELP = "sheet of a workbook (default: the first)"


def add_file_options(parser: argparse.ArgumentParser, *, decimal_help: str = DECIMAL_HELP) -> None:
    """Add ``--decimal``, ``--sheet`` and ``--column``."""
    add_reading_options(parser, decimal_help=decimal_help)
    parser.add_argument(
        "--column",
        action=_Meanings,
        type=_meaning,
        default=[],
        metavar="HEADING:COLUMN",
        help="what a heading means; nothing after the colon: the column is not used",
    )


def add_reading_options(
    parser: argparse.ArgumentParser, *, decimal_help: str = DECIMAL_HELP, sheet_help: str = SHEET_HELP
) -> None:
    """Add ``--decimal`` and ``--sheet``."""
    marks = [Convention.POINT.value, Convention.COMMA.value]
    parser.add_argument("--decimal", choices=marks, help=decimal_help)
    parser.add_argument("--sheet", metavar="NAME", help=sheet_help)


def add_label_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--label``."""
    parser.add_argument(
        "--label",
        action=_Meanings,
        type=_label,
        default=[],
        metavar="WORD:OUTCOME",
        help="what a word of the target means; nothing after the colon: its rows are left out",
    )


def add_refused_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--leave-refused-out``."""
    parser.add_argument(
        "--leave-refused-out",
        action="store_true",
        help="train without the rows that are refused; the version says how many and why",
    )


def wishes_of(
    decimal: str | None,
    sheet: str | None,
    columns: Sequence[tuple[str, str]],
    labels: Sequence[tuple[str, str]] = (),
) -> Wishes:
    """Return what the options say about a file."""
    return Wishes(sheet, Convention(decimal) if decimal else None, dict(columns), labels=dict(labels))


class _Meanings(argparse.Action):
    """Collects what headings or words mean; each has one meaning."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Any = None
    ) -> None:
        given: list[tuple[str, str]] = getattr(namespace, self.dest)
        text, meaning = values
        known = dict(given).get(text, meaning)
        if known != meaning:
            raise argparse.ArgumentError(self, f"{text!r} is said to mean {known!r} and {meaning!r}")
        setattr(namespace, self.dest, [*given, values])


def _meaning(text: str) -> tuple[str, str]:
    return _parted(text, "HEADING:COLUMN")


def _label(text: str) -> tuple[str, str]:
    return _parted(text, "WORD:OUTCOME")


def _parted(text: str, form: str) -> tuple[str, str]:
    before, colon, after = text.rpartition(":")
    if not colon or not before.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form {form}")
    return before, after.strip()
