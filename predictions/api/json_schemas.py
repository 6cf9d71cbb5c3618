"""JSON schemas of what callers send, and of applications in replies, by a product's schema."""

from typing import Any

from django.conf import settings

from ml.applications.values import INVISIBLE, LOAN_ID_LENGTH, UNPRINTABLE, combining_mark_ranges
from ml.expressions.sizes import LARGEST, SMALLEST
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import LOAN_ID, Schema
from predictions.models import Policy
from predictions.reading.filters import KEY_SCHEMA
from predictions.services.policies.policies import SECOND_FIELDS
from predictions.words.written import HOLD_LENGTH, NOTE_LENGTH, NOTICE_LENGTH, PLAIN_LINE, REASON_LENGTH

JsonSchema = dict[str, Any]
_GAPS = [None, ""]
NEWEST = KEY_SCHEMA | {"description": "The newest prediction that the caller saw; another one is 409."}


def reference(name: str, kind: str = "schemas") -> JsonSchema:
    return {"$ref": f"#/components/{kind}/{name}"}


def activation_schema() -> JsonSchema:
    """Return the JSON schema of a request to activate a version."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["reason"],
        "properties": {
            "reason": reason_text("Why; for the timeline."),
            "override": {
                "type": "boolean",
                "default": False,
                "description": "Activate it although the gate refuses it; audited.",
            },
            "confirm_means": {
                "type": "boolean",
                "default": False,
                "description": "Confirm what a good outcome means; needed once for a drafted schema.",
            },
        },
    }


def reason_text(description: str) -> JsonSchema:
    return PLAIN_LINE | {"maxLength": REASON_LENGTH, "description": description}


def values_schema() -> JsonSchema:
    """Return the JSON schema of values that somebody fills in or corrects."""
    properties: JsonSchema = {
        "values": {
            "type": "object",
            "minProperties": 1,
            "description": "The changed values by column, as in an application.",
        },
        "why": note_text("For colleagues: why the values are changed."),
    }
    return _wish(properties, required=["values"])


def application_wishes() -> dict[str, JsonSchema]:
    """Return the JSON schemas of what is asked for on applications, by component."""
    text: JsonSchema = {"type": "string", "minLength": 1}
    note = text | {"maxLength": NOTE_LENGTH, "description": "For colleagues."}
    asked = text | {"maxLength": HOLD_LENGTH, "description": "What the applicant was asked for."}
    until = {"type": "string", "format": "date", "description": "The last day, within 180 days."}
    to = text | {"description": "User name of an account that may decide."}
    into = KEY_SCHEMA | {"description": "The id of the application that goes on."}
    letter = text | {"maxLength": NOTICE_LENGTH, "description": "The letter; without it its draft is saved."}
    after = {"type": "integer", "default": 0, "description": "The newest text that you saw, 0 if none."}
    fields: dict[str, JsonSchema] = {
        "ClaimWish": {},
        "HoldWish": {"asked": asked, "until": until},
        "HoldEndWish": {},
        "NoteWish": {"text": note},
        "WithdrawalWish": {"reason": reason_text("Why; for colleagues.")},
        "AssignmentWish": {"to": to},
        "LetterWish": {"text": letter, "after": after},
        "LetterConfirmation": {"seen": KEY_SCHEMA | {"description": "The id of the text that was read."}},
        "MergerWish": {"into": into, "reason": reason_text("Why; both histories have it.")},
    }
    free = {"LetterWish"}  # wishes that may be empty
    return {
        name: _wish(own | {"prediction": NEWEST}, required=[] if name in free else [*own])
        for name, own in fields.items()
    }


def policy_schema() -> JsonSchema:
    """Return the JSON schema of a policy that somebody adopts."""
    second: JsonSchema = {"type": "boolean", "description": "Whether a second person must confirm it."}
    properties = _tried_policy() | {
        **dict.fromkeys(SECOND_FIELDS, second),
        "reason": reason_text("Why; for the list of policies."),
        "replaces": KEY_SCHEMA | {"description": "The policy that you saw; else it is not compared."},
    }
    return _wish(properties, required=["reason"])


def simulation_schema() -> JsonSchema:
    """Return the JSON schema of a simulation of a policy."""
    moment = {"type": ["string", "null"], "format": "date-time"}
    newest = {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 10_000}
    return _wish(_tried_policy() | {"newest": newest, "since": moment, "until": moment}, required=[])


def _wish(properties: JsonSchema, required: list[str]) -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _tried_policy() -> JsonSchema:
    share: JsonSchema = {"type": "number", "minimum": 0, "maximum": 1}
    end: JsonSchema = share | {"type": ["number", "null"]}
    text: JsonSchema = {"type": "string"}
    rule = {"code": text, "when": text, "action": {"enum": ["refer", "deny"]}, "officer": text}
    return {
        "threshold": share,
        "refer_low": end,
        "refer_high": end,
        "refer_gaps": {"type": "boolean"},
        "remarks": {"enum": Policy.Remarks.values},
        "limit_amount": {"type": ["number", "null"], "minimum": SMALLEST, "maximum": LARGEST},
        "rules": {"type": "array", "items": _wish(rule | {"applicant": text}, required=[*rule])},
    }


def refusal_schema() -> JsonSchema:
    """Return the JSON schema of a refusal of a proposal."""
    text = {
        "type": "string",
        "minLength": 1,
        "maxLength": NOTE_LENGTH,
        "description": "Why; for whoever proposed it.",
    }
    return _wish({"text": text}, required=["text"])


def note_text(description: str) -> JsonSchema:
    return {"type": "string", "maxLength": NOTE_LENGTH, "default": "", "description": description}


def declared_schema() -> JsonSchema:
    """Return the JSON schema of a schema that somebody declares."""
    facts = "The file's values, or the TOML text of the whole file."
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["reason", "schema"],
        "properties": {
            "reason": reason_text("Why; for the audit log."),
            "schema": {"type": ["object", "string"], "description": facts},
        },
    }


def application_schema(schema: Schema) -> JsonSchema:
    """Return the JSON schema of one application."""
    application = {
        "type": "object",
        "additionalProperties": False,
        "required": list(schema.required),
        "properties": {
            **{name: _loan_id() for name in dict.fromkeys((LOAN_ID, schema.id_field))},
            **{feature.column: _property(feature) for feature in schema.features},
        },
    }
    if schema.id_field != LOAN_ID:  # one ID, under one of its two names
        application["not"] = {"required": [LOAN_ID, schema.id_field]}
    return application


def applications_schema() -> JsonSchema:
    """Return the JSON schema of applications: one, or an array in which at least one row is valid."""
    row = reference("Application")
    return {"anyOf": [row, _array(items={"anyOf": [row, {"type": "object"}]}, contains=row)]}


def article_row_schema(schema: Schema) -> JsonSchema:
    """Return the JSON schema of a row of the article's endpoint: it may contain other columns."""
    row = application_schema(schema)
    row["additionalProperties"] = True
    row["required"] = [LOAN_ID, *row["required"]]
    row["properties"][LOAN_ID] = loan_id_text()
    return row


def article_rows_schema() -> JsonSchema:
    text = {"type": "string", "description": "The same array as JSON text, as the article's client sends it."}
    return {"anyOf": [_array(items=reference("ArticleRow")), text]}


def stored_values(schema: Schema) -> JsonSchema:
    """Return the properties of a stored application's values."""
    return {feature.column: _stored_value(feature) for feature in schema.features}


def loan_id_text() -> JsonSchema:
    return PLAIN_LINE | {
        "not": {"pattern": f"[{UNPRINTABLE}{INVISIBLE}]|^[{combining_mark_ranges()}]"},
        "description": f"Stored in Unicode's form NFC, in which it has at most {LOAN_ID_LENGTH} characters.",
    }


def _array(**items: Any) -> JsonSchema:
    return {"type": "array", "minItems": 1, "maxItems": settings.MAX_ROWS} | items


def _loan_id() -> JsonSchema:
    return {"anyOf": [loan_id_text(), {"enum": _GAPS}], "description": "Made for the caller when absent."}


def _property(feature: Feature) -> JsonSchema:
    return sent_value(feature, _GAPS if feature.optional else [])


def sent_value(feature: Feature, gaps: list[Any]) -> JsonSchema:
    """Return the JSON schema of a value as it is sent; `gaps` are what may stand for no value."""
    description = " ".join(filter(None, [feature.label + ".", feature.help]))
    codes = [_plain(code) for code, _ in feature.special]
    if feature.choices:
        numbers = [_plain(number) for number, _ in feature.numbers]
        listed = dict.fromkeys([*map(_plain, feature.values), *numbers, *codes, *gaps])
        return {**_enums([*listed]), "description": description}
    other = codes + gaps
    if not other:
        return _number(feature) | {"description": description}
    enums = _enums(other)
    return {"anyOf": [_number(feature), *enums.get("anyOf", [enums])], "description": description}


def _enums(listed: list[Any]) -> JsonSchema:
    """Return an enum, or one of texts and one of numbers: makers of clients drop a mixed one."""
    texts = [value for value in listed if value is None or isinstance(value, str)]
    numbers = [value for value in listed if not (value is None or isinstance(value, str))]
    return {"anyOf": [{"enum": texts}, {"enum": numbers}]} if texts and numbers else {"enum": listed}


def _number(feature: Feature) -> JsonSchema:
    number: JsonSchema = {"type": "number", "maximum": feature.maximum}
    low = {"minimum": feature.minimum} if feature.above is None else {"exclusiveMinimum": feature.above}
    return number | low


def _plain(value: str | float) -> str | float:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _stored_value(feature: Feature) -> JsonSchema:
    kind = "number" if feature.kind is Kind.NUMBER else "string"
    typed: JsonSchema = {"type": [kind, "null"] if feature.optional else kind}
    if feature.kind is Kind.NUMBER:
        return typed | {"format": "double"}
    gaps = [None] if feature.optional else []
    labels = "\n".join(f"* `{value}` - {label}" for value, label in feature.choices)
    return {"enum": [*feature.values, *gaps], **typed, "description": labels}
