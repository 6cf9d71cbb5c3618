"""The upload form of batches. A refused file is shown as an error of the field."""

from typing import Self

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import BatchDraft
from predictions.services.batches import drafts
from predictions.services.batches import files as batch_files
from predictions.services.batches import requests as batches
from predictions.web.forms import TABLE_FILES, RefusableForm
from predictions.web.posting import create_once_per_form
from predictions.web.uploads.refusals import as_refusals, receiving


def queue_upload(file: UploadedFile, request: HttpRequest, *, queue: bool) -> int:
    """Create a batch from an uploaded file, and return the batch's id. `queue` is as in `create_batch`.

    Raises `UploadRefused`; then nothing is saved.
    """
    with as_refusals():
        schema = schema_in_use(product_of(request).pk)
        upload = batch_files.store_upload(name=file.name or "", parts=file.chunks(), schema=schema)
        try:
            values = [upload.name, upload.digest, queue]
            return create_once_per_form(request, values, lambda: _create(request, upload, queue))
        finally:
            batch_files.delete_unless_queued(upload.file)


def receive_draft(file: UploadedFile, request: HttpRequest, *, queue: bool) -> BatchDraft:
    """Keep an uploaded file to look at. Raises `UploadRefused`; then nothing is kept."""
    with receiving(file) as raw:
        return drafts.create_draft(
            owner=request.user, product_id=product_of(request).pk, raw=raw, queue=queue
        )


def _create(request: HttpRequest, upload: batch_files.Upload, queue: bool) -> int:
    product_id = product_of(request).pk
    return batches.create_batch(owner=request.user, upload=upload, product_id=product_id, queue=queue).pk


class BatchForm(RefusableForm):
    file = forms.FileField(
        label="File",
        max_length=255,
        error_messages={"required": "Choose a file."},
        widget=forms.FileInput(attrs={"accept": TABLE_FILES}),
    )
    no_queue = forms.BooleanField(
        label="Keep referred cases out of the queue",
        required=False,
        help_text="They are referred in the results, and nobody is asked to decide them.",
    )

    def invalid_fields(self) -> list[forms.BoundField]:
        return [self["file"]] if self.errors else []

    @classmethod
    def refused(cls, words: str) -> Self:
        """Return the form with an error. The user must choose the file again: a page cannot do that."""
        form = cls({})
        form.errors["file"] = form.error_class([words])
        return form
