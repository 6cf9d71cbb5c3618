"""The published schema: applications come from a product's schema, every operation names its errors."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import Schema
from predictions.api import product_paths
from predictions.api.calls.query import declared_parameters
from predictions.api.cases.decision_schemas import (
    NOTED_AT_FIRST,
    NotedCodes,
    decision_schemas,
    noted_codes,
)
from predictions.api.json_schemas import (
    JsonSchema,
    activation_schema,
    application_schema,
    application_wishes,
    applications_schema,
    article_row_schema,
    article_rows_schema,
    declared_schema,
    policy_schema,
    reference,
    refusal_schema,
    simulation_schema,
    stored_values,
    values_schema,
)
from predictions.live import active_model, products
from predictions.models import BUILT_IN

IDEMPOTENCY_KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[ -~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="Sent again within 24 hours with the same body, the call is not repeated: its answer is.",
)
ARTICLE_REPLY: JsonSchema = {
    "type": "object",
    "required": ["predictions"],
    "properties": {
        "predictions": {
            "type": "string",
            "description": 'JSON text: [{"0": Loan_ID, "1": 1 if approved, else 0}, ...] in order.',
            "example": '[{"0":"LP001015","1":1}]',
        }
    },
}
ARTICLE_ERROR: JsonSchema = {
    "type": "object",
    "required": ["status", "message", "errors"],
    "properties": {
        "status": {"type": "integer"},
        "message": {"type": "string"},
        "errors": {"type": "array", "items": reference("Error")},
    },
}


def add_components(result: JsonSchema, *, request: Request | None, **kwargs: Any) -> JsonSchema:
    """Postprocessing hook: publish what no serializer describes.

    Plain addresses describe the default product and list the others; the document below a product's address
    is of this product alone. Without a request, which a command has not, it is the built-in product.
    """
    result["components"]["headers"] = _HEADERS
    components = result["components"]["schemas"]
    article_schema = built_in() if request is None else active_model.schema_in_use(BUILT_IN)
    components |= {
        "ActivationWish": activation_schema(),
        "Applications": applications_schema(),
        "ArticleRow": article_row_schema(article_schema),
        "ArticleRows": article_rows_schema(),
        "DeclaredSchema": declared_schema(),
        "PolicyWish": policy_schema(),
        "RefusalWish": refusal_schema(),
        "SimulationWish": simulation_schema(),
        "ValuesWish": values_schema(),
        **application_wishes(),
    }
    result["components"]["schemas"] = components
    if request is None:
        components |= _of_product(article_schema, components, NOTED_AT_FIRST)
        return result
    return _with_products(result, request)


def _with_products(result: JsonSchema, request: Request) -> JsonSchema:
    product = products.product_of(request._request)
    components = result["components"]["schemas"]
    noted = noted_codes()
    own = _of_product(active_model.schema_in_use(product.pk), components, noted)
    if product_paths.is_mounted(request._request):
        components |= own
        return product_paths.only(result, product)
    for other in products.every():
        if other.pk != product.pk and not other.retired:
            schema = active_model.schema_in_use(other.pk)
            product_paths.add(result, other, _of_product(schema, components, noted))
    components |= own
    return result


def _of_product(schema: Schema, components: JsonSchema, noted: NotedCodes) -> JsonSchema:
    """Return the components that differ from product to product."""
    applicant = dict(components["Applicant"])
    last = ("created_at", "updated_at")
    given = applicant["properties"]
    applicant["properties"] = {
        **{name: given[name] for name in given if name not in last},
        **stored_values(schema),
        **{name: given[name] for name in last},
    }
    applicant["required"] = sorted(applicant["properties"])
    return {
        "Applicant": applicant,
        "Application": application_schema(schema),
        "Applications": components["Applications"],
        "PaginatedApplicantList": components["PaginatedApplicantList"],
        **decision_schemas(schema, noted),
    }


class TokenScheme(OpenApiAuthenticationExtension):
    """How a token is sent: after the word Token, or after Bearer."""

    target_class = "predictions.api.calls.access.RememberingTokenAuthentication"
    name = ["token", "bearer"]

    def get_security_definition(self, auto_schema: SpectacularSchema) -> list[JsonSchema]:
        description = "The word Token, a space, and the token: `Authorization: Token ...`"
        return [
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": description},
            {"type": "http", "scheme": "bearer", "description": "The same token, after the word Bearer."},
        ]

    def get_security_requirement(self, auto_schema: SpectacularSchema) -> list[JsonSchema]:
        return [{name: []} for name in self.name]


_HEADERS: JsonSchema = {
    "X-Request-ID": {"required": True, "schema": {"type": "string"}},
    "WWW-Authenticate": {"required": True, "schema": {"const": "Token"}},
    "Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 0}, "description": "Seconds."},
}
_MEANINGS = {
    "200": "What was asked for.",
    "400": "The request is refused; nothing is stored.",
    "401": "No credentials, or bad ones.",
    "403": "Not for this caller's role.",
    "404": "Nothing there, or not this caller's to see.",
    "409": "Not as things stand: the gate refuses it, somebody was quicker, a retry too early.",
    "411": "No Content-Length.",
    "413": "Too many bytes or rows.",
    "415": "Not plain JSON in UTF-8.",
    "422": "The Idempotency-Key belongs to another call.",
    "429": "Too many requests of this caller.",
    "503": "Not ready: no model, or no database.",
}
_TOO_LONG = "A request line of more than 4,094 bytes, answered by the server without an error object."


class AutoSchema(SpectacularSchema):
    """Adds to every operation its possible errors, and the headers of every reply."""

    def get_operation(self, *args: Any, **options: Any) -> Any:
        operation = super().get_operation(*args, **options)
        if operation and any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
            operation["responses"]["414"] = {"description": _TOO_LONG}
        return operation

    def get_tags(self) -> list[str]:
        return ["Loansite"]

    def _get_request_body(self, direction: Any = "request") -> JsonSchema | None:
        body: JsonSchema | None = super()._get_request_body(direction)
        return body and body | {"required": True}

    def _get_response_bodies(self, direction: Any = "response") -> JsonSchema:
        bodies: JsonSchema = super()._get_response_bodies(direction)
        for code in self._failures():
            bodies.setdefault(code, self._get_response_for_code(_errors(), code))
        for code, body in bodies.items():
            body["description"] = body["description"] or _MEANINGS.get(code, "")
            body["headers"] = {name: reference(name, "headers") for name in _headers(code)}
        return bodies

    def get_override_parameters(self) -> list[Any]:
        key = [IDEMPOTENCY_KEY_PARAMETER] if self._idempotent else []
        return [*super().get_override_parameters(), *declared_parameters(self._handler), *key]

    @property
    def _idempotent(self) -> bool:
        return hasattr(self._handler, "idempotent")

    @property
    def _handler(self) -> Any:
        return getattr(self.view, getattr(self.view, "action", None) or self.method.lower())

    def _failures(self) -> list[str]:
        failures = ["401", "403"] if self.view.get_authenticators() else []
        if self.method == "POST" and "{" in self.path:
            failures += ["404", "409"]
        if self.method == "POST":
            failures += ["400", "411", "413", "415", "503"]
        elif self._is_list_view():
            failures += ["400", "404", "503"]
        elif self.path.endswith("}/"):
            failures += ["404", "503"]
        elif "{" in self.path:
            failures += ["400", "404", "409", "503"]
        else:
            failures += ["400", "503"] if hasattr(self._handler, "lists") else ["503"]
        return [*failures, *(["409", "422"] if self._idempotent else []), "429"]


def _headers(code: str) -> list[str]:
    special = {"401": ["WWW-Authenticate"], "429": ["Retry-After"], "503": ["Retry-After"]}
    return ["X-Request-ID", *special.get(code, [])]


def _errors() -> Any:
    from predictions.api.serializers import ErrorsSerializer

    return ErrorsSerializer
