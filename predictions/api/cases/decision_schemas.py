"""JSON schemas of decisions: one for each verdict and each way to say why."""

from collections.abc import Mapping, Sequence

from ml.schemas.schema import Schema
from predictions.api.json_schemas import NEWEST, JsonSchema, note_text, reference, sent_value
from predictions.live import decision_codes
from predictions.models import Decision
from predictions.services.cases.decision_checks import LEAST_NOTE
from predictions.services.cases.terms import columns_of_terms

_TWO_WORDS = r"\S\s+\S"
_CODES = "One of `decision-codes/` that is not retired."
_WHY = "Needed when the verdict differs from what the model advises, `approved`; without it 400, `required`."
_NO_CODE: JsonSchema = {"type": "string", "maxLength": 0, "default": ""}
_NO_TERMS: JsonSchema = {"type": ["object", "null"], "maxProperties": 0, "default": None}
NotedCodes = Mapping[str, Sequence[str]]
# Until an admin changes the codes.
NOTED_AT_FIRST: NotedCodes = {verdict: ["other"] for verdict in Decision.Verdict.values}


def noted_codes() -> NotedCodes:
    """Return the offered codes that need a note, by verdict.

    A denial with a code that is for overrides alone is an override, which needs a note.
    """
    offered = [code for code in decision_codes.every().values() if code.retired_at is None]
    return {
        Decision.Verdict.APPROVED: [code.name for code in offered if code.needs_note],
        Decision.Verdict.DENIED: [code.name for code in offered if code.needs_note or not code.for_denials],
    }


def decision_schemas(schema: Schema, noted: NotedCodes) -> dict[str, JsonSchema]:
    """Return the JSON schemas of a person's decision by component, for both addresses that take one."""
    terms = {Decision.Verdict.APPROVED: _terms(schema), Decision.Verdict.DENIED: _NO_TERMS}
    shapes = {
        f"{noun}{ending}": _decision(verdict, why | {"terms": terms[verdict]})
        for noun, verdict in (("Approval", Decision.Verdict.APPROVED), ("Denial", Decision.Verdict.DENIED))
        for ending, why in _reasons(noted[verdict]).items()
    }
    return {
        **shapes,
        **{f"Application{name}": _with_prediction(shape) for name, shape in shapes.items()},
        "DecisionWish": {"oneOf": [reference(name) for name in shapes]},
        "ApplicationDecisionWish": {"oneOf": [reference(f"Application{name}") for name in shapes]},
    }


def _reasons(noted: Sequence[str]) -> dict[str, dict[str, JsonSchema]]:
    """Return the properties that say why, by the ending of the component; each excludes the others."""
    note = note_text(f"For colleagues; no letter has it. {_WHY}")
    code: JsonSchema = {"type": "string", "minLength": 1, "maxLength": 32, "description": f"{_WHY} {_CODES}"}
    if not noted:
        return {"": {"code": _NO_CODE, "note": note}, "WithCode": {"code": code, "note": note}}
    words = {"minLength": LEAST_NOTE, "pattern": _TWO_WORDS, "description": "For colleagues: why."}
    needed = {key: value for key, value in note.items() if key != "default"} | words
    return {
        "": {"code": _NO_CODE, "note": note},
        "WithCode": {"code": code | {"not": {"enum": [*noted]}}, "note": note},
        "WithNote": {"code": {"enum": [*noted], "description": "A code that needs a note."}, "note": needed},
    }


def _decision(verdict: str, properties: dict[str, JsonSchema]) -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["verdict", *(name for name, shape in properties.items() if "default" not in shape)],
        "properties": {
            "verdict": {"const": verdict},
            **properties,
            "applicant_text": note_text("For the applicant: the denial letter begins with it."),
            "after": {
                "type": ["integer", "null"],
                "default": None,
                "description": "The newest decision that the caller saw, 0 if none; else 409.",
            },
        },
    }


def _terms(schema: Schema) -> JsonSchema:
    columns = [schema.by_column[column] for column in columns_of_terms(schema)]
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {feature.column: sent_value(feature, gaps=[]) for feature in columns},
        "default": None,
        "description": "Another amount or term that is approved, by column.",
    }


def _with_prediction(shape: JsonSchema) -> JsonSchema:
    return shape | {"properties": shape["properties"] | {"prediction": NEWEST}}
