"""What was understood of a file, as a reply: nothing of the file is stored."""

from contextlib import ExitStack
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from predictions.api.calls.uploads import received, refused_wishes, wishes_of
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.services.batches import files as batch_files
from predictions.services.batches.looks import look_at

PREVIEW = OpenApiParameter(
    "preview",
    {"type": "boolean", "default": False},
    description="Say how the file is read and which rows could be scored, with 200; nothing is stored.",
)
READING = (
    OpenApiParameter("sheet", str, description="The sheet of a workbook. Without it the first one is read."),
    OpenApiParameter(
        "decimal",
        {"type": "string", "enum": ["point", "comma"]},
        description="The decimal mark of numbers in texts, where the file itself does not decide.",
    ),
    OpenApiParameter(
        "column",
        {"type": "array", "items": {"type": "string", "pattern": ":"}},
        description="HEADING:COLUMN for a heading of the file that means a column; may be given again. "
        "Without a column the heading is carried along.",
    ),
    OpenApiParameter(
        "per",
        {"type": "array", "items": {"type": "string", "pattern": ":"}},
        description="COLUMN:NUMBER for a column whose numbers are divided, such as LoanAmount:1000.",
    ),
)


class _HeadingSerializer(serializers.Serializer):
    heading = serializers.CharField()
    column = serializers.CharField(allow_null=True, help_text="Null: carried along.")
    sure = serializers.CharField(
        help_text="exact, alias, chosen, similar (a guess; a batch carries it along), or empty."
    )


class _OpenCellSerializer(serializers.Serializer):
    row = serializers.IntegerField(source="line")
    heading = serializers.CharField()
    text = serializers.CharField()
    point = serializers.CharField(help_text="The number if it has a decimal point.")
    comma = serializers.CharField(help_text="The number if it has a decimal comma.")


class _CellSerializer(serializers.Serializer):
    text = serializers.CharField(help_text="As it stands in the file.")
    read_as = serializers.CharField(source="words", help_text="Empty where the text says it itself.")
    fault = serializers.CharField(help_text="Why it is refused, or empty.")
    remark = serializers.CharField(help_text="Why it looks like a slip, or empty.")


class _RowSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    cells = _CellSerializer(many=True)


class _FaultSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    column = serializers.CharField(allow_null=True)
    value = serializers.CharField(allow_null=True)
    expected = serializers.CharField()


class PreviewSerializer(serializers.Serializer):
    """How a file is read. Row numbers are those of the file or sheet."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(["csv", "xlsx", "xls", "ods"])
    sheets = serializers.ListField(child=serializers.CharField())
    sheet = serializers.CharField(allow_null=True)
    encoding = serializers.CharField(allow_null=True)
    header_row = serializers.IntegerField()
    decimal = serializers.ChoiceField(["point", "comma"], allow_null=True)
    decided_by = serializers.CharField(help_text="What decides the decimal mark, in words.")
    open_cells = _OpenCellSerializer(many=True, help_text="Numbers with two meanings: name the decimal mark.")
    columns = _HeadingSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="Required columns.")
    suggested_per = serializers.DictField(
        child=serializers.FloatField(), help_text="Columns whose numbers look as if they were to be divided."
    )
    notes = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.CharField(), help_text="Why nothing can be scored.")
    digest = serializers.CharField(help_text="SHA-256 of the file.")
    ready = serializers.IntegerField(help_text="Rows that can be scored.")
    remarked = serializers.IntegerField(help_text="Those of them that have a remark.")
    refused = serializers.IntegerField()
    repeated = serializers.IntegerField(help_text="Refused rows that repeat a Loan_ID.")
    known = serializers.IntegerField(help_text="Rows whose Loan_ID has an application already.")
    ids_looked_up = serializers.IntegerField(help_text="Of so many first rows.")
    sent_before = serializers.IntegerField(allow_null=True, help_text="The newest batch of the same file.")
    first_rows = _RowSerializer(many=True)
    faults = _FaultSerializer(many=True, help_text="The first ones.")


def preview_of(request: Request) -> dict[str, Any]:
    """Return how the file of a request is read; the file is deleted again."""
    schema, product_id, wishes = (
        schema_in_use(product_of(request).pk),
        product_of(request).pk,
        wishes_of(request),
    )
    with ExitStack() as files:
        raw, plain = batch_files.receive_file(**received(request)), batch_files.new_file_name()
        for file in (raw.file, plain):
            files.callback(batch_files.delete_upload, file)
        files.enter_context(refused_wishes())
        looked = look_at(
            schema=schema,
            name=raw.name,
            path=batch_files.upload_path(raw.file),
            wishes=wishes,
            plain=batch_files.upload_path(plain),
            user=request.user,
            product_id=product_id,
        )
    return PreviewSerializer(looked.look).data
