"""Pages of the versions of a product's schema: what each changed, its file, and the start of the next one."""

import functools
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required, permission_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ml.errors import DatasetError, InvalidValue, SchemaError, SchemaErrorFault
from ml.intake.alone import TwoMeanings
from ml.intake.understanding import Wishes
from ml.schemas.facts import facts_of
from ml.schemas.schema import Schema
from predictions.live import active_model, products
from predictions.live.products import product_of
from predictions.live.schemas import newest_schema_of, schema_of_row
from predictions.models import BUILT_IN, Product, ProductDraft, SchemaVersion
from predictions.reading import schema_versions
from predictions.requests.bodies import takes_file
from predictions.roles import CHANGE_PRODUCTS, SEE_PRODUCTS
from predictions.services.products.drafting import drafts
from predictions.web.mounts import address_in
from predictions.web.posting import post_only
from predictions.web.products.forms import VersionFileForm
from predictions.words.schemas import schema_changes


@dataclass(frozen=True, slots=True)
class SchemaLine:
    """A version of a schema; `row` is None for the built-in product's first version."""

    number: int
    schema: Schema
    row: SchemaVersion | None
    changes: list[str]
    in_use: bool


@require_safe
@login_required
@permission_required(SEE_PRODUCTS, raise_exception=True)
def schema_list(request: HttpRequest) -> HttpResponse:
    """List the versions of the product's schema, newest first, with what each one changed."""
    return _page(request, VersionFileForm())


@require_safe
@login_required
@permission_required(SEE_PRODUCTS, raise_exception=True)
def schema_file(request: HttpRequest, number: int) -> HttpResponse:
    """Download a version as a TOML file."""
    from ml.schemas.toml_writer import schema_toml

    product = product_of(request)
    schemas = {version.number: version.schema for version in schema_versions.every(product.pk)}
    if number not in schemas:
        raise Http404
    reply = HttpResponse(schema_toml(facts_of(schemas[number])), content_type="application/toml")
    reply["Content-Disposition"] = f'attachment; filename="{product.name}-{number}.toml"'
    return reply


@takes_file(CHANGE_PRODUCTS)
@post_only("schema")
@login_required
@permission_required(CHANGE_PRODUCTS, raise_exception=True)
def schema_edit(request: HttpRequest) -> HttpResponse:
    """Start the next version from the newest one, with a table or a schema's file if one is sent."""
    form = VersionFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        draft = _start(request, form.cleaned_data["file"], form.wishes)
    except InvalidValue as error:
        form.add_error("sheet", error.detail)
        return _page(request, form, status=422)
    except (DatasetError, SchemaError) as error:
        return _page(request, form, unusable=error, status=422)
    return redirect(address_in(products.default(), "draft", draft.pk))


def _start(request: HttpRequest, upload: UploadedFile | None, wishes: Wishes) -> ProductDraft:
    product = product_of(request)
    start = functools.partial(drafts.start_version, owner=request.user, product=product)
    newest = newest_schema_of(product.pk)
    if upload is None:
        return start(schema=newest)
    name, content = upload.name or "file", upload.read()
    if not name.lower().endswith(".toml"):
        return start(schema=newest, file_name=name, content=content, wishes=wishes)
    return start(schema=_schema_of_file(product, name, content))


def _schema_of_file(product: Product, name: str, content: bytes) -> Schema:
    from ml.schemas.toml import read_schema

    schema = read_schema(content, name)
    if schema.name != product.name:
        expected = f"{schema.name!r} is another product; expected {product.name!r}."
        raise SchemaError(name, [SchemaErrorFault("name", None, expected)])
    return schema


def _page(
    request: HttpRequest,
    form: VersionFileForm,
    *,
    unusable: DatasetError | SchemaError | None = None,
    status: int = 200,
) -> HttpResponse:
    product = product_of(request)
    two_meanings = isinstance(unusable, TwoMeanings)
    context = {
        "product": product,
        "form": form,
        "fields": form.shown(asks_decimal=two_meanings),
        "two_meanings": two_meanings,
        "lines": _lines(product.pk),
        "unusable": unusable,
        "faults": unusable.faults[: DatasetError.SHOWN] if unusable else [],
    }
    return render(request, "predictions/products/schema_list.html", context, status=status)


def _lines(product_id: int) -> list[SchemaLine]:
    rows = list(SchemaVersion.objects.filter(product=product_id).select_related("by").order_by("number"))
    numbered: list[tuple[int, SchemaVersion | None]] = [(row.number, row) for row in rows]
    if product_id == BUILT_IN:
        numbered.insert(0, (1, None))
    in_use = active_model.schema_in_use(product_id)
    before: Schema | None = None
    lines: list[SchemaLine] = []
    for number, row in numbered:
        schema = schema_of_row(row)
        changes = schema_changes(before, schema) if before else []
        lines.append(SchemaLine(number, schema, row, changes, schema is in_use))
        before = schema
    return lines[::-1]
