"""The check of an application's entries while they are typed. Nothing is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ml.applications.plausibility import RemarkFinder
from ml.applications.spellings import loan_id_from_text
from ml.applications.types import Value
from ml.errors import InvalidValue
from ml.schemas.schema import Schema
from predictions.errors import Unavailable
from predictions.live import active_model
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.roles import SCORE
from predictions.web.entries import understand_entry
from predictions.web.forms import said_id
from predictions.web.posting import post_only
from predictions.web.typed.ids import KnownIds


@dataclass(frozen=True, slots=True)
class Said:
    """What is said below a field: its fault, or how its text was read and the first remark about it."""

    name: str
    fault: str = ""
    read_as: str = ""
    remark: str = ""
    ids: KnownIds | None = None

    @property
    def place(self) -> str:
        return said_id(self.name)


@post_only("score")
@login_required
@permission_required(SCORE, raise_exception=True)
def score_check(request: HttpRequest) -> HttpResponse:
    """Say how the entries of the form would be read. Empty fields are passed over."""
    product_id = product_of(request).pk
    schema = schema_in_use(product_id)
    said = [*_ids(request), *_entries(schema, request.POST, _remarks_of(product_id, schema))]
    return render(request, "predictions/typed/_checks.html", {"checks": said})


def _ids(request: HttpRequest) -> Iterator[Said]:
    try:
        loan_id = loan_id_from_text(request.POST.get("loan_id"))
    except InvalidValue as error:
        yield Said("loan_id", fault=error.detail)
    else:
        if loan_id:
            yield Said("loan_id", ids=KnownIds.of(request, loan_id))


def _entries(schema: Schema, entries: Mapping[str, str], remarks_of: RemarkFinder) -> list[Said]:
    said: list[Said] = []
    values: dict[str, Value] = dict.fromkeys(schema.columns)
    for feature in schema.features:
        text = entries.get(feature.name, "").strip()
        if not text:
            continue
        try:
            values[feature.column], read_as = understand_entry(feature, text)
            said.append(Said(feature.name, read_as=read_as))
        except InvalidValue as error:
            said.append(Said(feature.name, fault=error.detail))
    remarks = _first_remarks(schema, values, remarks_of)
    return [replace(one, remark=remarks.get(one.name, "")) for one in said]


def _first_remarks(schema: Schema, values: Mapping[str, Value], remarks_of: RemarkFinder) -> dict[str, str]:
    """Return the first remark about each value by the name of its field; the result will show all."""
    found: dict[str, str] = {}
    for remark in remarks_of({column: [value] for column, value in values.items()}).get(0, ()):
        if remark["attr"] in schema.by_column:
            found.setdefault(schema.by_column[remark["attr"]].name, remark["detail"])
    return found


def _remarks_of(product_id: int, schema: Schema) -> RemarkFinder:
    """Return the finder of the active model; without a model, one that knows the schema alone."""
    try:
        model = active_model.current(product_id)
    except Unavailable:
        return RemarkFinder(schema)
    return model.remarks if model.schema is schema else RemarkFinder(schema)
