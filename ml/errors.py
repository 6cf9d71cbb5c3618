"""Every error that ``ml`` raises on purpose, in one tree."""

from collections.abc import Sequence
from dataclasses import dataclass


class MLError(Exception):
    """Base of every deliberate error of this library."""


class InvalidValue(MLError, ValueError):
    """One value breaks its feature's rule.

    Parameters
    ----------
    code : str
        Machine-readable reason, such as ``"max_value"``.
    detail : str
        A sentence that names the value and what was expected.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class UnreadableJSON(MLError, ValueError):
    """The text is not JSON as this product reads it."""


class TooManyRows(MLError):
    """An array holds more rows than one call may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"The array holds more than the {most:,} rows that one call may hold.")


class TooManyValues(MLError):
    """A JSON document holds more values than are decoded."""


@dataclass(frozen=True, slots=True)
class DatasetFault:
    """One place in a CSV file that breaks a rule; ``line`` counts from 1, the header's line."""

    line: int
    column: str | None
    value: str | None
    expected: str

    def __str__(self) -> str:
        where = f"line {self.line}"
        if self.column is not None:
            where += f", column {self.column}"
        if self.value is not None:
            where += f", value {self.value!r}"
        return f"{where}: {self.expected}"


class DatasetError(MLError):
    """A CSV file cannot be used; ``faults`` says where and why."""

    SHOWN = 20

    def __init__(self, source: str, faults: Sequence[DatasetFault]) -> None:
        self.source = source
        self.faults = list(faults)
        lines = [str(fault) for fault in self.faults[: self.SHOWN]]
        if len(self.faults) > self.SHOWN:
            lines.append(f"and {len(self.faults) - self.SHOWN} more")
        super().__init__("\n".join([f"{source} cannot be used:", *lines]))

    def __reduce__(self) -> tuple[type["DatasetError"], tuple[str, list[DatasetFault]]]:
        """Travel between processes."""
        return DatasetError, (self.source, self.faults)


class WorkerLost(MLError):
    """A process that shared the work ended before its time."""


class CompressedFile(DatasetError):
    """A file is an archive, a workbook or compressed: no text at all."""


class ClusterUnavailable(MLError):
    """A Dask cluster cannot be used, or must not be."""


class MissingExtra(MLError):
    """A package that is installed on request is not there."""

    def __init__(self, package: str, how: str) -> None:
        super().__init__(f"{package} is not installed; {how} adds it.")


class WeakKey(MLError):
    """A secret key is too short to be one."""


class UnknownRecipe(MLError):
    """No recipe of that name."""


class CompilationError(MLError):
    """The compiled scorecard does not reproduce the pipeline that it was compiled from."""


class CardFieldMissing(MLError):
    """A model card lacks a fact; ``field`` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(f"The model card cannot be generated: {field} is missing.")
        self.field = field


class ArtefactError(MLError):
    """A stored model cannot be written, or must not be loaded."""


class ArtefactMissing(ArtefactError):
    """There is no readable artefact at that place."""


class ArtefactExists(ArtefactError):
    """That place already holds something; an artefact is never overwritten."""


class ArtefactTampered(ArtefactError):
    """Signature or digest does not hold: the bytes are not those that were stored."""


class ArtefactIncompatible(ArtefactError):
    """The artefact was made by other software than this process can trust to load it."""


class GoldenRowsFailed(ArtefactError):
    """The loaded model does not give the probabilities that it gave when it was stored."""


class ExportError(MLError):
    """A model cannot be written in the form that was asked for."""
