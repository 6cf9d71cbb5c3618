"""Moving Loan_IDs from applicants to predictions, and inputs from names to an array; and back.

Each function works on the rows that still need it and may run any number of times: once beside writers of
the version that goes, and once more behind `lock_tables`, for what they have written since.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from predictions.migrations._locks import check_constraints_now, lock_tables

CHUNK = 1_000
COLUMNS = {
    "gender": "Gender",
    "married": "Married",
    "dependents": "Dependents",
    "education": "Education",
    "self_employed": "Self_Employed",
    "applicant_income": "ApplicantIncome",
    "coapplicant_income": "CoapplicantIncome",
    "loan_amount": "LoanAmount",
    "loan_amount_term": "Loan_Amount_Term",
    "credit_history": "Credit_History",
    "property_area": "Property_Area",
}
_BY_NAME = Q(inputs__has_key="ApplicantIncome")
# In the order in which the earlier version writes to them: who waits for whom never goes round in a circle.
_TABLES = ("predictions_applicant", "predictions_prediction")


def fill_loan_ids(apps: Any, schema_editor: Any) -> None:
    """Give each prediction its Loan_ID, and its inputs as an array without names."""
    Applicant, Prediction = _models(apps)
    by_name = Prediction.objects.filter(_BY_NAME)
    _rewrite(by_name, schema_editor, lambda row: [row.inputs[column] for column in COLUMNS.values()])
    _take_loan_ids(Applicant, Prediction)


def fill_last_loan_ids(apps: Any, schema_editor: Any) -> None:
    """Lock the tables and fill what was written since `fill_loan_ids`."""
    lock_tables(schema_editor, *_TABLES)
    fill_loan_ids(apps, schema_editor)
    check_constraints_now(schema_editor)


def fill_applicants(apps: Any, schema_editor: Any) -> None:
    """Make applicants of the predictions that have none, and inputs by name."""
    Applicant, Prediction = _models(apps)
    _take_loan_ids(Applicant, Prediction)  # of rows that a writer stored after 0021
    as_array = Prediction.objects.exclude(_BY_NAME)
    _rewrite(as_array, schema_editor, lambda row: _by_name(row.inputs) | {"Loan_ID": row.loan_id})
    alone = Prediction.objects.filter(applicant=None)
    for chunk in _chunks(alone):
        applicants: dict[Any, Any] = {}
        for row in chunk:
            first = applicants.get((row.owner_id, row.loan_id), row)
            applicants[row.owner_id, row.loan_id] = _applicant(Applicant, row, first.created_at)
        Applicant.objects.bulk_create(
            applicants.values(),
            update_conflicts=True,
            unique_fields=["owner", "loan_id"],
            update_fields=[*COLUMNS, "updated_at"],
        )
    same = Applicant.objects.filter(owner=OuterRef("owner"), loan_id=OuterRef("loan_id"))
    alone.update(applicant=Subquery(same.values("pk")))


def fill_last_applicants(apps: Any, schema_editor: Any) -> None:
    """Lock the tables and fill what was written since `fill_applicants`."""
    lock_tables(schema_editor, *_TABLES)
    fill_applicants(apps, schema_editor)
    check_constraints_now(schema_editor)


def _models(apps: Any) -> tuple[Any, Any]:
    return apps.get_model("predictions", "Applicant"), apps.get_model("predictions", "Prediction")


def _take_loan_ids(applicants: Any, predictions: Any) -> None:
    its = applicants.objects.filter(pk=OuterRef("applicant_id")).values("loan_id")
    predictions.objects.filter(loan_id=None).update(loan_id=Subquery(its))


def _by_name(inputs: list[Any]) -> dict[str, Any]:
    return dict(zip(COLUMNS.values(), inputs, strict=True))


def _chunks(rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    rows, last = rows.order_by("pk"), 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _rewrite(rows: "QuerySet[Any]", schema_editor: Any, inputs: Callable[[Any], Any]) -> None:
    statement = "UPDATE predictions_prediction SET inputs = %s WHERE id = %s"
    for chunk in _chunks(rows):
        values = [(json.dumps(inputs(row), separators=(",", ":")), row.pk) for row in chunk]
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany(statement, values)


def _applicant(model: Any, row: Any, created_at: Any) -> Any:
    values = {name: row.inputs[column] for name, column in COLUMNS.items()}
    times = {"created_at": created_at, "updated_at": row.created_at}
    return model(owner_id=row.owner_id, loan_id=row.loan_id, **values, **times)
