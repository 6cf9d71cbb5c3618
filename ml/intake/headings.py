"""What the headings of a person's file mean, and how sure that is."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from ml.applications.number_texts import Convention
from ml.applications.records import fold, record_kind
from ml.applications.spellings import from_text
from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault, InvalidValue
from ml.intake.rows import Row
from ml.schemas.features import Feature, label_of
from ml.schemas.schema import Schema
from ml.tables.header import read_header
from ml.tables.safe_csv import unescape_formula

Sureness = Literal["exact", "alias", "similar", "chosen", ""]
_CLOSE = 0.7  # of difflib, as for unknown fields of JSON
_NAMED = 30  # headings in a message
_SAMPLE = 20  # values that a column with a similar heading must hold
_LONGEST = 100  # characters of a heading that is compared; comparing takes their square
_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")  # without an opening one within: linear
_MARKS = re.compile(r"[.'\u2019*:/\\]")
_WORDS = re.compile(r"[^\W_]+")


class Heading(NamedTuple):
    """A column of a file.

    Attributes
    ----------
    text : str
        The heading as it stands in the file.
    place : int
        Position of the cell in its row, from 0.
    column : str or None
        The column of the schema that is meant; ``None``: carried along.
    sure : str
        ``exact`` for the column's name in any case and with any spaces, ``alias`` for an alias or label,
        ``similar`` for a guess that a person should confirm, ``chosen`` for a wish, empty for no meaning.
    """

    text: str
    place: int
    column: str | None
    sure: Sureness


class Headings:
    """Finds out what headings of files of a schema mean.

    Parameters
    ----------
    schema : Schema
    wishes : mapping of str to str
        Columns that a person chose by heading; an empty text carries the column along.
    training : bool
        Whether the files are training tables.
    """

    def __init__(
        self, schema: Schema, wishes: Mapping[str, str] | None = None, *, training: bool = False
    ) -> None:
        self._training = training
        self._schema, self._wishes = schema, {key.strip(): column for key, column in (wishes or {}).items()}
        self._names = {*schema.fields, schema.target.column}
        self._by_name = _unique((_bare(name), name) for name in self._names)
        self._by_words = _unique(
            (_bare(words), feature.column)
            for feature in schema.features
            for words in (feature.label, *feature.aliases)
        )

    def known(self, cells: Sequence[object]) -> int:
        """Return how many of the cells name a column."""
        return sum(column is not None for column in self.columns(cells))

    def columns(self, cells: Sequence[object]) -> list[str | None]:
        """Return the column that each cell names, without guesses; ``None`` for other cells."""
        return [self._meant(_clean(cell))[0] for cell in cells]

    def read(self, source: str, row: Row, sample: Sequence[Row]) -> list[Heading]:
        """Return the meaning of each cell of a row of headings; a blank heading means nothing.

        Parameters
        ----------
        source : str
            Name of the file, for messages.
        sample : sequence of Row
            Some rows below. A guess whose column holds other values is dropped.

        Raises
        ------
        DatasetError
            If two headings are alike or mean the same column, or no column is known.
        InvalidValue
            If a wish names a heading that the file does not have, or a column that it cannot mean.
        """
        line, cells = row
        headings = [Heading(text, place, *self._meant(text)) for place, text in enumerate(map(_clean, cells))]
        if faults := [*_repeats(headings)]:
            raise DatasetError(source, [DatasetFault(line, None, None, fault) for fault in faults])
        self._require_known_wishes(headings)
        headings = self._with_guesses(headings, sample)
        if not any(heading.column in self._schema.by_column for heading in headings) and not self._wishes:
            texts = [heading.text for heading in headings]
            read_header(source, texts, self._schema, training=self._training)  # says what is expected
        return headings

    def _require_known_wishes(self, headings: Sequence[Heading]) -> None:
        texts = {heading.text: None for heading in headings}
        for text in self._wishes:
            if text not in texts:
                raise InvalidValue(
                    "invalid_choice",
                    f"{show_value(text)} is no heading of the file; expected one of "
                    f"{', '.join(show_value(known) for known in [*texts][:_NAMED] if known)}.",
                )

    def plain_name(self, heading: Heading) -> str:
        """Return the heading that plain files have, which means the column again, or nothing."""
        if heading.column is not None:
            return heading.column
        by_heading = record_kind(self._schema).by_heading
        known = heading.text in self._names or fold(heading.text) in by_heading
        return f"{heading.text} (carried along)" if known else heading.text

    def is_plain(self, heading: Heading) -> bool:
        """Return True if the readers of `ml.tables` understand a heading as it stands."""
        meant = record_kind(self._schema).by_heading.get(fold(heading.text))
        known = heading.text if heading.text in self._names else meant
        return heading.sure != "similar" and heading.column == (known if known in self._names else None)

    def _meant(self, text: str) -> tuple[str | None, Sureness]:
        return self._chosen(text) if text in self._wishes else self._own(text)

    def _own(self, text: str) -> tuple[str | None, Sureness]:
        """Return what a heading means if nobody chose."""
        if not text:
            return None, ""
        if text in self._names:
            return text, "exact"
        name = record_kind(self._schema).by_heading.get(fold(text))
        if name in self._names:
            return name, "exact" if fold(name or "") == fold(text) else "alias"
        bare = _bare(text)
        if bare in self._by_name:
            return self._by_name[bare], "exact"
        return (self._by_words[bare], "alias") if bare in self._by_words else (None, "")

    def _chosen(self, text: str) -> tuple[str | None, Sureness]:
        column, target = self._wishes[text], self._schema.target.column
        if column and column not in self._names:
            raise InvalidValue(
                "invalid_choice", f"{show_value(column)} is no column of {self._schema.title}."
            )
        if column == target and not self._training and self._own(text)[0] != target:
            raise InvalidValue(
                "invalid_choice",
                f"{show_value(text)} cannot mean {target}, which is known only after the decision; "
                "a column of an application is expected.",
            )
        return column or None, "chosen"

    def _with_guesses(self, headings: Sequence[Heading], sample: Sequence[Row]) -> list[Heading]:
        """Return the headings; of those without a meaning the most similar mean the columns that are left."""
        taken = {heading.column for heading in headings}
        free = {name: words for name, words in self._candidates() if name not in taken}
        scores = [
            (_similarity(heading.text, words), name, heading)
            for heading in headings
            if 0 < len(heading.text) <= _LONGEST and heading.column is None and heading.sure != "chosen"
            for name, words in free.items()
        ]
        guessed = dict(_best(score for score in scores if score[0] >= _CLOSE))
        return [
            heading._replace(column=guessed[heading.place], sure="similar")
            if heading.place in guessed and self._holds(guessed[heading.place], heading.place, sample)
            else heading
            for heading in headings
        ]

    def _candidates(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield each column with the texts that its heading may resemble."""
        for feature in self._schema.features:
            yield feature.column, [label_of(feature.column), feature.label, *feature.aliases]
        yield self._schema.id_field, [label_of(self._schema.id_field)]

    def _holds(self, column: str, place: int, sample: Sequence[Row]) -> bool:
        """Return False if most of a column's first values are none of the schema's column."""
        feature = self._schema.by_column.get(column)
        cells = [cells[place] for _, cells in sample if place < len(cells) and cells[place] != ""][:_SAMPLE]
        if feature is None or not cells:
            return True
        readable = sum(_is_readable(feature, cell) for cell in cells)
        return 2 * readable >= len(cells)


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what texts mean; of those that mean several columns, none."""
    meant: dict[str, set[str]] = {}
    for text, name in pairs:
        meant.setdefault(text, set()).add(name)
    return {text: names.pop() for text, names in meant.items() if len(names) == 1}


def _is_readable(feature: Feature, cell: object) -> bool:
    for convention in (Convention.POINT, Convention.COMMA):
        try:
            from_text(feature, f"{cell:g}" if isinstance(cell, float) else cell, convention)
        except InvalidValue as error:
            if error.code in ("min_value", "max_value"):
                return True
        else:
            return True
    return False


def _clean(cell: object) -> str:
    text = f"{cell:.15g}" if isinstance(cell, float) else str(cell)
    return unescape_formula(" ".join(text.split()))


def _bare(text: str) -> str:
    """Return a heading without case, spaces, hyphens, dots, apostrophes and what stands in brackets."""
    return fold(_MARKS.sub("", _IN_BRACKETS.sub("", text))) or fold(text)


def _similarity(text: str, candidates: Sequence[str]) -> float:
    return max(_similar(text, candidate) for candidate in candidates)


def _similar(text: str, candidate: str) -> float:
    """Return how alike two headings are, from 0 to 1; words of the candidate alone count as close."""
    words, others = _words(text), _words(candidate)
    within = 0.7 + 0.3 * len(words) / len(others) if words and words <= others else 0.0
    return max(within, difflib.SequenceMatcher(None, _bare(text), _bare(candidate)).ratio())


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(_IN_BRACKETS.sub(" ", label_of(text)).lower()))


def _best(scores: Iterator[tuple[float, str, Heading]]) -> Iterator[tuple[int, str]]:
    """Yield places and columns, the most similar first, each once; two equally similar ones tell nothing."""
    ranked = sorted(scores, key=lambda score: -score[0])
    taken: set[str | int] = set()
    for score, column, heading in ranked:
        rivals = {other for other_score, other, rival in ranked if rival == heading and other_score == score}
        if column not in taken and heading.place not in taken and len(rivals - taken) == 1:
            taken |= {column, heading.place}
            yield heading.place, column


def _repeats(headings: Sequence[Heading]) -> Iterator[str]:
    given: dict[str, list[str]] = {}
    for heading in headings:
        if heading.text:
            given.setdefault(heading.column or heading.text, []).append(heading.text)
    for name, spelt in given.items():
        if len(spelt) > 1 and len(set(spelt)) == 1:
            yield f"the column {show_value(spelt[0])} appears {len(spelt)} times"
        elif len(spelt) > 1:
            yield f"the columns {', '.join(map(show_value, spelt))} all mean {name}"
