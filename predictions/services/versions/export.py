"""Export a model version as a file for other systems, and as the facts of its model card."""

import json
from dataclasses import dataclass

from ml.errors import ExportError
from ml.sql import DIALECTS
from ml.sql.export import ExportFacts, to_json, to_sql
from predictions.live import active_policy, products
from predictions.live.active_model import as_active, open_version
from predictions.live.schemas import schema_of_version
from predictions.models import Activation, ModelVersion, Policy
from predictions.roles import PERMISSIONS, SCORE
from predictions.services.versions.meanings import meaning_of
from predictions.words.times import site_time

FORMATS = ("sql", "json")
TABLE = "applicants"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    filename: str
    content_type: str
    text: str


def export_version(
    version: ModelVersion,
    *,
    format: str,
    dialect: str | None = None,
    table: str | None = None,
    key: str | None = None,
) -> ExportedFile:
    """Export a version in the format ``"sql"`` or ``"json"``, after its artefact was verified.

    The policy in force of its product goes with it.

    Raises
    ------
    ExportError
        If the version is not a scorecard, or the format, dialect, table or key cannot be used.
    ArtefactError
        If the artefact cannot be trusted.
    """
    if format == "sql":
        return _sql(version, dialect, TABLE if table is None else table, key)
    if format != "json":
        raise ExportError(f"There is no format {format!r}; known: {', '.join(FORMATS)}.")
    if dialect is not None or table is not None or key is not None:
        raise ExportError("Dialect, table and key belong to the format sql; omit them for json.")
    return _json(version)


def _sql(version: ModelVersion, dialect: str | None, table: str, key: str | None) -> ExportedFile:
    if dialect is None:
        raise ExportError(f"The format sql needs a dialect: {', '.join(DIALECTS)}.")
    model = as_active(version, open_version(version))
    policy = active_policy.current(version.product_key)
    text = to_sql(
        model.predictor,
        dialect=dialect,
        table=table,
        key=key,
        rule=policy.rule,
        remarks=model.remarks,
        facts=_facts(version, policy),
    )
    return ExportedFile(f"scorecard-{version.pk}-{dialect}.sql", "application/sql; charset=utf-8", text)


def _json(version: ModelVersion) -> ExportedFile:
    model = as_active(version, open_version(version))
    policy = active_policy.current(version.product_key)
    facts = _facts(version, policy)
    document = to_json(model.predictor, facts=facts, rule=policy.rule, remarks=model.remarks)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return ExportedFile(f"scorecard-{version.pk}.json", "application/json", text)


def _facts(version: ModelVersion, policy: Policy) -> ExportFacts:
    return {
        "schema": version.schema.number if version.schema else 1,
        "policy": policy.pk,
        "model_version": version.pk,
        "recipe": version.recipe,
        "created_at": site_time(version.created_at).isoformat(),
        "manifest_sha256": version.digest,
        "data_name": version.data_name,
        "data_sha256": version.data_digest,
        "synthetic": version.synthetic,
    }


def card_facts(version: ModelVersion) -> dict[str, object]:
    """Return the facts of a version for `ml.reports.card.build_model_card`."""
    product = products.with_key(version.product_key)
    return {
        "name": f"Version {version.pk}",
        "product": None if product.alone else product.title,
        "schema": schema_of_version(version.pk),
        "means_confirmed": meaning_of(version).confirmed,
        "status": version.status,
        "recipe": version.recipe,
        "title": version.get_recipe_display(),
        "columns": version.columns,
        "protected_columns": version.protected_columns,
        "users": [role.value for role, allowed in PERMISSIONS.items() if SCORE in allowed],
        "data": {
            "name": version.data_name,
            "sha256": version.data_digest,
            "synthetic": version.synthetic,
        },
        "trained_at": site_time(version.created_at),
        "report": version.report,
        "activations": [
            _activation_facts(activation) for activation in version.activations.select_related("by")
        ],
    }


def _activation_facts(activation: Activation) -> dict[str, object]:
    return {
        "at": site_time(activation.at),
        "by": activation.by.get_username() if activation.by else None,
        "reason": activation.reason,
        "overridden": activation.overridden,
    }
