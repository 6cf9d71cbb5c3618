"""The published schema: applications come from `ml.applications.schema`, every operation names its errors."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter

from ml.applications.schema import FEATURES, LOAN_ID, Feature
from ml.applications.values import INVISIBLE, LOAN_ID_LENGTH, UNPRINTABLE, combining_mark_ranges
from predictions.api.calls.query import declared_parameters
from predictions.models import Decision
from predictions.words.written import NOTE_LENGTH, PLAIN_LINE, REASON_LENGTH

Schema = dict[str, Any]


def reference(name: str, kind: str = "schemas") -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


_GAPS = [None, ""]
IDEMPOTENCY_KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[ -~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="Sent again within 24 hours with the same body, the call is not repeated: its answer is.",
)
ARTICLE_REPLY: Schema = {
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
ARTICLE_ERROR: Schema = {
    "type": "object",
    "required": ["status", "message", "errors"],
    "properties": {
        "status": {"type": "integer"},
        "message": {"type": "string"},
        "errors": {"type": "array", "items": reference("Error")},
    },
}


def activation_schema() -> Schema:
    """Return the JSON schema of a request to activate a version."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["reason"],
        "properties": {
            "reason": PLAIN_LINE | {"maxLength": REASON_LENGTH, "description": "Why; for the timeline."},
            "override": {
                "type": "boolean",
                "default": False,
                "description": "Activate it although the gate refuses it; audited.",
            },
        },
    }


def decision_schema() -> Schema:
    """Return the JSON schema of a person's decision."""
    why = "Needed when the verdict differs from what the model advises, `approved`."
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["verdict"],
        "properties": {
            "verdict": {"enum": Decision.Verdict.values},
            "code": {"enum": ["", *Decision.Code.values], "default": "", "description": why},
            "note": _note(f"For colleagues; no letter has it. {why}"),
            "applicant_text": _note("For the applicant: the denial letter begins with it."),
        },
    }


def _note(description: str) -> Schema:
    return {"type": "string", "maxLength": NOTE_LENGTH, "default": "", "description": description}


def application_schema() -> Schema:
    """Return the JSON schema of one application."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [feature.column for feature in FEATURES if not feature.optional],
        "properties": {LOAN_ID: _loan_id(), **{f.column: _property(f) for f in FEATURES}},
    }


def article_row_schema() -> Schema:
    """Return the JSON schema of a row of the article's endpoint: it may contain other columns."""
    row = application_schema()
    row["additionalProperties"] = True
    row["required"] = [LOAN_ID, *row["required"]]
    row["properties"][LOAN_ID] = loan_id_text()
    return row


def add_components(result: Schema, **kwargs: Any) -> Schema:
    """Postprocessing hook: publish what no serializer describes."""
    result["components"]["headers"] = _HEADERS
    result["components"]["schemas"] |= {
        "ActivationWish": activation_schema(),
        "Application": application_schema(),
        "Applications": _applications(),
        "ArticleRow": article_row_schema(),
        "ArticleRows": _article_rows(),
        "DecisionWish": decision_schema(),
    }
    return result


def _array(**items: Any) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": settings.MAX_ROWS} | items


def _applications() -> Schema:
    """Return the JSON schema of applications: one, or an array in which at least one row is valid."""
    row = reference("Application")
    return {"anyOf": [row, _array(items={"anyOf": [row, {"type": "object"}]}, contains=row)]}


def _article_rows() -> Schema:
    text = {"type": "string", "description": "The same array as JSON text, as the article's client sends it."}
    return {"anyOf": [_array(items=reference("ArticleRow")), text]}


class TokenScheme(OpenApiAuthenticationExtension):
    """How a token is sent."""

    target_class = "predictions.api.calls.access.RememberingTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: SpectacularSchema) -> Schema:
        description = "The word Token, a space, and the token: `Authorization: Token ...`"
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}


_HEADERS: Schema = {
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


class AutoSchema(SpectacularSchema):
    """Adds to every operation its possible errors, and the headers of every reply."""

    def get_tags(self) -> list[str]:
        return ["Loansite"]

    def _get_request_body(self, direction: Any = "request") -> Schema | None:
        body: Schema | None = super()._get_request_body(direction)
        return body and body | {"required": True}

    def _get_response_bodies(self, direction: Any = "response") -> Schema:
        bodies: Schema = super()._get_response_bodies(direction)
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
        return [*failures, *(["409", "422"] if self._idempotent else []), "429"]


def _headers(code: str) -> list[str]:
    special = {"401": ["WWW-Authenticate"], "429": ["Retry-After"], "503": ["Retry-After"]}
    return ["X-Request-ID", *special.get(code, [])]


def _errors() -> Any:
    from predictions.api.serializers import ErrorsSerializer

    return ErrorsSerializer


def loan_id_text() -> Schema:
    return PLAIN_LINE | {
        "not": {"pattern": f"[{UNPRINTABLE}{INVISIBLE}]|^[{combining_mark_ranges()}]"},
        "description": f"Stored in Unicode's form NFC, in which it has at most {LOAN_ID_LENGTH} characters.",
    }


def _loan_id() -> Schema:
    return {"anyOf": [loan_id_text(), {"enum": _GAPS}], "description": "Made for the caller when absent."}


def _property(feature: Feature) -> Schema:
    description = " ".join(filter(None, [feature.label + ".", feature.help]))
    if feature.choices:
        numbers = [int(number) for number, _ in feature.numbers]
        gaps = _GAPS if feature.optional else []
        return {"enum": [*map(_plain, feature.values), *numbers, *gaps], "description": description}
    number: Schema = {"type": "number", "maximum": feature.maximum}
    number |= {"minimum": feature.minimum} if feature.above is None else {"exclusiveMinimum": feature.above}
    if not feature.optional:
        return number | {"description": description}
    return {"anyOf": [number, {"enum": _GAPS}], "description": description}


def _plain(value: str | float) -> str | int:
    return int(value) if isinstance(value, float) else value
