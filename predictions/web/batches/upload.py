"""Taking a file from the browser; what is refused is said by its field."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from ml.errors import DatasetError, DatasetFault, PackedFile
from predictions.errors import FileTooLarge, Unavailable
from predictions.services.batches import files as batch_files
from predictions.services.batches import requests as batches
from predictions.web.form_tokens import once


class Refusal(Exception):
    """A file is not taken: with which status, in which words, and its faults when there are several."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words
        self.faults: list[DatasetFault] = []
        self.retry_after: int | None = None


def queued(file: UploadedFile, request: HttpRequest) -> int:
    """Return the id of a file's batch, or keep nothing and raise `Refusal`."""
    try:
        upload = batch_files.receive(name=file.name or "", parts=file.chunks())
        try:
            values = [upload.name, upload.digest]
            return once(request, values, lambda: batches.create(owner=request.user, upload=upload).pk)
        finally:
            batch_files.discard_unless_needed(upload.file)
    except FileTooLarge as error:
        raise Refusal(413, str(error)) from None
    except DatasetError as error:
        raise _unusable(error) from None
    except Unavailable as error:
        refusal = Refusal(503, error.detail)
        refusal.retry_after = error.retry_after
        raise refusal from None


def _unusable(error: DatasetError) -> Refusal:
    status = 415 if isinstance(error, PackedFile) else 422
    if len(error.faults) == 1:
        return Refusal(status, f"{error.source} cannot be used: {error.faults[0]}.")
    refusal = Refusal(status, f"{error.source} cannot be used: it has {len(error.faults)} faults.")
    refusal.faults = error.faults[: DatasetError.SHOWN]
    return refusal
