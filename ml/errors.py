"""All errors that ``ml`` raises on purpose, in one tree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


class MLError(Exception):
    """Base class of the errors of this library."""


class InvalidValue(MLError, ValueError):
    """A value breaks a rule of its feature.

    Parameters
    ----------
    code : str
        Machine-readable reason, such as ``"max_value"``.
    detail : str
        A sentence that names the value and the expectation.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class UnreadableJSON(MLError, ValueError):
    """The text is not strict JSON, or not the JSON of applications."""


class TooManyRows(MLError):
    """An array contains more rows than a call may send."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The array contains more than the {limit:,} rows that one call may contain.")


class TooManyValues(MLError):
    """A JSON document contains more values than applications need."""


class ExpressionError(MLError, ValueError):
    """A formula cannot be used.

    Parameters
    ----------
    fault : str
        A sentence without a full stop that says what was expected.
    place : int or None
        Number of the character, from 1, where the fault is; ``None`` for a formula that has no text.
    """

    def __init__(self, fault: str, place: int | None = None) -> None:
        super().__init__(fault if place is None else f"Character {place} of the formula: {fault}")
        self.fault = fault
        self.place = place

    def __reduce__(self) -> tuple[type["ExpressionError"], tuple[str, int | None]]:
        """Pickle the arguments, so that the error can be sent to another process."""
        return ExpressionError, (self.fault, self.place)


_SHEETS = (".xlsx", ".xls", ".ods")


def place_word(source: str) -> str:
    """Return what the places of a file's faults are called: rows of a sheet, lines of a text file.

    Examples
    --------
    >>> place_word("march.xlsx"), place_word("march.csv")
    ('row', 'line')
    """
    return "row" if source.lower().endswith(_SHEETS) else "line"


@dataclass(frozen=True, slots=True)
class DatasetFault:
    """A fault in a file: where it is (from 1), the value, what was expected, what places are called."""

    line: int
    column: str | None
    value: str | None
    expected: str
    place: str = "line"

    def __str__(self) -> str:
        where = f"{self.place} {self.line}"
        if self.column is not None:
            where += f", column {self.column}"
        if self.value is not None:
            where += f", value {self.value!r}"
        return f"{where}: {self.expected}"


class DatasetError(MLError):
    """A file cannot be used; `faults` lists where and why, with the places of the file (see `place_word`)."""

    SHOWN = 20

    def __init__(self, source: str, faults: Sequence[DatasetFault]) -> None:
        self.source = source
        self.faults = [replace(fault, place=place_word(source)) for fault in faults]
        lines = [str(fault) for fault in self.faults[: self.SHOWN]]
        if len(self.faults) > self.SHOWN:
            lines.append(f"and {len(self.faults) - self.SHOWN} more")
        super().__init__("\n".join([f"{source} cannot be used:", *lines]))

    def __reduce__(self) -> tuple[type["DatasetError"], tuple[str, list[DatasetFault]]]:
        """Pickle the arguments, so that the error can be sent to another process."""
        return DatasetError, (self.source, self.faults)


class WorkerLost(MLError):
    """A worker process ended before its work was done."""


class CompressedFile(DatasetError):
    """A file is an archive, a workbook or compressed, not text."""


class ClusterUnavailable(MLError):
    """A Dask cluster does not answer, or its address is not allowed."""


class MissingExtra(MLError):
    """An optional package is not installed."""

    def __init__(self, package: str, how: str) -> None:
        super().__init__(f"{package} is not installed; {how} installs it.")


class WeakKey(MLError):
    """A secret key is too short or easily guessed."""


class UnknownRecipe(MLError):
    """There is no recipe with this name."""


class NotConfirmable(MLError):
    """A column cannot be confirmed, because its unit is not checked."""


class CompilationError(MLError):
    """The compiled scorecard does not score like the pipeline it was compiled from."""


class CardFieldMissing(MLError):
    """A fact of the model card is missing; `field` is its name."""

    def __init__(self, field: str) -> None:
        super().__init__(f"The model card cannot be generated: {field} is missing.")
        self.field = field


class ArtefactError(MLError):
    """An artefact cannot be written, or must not be loaded."""


class ArtefactMissing(ArtefactError):
    """A file of the artefact cannot be read."""


class ArtefactExists(ArtefactError):
    """The directory exists already; an artefact is never overwritten."""


class ArtefactTampered(ArtefactError):
    """A signature or digest does not match: the bytes have changed since they were stored."""


class ArtefactIncompatible(ArtefactError):
    """The format or the library versions of the artefact differ from the installed ones."""


class GoldenRowsFailed(ArtefactError):
    """The loaded model does not give the stored probabilities for the golden rows."""


class ExportError(MLError):
    """A model cannot be exported in the requested format."""


@dataclass(frozen=True, slots=True)
class SchemaErrorFault:
    """A fault of a schema: path of the key (``column[3].minimum``), its line if known, and a sentence."""

    path: str
    line: int | None
    message: str

    def __str__(self) -> str:
        where = self.path or "the file"
        return f"{where} (line {self.line}): {self.message}" if self.line else f"{where}: {self.message}"


class SchemaError(MLError):
    """A schema cannot be used; `faults` lists where and why."""

    def __init__(self, source: str, faults: Sequence[SchemaErrorFault]) -> None:
        self.source, self.faults = source, list(faults)
        super().__init__("\n".join([f"{source} cannot be used:", *map(str, self.faults)]))

    def __reduce__(self) -> tuple[type["SchemaError"], tuple[str, list[SchemaErrorFault]]]:
        """Pickle the arguments, so that the error can be sent to another process."""
        return type(self), (self.source, self.faults)


class RulesError(SchemaError):
    """Rules of a policy cannot be used; `faults` lists where and why."""
