"""The published schema: applications are described from `ml.schema`, errors are named in every operation."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema

from ml.schema import FEATURES, LOAN_ID, Feature
from ml.values import LOAN_ID_LENGTH, LOAN_ID_PATTERN

Schema = dict[str, Any]
_APPLICATION: Schema = {"$ref": "#/components/schemas/Application"}
_GAPS = [None, ""]

# An array is taken when at least one of its rows is good; the others come back as errors.
APPLICATIONS: Schema = {
    "anyOf": [
        _APPLICATION,
        {
            "type": "array",
            "items": {"anyOf": [_APPLICATION, {"type": "object"}]},
            "contains": _APPLICATION,
            "minItems": 1,
            "maxItems": settings.MAX_ROWS,
        },
    ]
}
ARTICLE_BODY: Schema = {
    "anyOf": [
        {"type": "array", "items": {"type": "object"}, "minItems": 1},
        {"type": "string", "description": "The same array as JSON text, as the article's client sends it."},
    ]
}
ARTICLE_REPLY: Schema = {
    "type": "object",
    "required": ["predictions"],
    "properties": {
        "predictions": {
            "type": "string",
            "description": 'JSON text: [{"0": Loan_ID, "1": 1 if approved, else 0}, ...] in the order of rows.',
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
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Error"}},
    },
}


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def application_schema() -> Schema:
    """Return the JSON schema of one application."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [feature.column for feature in FEATURES if not feature.optional],
        "properties": {LOAN_ID: _loan_id(), **{f.column: _property(f) for f in FEATURES}},
    }


def add_components(result: Schema, **kwargs: Any) -> Schema:
    """Postprocessing hook: publish the application's schema as a component."""
    result["components"]["schemas"]["Application"] = application_schema()
    return result


class TokenScheme(OpenApiAuthenticationExtension):
    """How a token is sent."""

    target_class = "predictions.api.authentication.RememberingTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: SpectacularSchema) -> Schema:
        description = "The word Token, a space, and the token: `Authorization: Token ...`"
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}


class AutoSchema(SpectacularSchema):
    """Names in every operation the failures that can happen to it."""

    def get_tags(self) -> list[str]:
        return ["Loansite"]

    def _get_response_bodies(self, direction: Any = "response") -> Schema:
        bodies: Schema = super()._get_response_bodies(direction)
        for code in self._failures():
            bodies.setdefault(code, self._get_response_for_code(_errors(), code))
        return bodies

    def _failures(self) -> list[str]:
        public = not self.view.get_authenticators()
        failures = ["429", "503"] if public else ["401", "403", "429", "503"]
        if self.method == "POST":
            failures += ["400", "409", "411", "413", "415"]
        if self.method == "GET" and not public:
            failures += ["400", "404"]
        return failures


def _errors() -> Any:
    from predictions.api.serializers import ErrorsSerializer

    return ErrorsSerializer


def _loan_id() -> Schema:
    text = {"type": "string", "maxLength": LOAN_ID_LENGTH, "pattern": LOAN_ID_PATTERN}
    return {"anyOf": [text, {"enum": _GAPS}], "description": "Made for the caller when absent."}


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
