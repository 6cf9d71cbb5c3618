"""Refusals of uploaded files, which a page shows as an error of its field."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.files.uploadedfile import UploadedFile

from ml.errors import CompressedFile, DatasetError, DatasetFault
from predictions.errors import FileTooLarge, Unavailable
from predictions.services.batches import files
from predictions.services.batches.files import Upload


class UploadRefused(Exception):
    """A file was refused: `status` and `words` of the reply, and `faults` if there are several."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words
        self.faults: Sequence[DatasetFault] = []
        self.retry_after: int | None = None
        self.error: DatasetError | None = None


def shown_faults(error: DatasetError | None) -> Sequence[DatasetFault]:
    """Return the first faults of a table, which a page lists below the error."""
    return error.faults[: DatasetError.SHOWN] if error else []


@contextmanager
def receiving(file: UploadedFile) -> Iterator[Upload]:
    """Keep an uploaded file as it is. If the block fails, it is deleted; errors are `UploadRefused`."""
    with as_refusals():
        raw = files.receive_file(name=file.name or "", parts=file.chunks())
        try:
            yield raw
        except BaseException:
            files.delete_upload(raw.file)
            raise


@contextmanager
def as_refusals() -> Iterator[None]:
    """Raise the errors of a received file as `UploadRefused`."""
    try:
        yield
    except FileTooLarge as error:
        raise UploadRefused(413, str(error)) from None
    except DatasetError as error:
        refusal = _unusable(error)
        refusal.error = error
        raise refusal from None
    except Unavailable as error:
        refusal = UploadRefused(503, error.detail)
        refusal.retry_after = error.retry_after
        raise refusal from None


def _unusable(error: DatasetError) -> UploadRefused:
    status = 415 if isinstance(error, CompressedFile) else 422
    if len(error.faults) == 1:
        return UploadRefused(status, f"{error.source} cannot be used: {error.faults[0]}.")
    refusal = UploadRefused(status, f"{error.source} has {len(error.faults)} faults.")
    refusal.faults = shown_faults(error)
    return refusal
