"""The view of applicants, which a migration drops before it changes the table of predictions."""

from typing import Any

# The eleven values are for servers of the release before. A later release drops them.
TEXTS = {"gender": 0, "married": 1, "dependents": 2, "education": 3, "self_employed": 4, "property_area": 10}
NUMBERS = {
    "applicant_income": 5,
    "coapplicant_income": 6,
    "loan_amount": 7,
    "loan_amount_term": 8,
    "credit_history": 9,
}
VALUES = {
    "sqlite": ("json_extract(last.inputs, '$[{place}]')", "json_extract(last.inputs, '$[{place}]')"),
    "postgresql": ("last.inputs ->> {place}", "CAST(last.inputs ->> {place} AS double precision)"),
}
SAME = {"sqlite": "IS", "postgresql": "IS NOT DISTINCT FROM"}
VIEW = """CREATE VIEW predictions_applicant AS
SELECT this.id, {added}this.owner_id, this.loan_id, {values}, this.created_at, last.created_at AS updated_at
FROM predictions_prediction this JOIN predictions_prediction last ON last.id = (
    SELECT MAX(p.id) FROM predictions_prediction p
    WHERE p.loan_id = this.loan_id AND p.owner_id = this.owner_id{same}
)
WHERE NOT EXISTS (
    SELECT 1 FROM predictions_prediction p
    WHERE p.loan_id = this.loan_id AND p.owner_id = this.owner_id{same} AND p.id < this.id
)"""
BY_ENTRY = """CREATE VIEW predictions_applicant AS
SELECT this.id, {added}this.owner_id, this.loan_id, {values}, this.created_at, last.created_at AS updated_at
FROM predictions_prediction this JOIN predictions_prediction last ON last.id = (
    SELECT MAX(e.prediction_id) FROM predictions_loanidentry e
    WHERE e.run IN ({runs}) AND e.loan_id = this.loan_id AND e.owner_id = this.owner_id{same}
)
WHERE NOT EXISTS (
    SELECT 1 FROM predictions_loanidentry e
    WHERE e.run IN ({runs}) AND e.loan_id = this.loan_id AND e.owner_id = this.owner_id{same}
    AND e.prediction_id < this.id
)"""
RUNS = "0, 1, 2"
ADDED = "this.product_id, last.inputs, last.model_version_id, "


def drop_view(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP VIEW predictions_applicant")


def create_view(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    same = f" AND p.product_id {SAME[vendor]} this.product_id"
    schema_editor.execute(VIEW.format(values=_values(vendor), added=ADDED, same=same))


def create_view_by_entry(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    same = f" AND e.product_id {SAME[vendor]} this.product_id"
    schema_editor.execute(BY_ENTRY.format(values=_values(vendor), added=ADDED, same=same, runs=RUNS))


def create_view_before(apps: Any, schema_editor: Any) -> None:
    values = _values(schema_editor.connection.vendor)
    schema_editor.execute(VIEW.format(values=values, added="", same=""))


def _values(vendor: str) -> str:
    text, number = VALUES[vendor]
    values = [f"{text.format(place=place)} AS {name}" for name, place in TEXTS.items()]
    values += [f"{number.format(place=place)} AS {name}" for name, place in NUMBERS.items()]
    return ", ".join(values)
