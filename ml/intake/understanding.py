"""What a person's file holds: how it is written, what its headings mean, how its numbers are to be read."""

import functools
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ml.applications.number_texts import Convention
from ml.errors import DatasetError, DatasetFault, place_word
from ml.intake.conventions import ConventionFinder, OpenCell
from ml.intake.headings import Heading, Headings
from ml.intake.plain_look import looks_plain
from ml.intake.rows import Block, Row
from ml.intake.sources import Source, open_source
from ml.intake.survey import Survey, require_amounts, survey
from ml.schemas.schema import Schema
from ml.tables.labels import Labels

_SEARCHED = 20  # rows in which the headings may stand
_SAMPLE = 50  # rows below them that a guess must fit


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person decided about a file.

    Attributes
    ----------
    sheet : str or None
        Sheet of a workbook; the first one if ``None``.
    decimal : Convention or None
        The decimal mark of its numbers.
    columns : mapping of str to str
        Column of the schema by heading; an empty text carries the heading's column along.
    per : mapping of str to float
        Numbers by which the values of columns are divided, such as 1000 for amounts in thousands.
    labels : mapping of str to str
        Outcomes of the schema by words of a training table; an empty text leaves the rows out.
    """

    sheet: str | None = None
    decimal: Convention | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    per: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Understanding:
    """How a file is read.

    Attributes
    ----------
    name, kind : str
        Name of the file, and ``csv``, ``xlsx``, ``xls`` or ``ods``.
    sheets, sheet
        The names of the sheets of a workbook, and of the one that is read.
    encoding, delimiter : str or None
        Those of a text file.
    header_row : int
        Line or row of the headings.
    columns : list of Heading
        The columns of the file, without those that are dropped.
    convention : Convention or None
        The decimal mark; ``None`` if nothing decides. `evidence` counts the cells that prove it.
    open_cells : list of OpenCell
        Examples of cells that are refused unless somebody names the convention.
    per : mapping of str to float
        What the values of columns are divided by; nobody chose the likely divisors `per_suggested` yet.
    labels : Labels or None
        The reader of the outcomes of a training table.
    is_plain : bool
        Whether the readers of `ml.tables` read the file as it is.
    rows : int or None
        Number of rows below the headings; ``None`` for a plain file, whose rows nobody counted.
    head : list of Row
        The first rows as they stand in the file, with all their cells.
    notes : list of str
        Sentences for the sender.
    """

    name: str
    path: Path
    schema: Schema
    source: Source
    header_row: int
    cells: Sequence[str]
    columns: Sequence[Heading]
    convention: Convention | None
    evidence: int
    evidence_words: str
    open_cells: Sequence[OpenCell]
    per: Mapping[str, float]
    per_suggested: Mapping[str, float]
    is_plain: bool
    rows: int | None
    head: Sequence[Row]
    notes: Sequence[str]
    labels: Labels | None = None

    @property
    def training(self) -> bool:
        """Whether the file is a training table, which has the target."""
        return self.labels is not None

    @property
    def kind(self) -> str:
        return self.source.kind

    @property
    def sheets(self) -> Sequence[str]:
        return self.source.sheets

    @property
    def sheet(self) -> str | None:
        return self.source.sheet

    @property
    def encoding(self) -> str | None:
        return self.source.encoding

    @property
    def delimiter(self) -> str | None:
        return self.source.delimiter

    @property
    def headings(self) -> list[str]:
        """The headings of `columns`."""
        return [heading.text for heading in self.columns]

    @property
    def unsure(self) -> list[str]:
        """The headings that are guessed; a person should confirm them."""
        return [heading.text for heading in self.columns if heading.sure == "similar"]

    @property
    def missing(self) -> list[str]:
        """The required columns that no heading means; of a training table also the target."""
        given = {heading.column for heading in self.columns}
        required = [*([self.schema.id_column] if self.schema.id_column else []), *self.schema.required]
        required += [self.schema.target.column] if self.training else []
        return [column for column in required if column not in given]

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the file's bytes, in hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def shape(self) -> str:
        """Digest of the headings: files of one shape are read alike."""
        return hashlib.sha256(json.dumps([*self.cells]).encode()).hexdigest()

    def blocks(self) -> Iterator[Block]:
        """Yield the rows below the headings, each with as many cells as there are headings."""
        return self.source.below(self.header_row, self.cells)


def understand(
    schema: Schema, name: str, path: Path, wishes: Wishes | None = None, *, training: bool = False
) -> Understanding:
    """Find out how a file is to be read.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    training : bool
        Whether the file is a training table, which has the target.

    Raises
    ------
    DatasetError
        If the file cannot be read. `CompressedFile` for archives, macros and passwords.
    InvalidValue
        If a wish names what the file or the schema does not have.
    """
    wishes = wishes or Wishes()
    require_amounts(schema, wishes.per)
    labels = Labels(schema.target, wishes.labels) if training else None
    source = open_source(name, path, wishes.sheet)
    reader = Headings(schema, wishes.columns, training=training)
    header, above, sample = _find_header(name, reader, source)
    headings = reader.read(name, header, sample)
    may_be_plain = wishes.decimal is not Convention.COMMA
    facts = looks_plain(schema, path, source, header, headings) if may_be_plain else None
    if facts is None:
        facts = survey(schema, source, header, headings)
    mark = _decimal_mark(source, facts.finder, wishes)
    has_plain_headings = header[0] == 1 and all(map(reader.is_plain, headings))
    return Understanding(
        name=name,
        path=path,
        schema=schema,
        source=source,
        header_row=header[0],
        cells=[heading.text for heading in headings],
        columns=[heading for heading in headings if heading.place not in facts.dropped],
        **mark._asdict(),
        per=wishes.per,
        per_suggested={c: n for c, n in facts.per_suggested.items() if c not in wishes.per},
        is_plain=has_plain_headings and _is_plain(source, facts, mark.convention, wishes),
        rows=facts.rows,
        head=facts.head,
        notes=[*source.notes, *_above(place_word(name), above), *facts.notes],
        labels=labels,
    )


class _DecimalMark(NamedTuple):
    """The decimal mark of a file, and what decides it, as in `Understanding`."""

    convention: Convention | None
    evidence: int
    evidence_words: str
    open_cells: Sequence[OpenCell]


def _decimal_mark(source: Source, finder: ConventionFinder, wishes: Wishes) -> _DecimalMark:
    """Return the mark that a person chose, or else what the cells say. Raises `DatasetError`."""
    convention = wishes.decimal or finder.convention(source.name, source.delimiter)
    if convention is None:
        return _DecimalMark(None, 0, finder.words(None, source.delimiter), finder.open_cells)
    words = "chosen" if wishes.decimal else finder.words(convention, source.delimiter)
    return _DecimalMark(convention, finder.counts[convention], words, [])


def _is_plain(source: Source, facts: Survey, convention: Convention | None, wishes: Wishes) -> bool:
    """Return True if the readers of `ml.tables` read a file of known headings as it is understood."""
    is_read_alike = convention is Convention.POINT or (convention is None and not facts.finder.open_cells)
    return source.is_plain and facts.is_regular and is_read_alike and not (wishes.per or wishes.labels)


def _find_header(name: str, reader: Headings, source: Source) -> tuple[Row, list[Row], list[Row]]:
    """Return the row of headings, the rows above it and some below."""
    rows = [*itertools.islice(source.rows(), _SEARCHED + _SAMPLE)]
    if not rows:
        raise DatasetError(
            name, [DatasetFault(1, None, None, "a row of headings is expected; the file is empty")]
        )
    known = [reader.known(cells) for _, cells in rows[:_SEARCHED]]
    place = known.index(max(known))
    return rows[place], rows[:place], rows[place + 1 :]


def _above(place: str, rows: Sequence[Row]) -> list[str]:
    """Say that rows above the headings are not read; `place` is what messages call a row."""
    if not rows:
        return []
    place, first, last = place.capitalize(), rows[0][0], rows[-1][0]
    return [f"{place} {first} above the headings is not read." if first == last else
            f"{place}s {first} to {last} above the headings are not read."]  # fmt: skip
