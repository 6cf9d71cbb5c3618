"""Products and the versions of their schemas by API: anybody lists and reads, model managers add."""

from typing import Any

from django.http import Http404, HttpRequest
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.values import show_value
from ml.schemas.facts import facts_of
from ml.schemas.schema import Schema
from predictions.api.calls.access import MayChangeProducts
from predictions.api.calls.body import read_object
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import StrictQuery
from predictions.api.json_schemas import reference
from predictions.api.serializers import (
    ProductDetailSerializer,
    ProductsSerializer,
    SchemaAddedSerializer,
    SchemaDetailSerializer,
    SchemasSerializer,
)
from predictions.live import active_model, products
from predictions.live.products import product_of
from predictions.models import Product
from predictions.reading import schema_versions
from predictions.reading.schema_versions import NumberedSchema
from predictions.services.policies.idle_checks import IdleCheck, idle_checks
from predictions.services.products.products import add_product
from predictions.services.products.schemas import add_schema_version
from predictions.web.mounts import API, mount_of

_BODY = {"application/json": reference("DeclaredSchema")}
JSON = dict[str, Any]


class _OfProducts(StrictQuery):
    """Reading needs no credentials."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        return super().get_authenticators() if self._writes else []

    def get_permissions(self) -> list[BasePermission]:
        return [MayChangeProducts()] if self._writes else []

    @property
    def _writes(self) -> bool:
        request: HttpRequest | None = self.request  # none yet where the published schema is made
        return request is not None and request.method == "POST" and hasattr(self, "post")


class ProductsView(_OfProducts):
    @extend_schema(
        operation_id="products_list",
        summary="Products, the oldest first",
        auth=[],
        responses=ProductsSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response({"results": [_product_json(product) for product in products.every()]})

    @extend_schema(
        summary="Add a product, with the first version of its schema",
        request=_BODY,
        responses={201: OpenApiResponse(ProductDetailSerializer, "Added.")},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        schema, reason = _requested_schema(request)
        product = add_product(schema=schema, by=request.user, reason=reason)
        return Response(_product_detail(product), status=201)


class ProductView(_OfProducts):
    @extend_schema(summary="One product, with its schema", auth=[], responses=ProductDetailSerializer)
    def get(self, request: Request, name: str) -> Response:
        return Response(_product_detail(products.named(name)))


class SchemasView(_OfProducts):
    @extend_schema(
        operation_id="schemas_list",
        summary="Versions of the schema, newest first",
        auth=[],
        responses=SchemasSerializer,
    )
    def get(self, request: Request) -> Response:
        versions = schema_versions.every(product_of(request).pk)
        in_use = active_model.schema_in_use(product_of(request).pk)
        return Response({"results": [_schema_json(version, in_use) for version in versions]})

    @extend_schema(
        summary="Add a version of the schema: models trained from then on read it",
        request=_BODY,
        responses={201: OpenApiResponse(SchemaAddedSerializer, "Added.")},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        schema, reason = _requested_schema(request)
        product = product_of(request)
        added = add_schema_version(product=product, schema=schema, by=request.user, reason=reason)
        checks = idle_checks(product_id=product.pk, schema=schema)
        warnings = {"warnings": list(map(IdleCheck._asdict, checks))}
        return Response(_schema_detail(product, added.number) | warnings, status=201)


class SchemaVersionView(_OfProducts):
    @extend_schema(
        operation_id="schemas_retrieve",
        summary="One version of the schema",
        auth=[],
        responses=SchemaDetailSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(_schema_detail(product_of(request), int(number)))


def _product_json(product: Product) -> JSON:
    return {
        "name": product.name,
        "title": product.title,
        "default": product.is_default,
        "retired": product.retired,
        "addresses": {
            "pages": mount_of(product),
            "api": f"{API}{product.name}/",
            "schema": f"{API}{product.name}/schema/",
            "docs": f"{API}{product.name}/docs/",
        },
        "schema": schema_versions.number_in_use(product.pk, active_model.schema_in_use(product.pk)),
    }


def _product_detail(product: Product) -> JSON:
    in_use = active_model.schema_in_use(product.pk)
    return _product_json(product) | {"digest": in_use.digest, "facts": facts_of(in_use)}


def _schema_json(version: NumberedSchema, in_use: Schema) -> JSON:
    digest = version.schema.digest
    return {"number": version.number, "digest": digest, "at": version.at, "in_use": version.schema is in_use}


def _schema_detail(product: Product, number: int) -> JSON:
    for version in schema_versions.every(product.pk):
        if version.number == number:
            in_use = active_model.schema_in_use(product.pk)
            return _schema_json(version, in_use) | {"facts": facts_of(version.schema)}
    raise Http404


def _requested_schema(request: Request) -> tuple[Schema, str]:
    """Read the body: a reason, and a schema as TOML text or as the values of the file."""
    from ml.schemas.toml import read_schema, schema_from_facts  # the parser: those who only read need none

    body = {"reason": "", "schema": None} | read_object(request, {"reason", "schema"})
    declared, reason = body["schema"], body["reason"]
    if not isinstance(reason, str):
        raise ValidationError({"reason": f"{show_value(reason)} is not a text."}, code="invalid")
    if isinstance(declared, str):
        return read_schema(declared), reason
    if isinstance(declared, dict):
        return schema_from_facts(declared), reason
    detail = f"{show_value(declared)} is no schema; expected an object, or a TOML text."
    raise ValidationError({"schema": detail}, code="invalid")
