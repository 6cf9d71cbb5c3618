"""Give each prediction its Loan_ID, and its inputs as an array without names.

Backwards, make the applicants again of what predictions hold.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

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


def fill_loan_ids(apps: Any, schema_editor: Any) -> None:
    Applicant, Prediction = (apps.get_model("predictions", name) for name in ("Applicant", "Prediction"))
    its = Applicant.objects.filter(pk=OuterRef("applicant_id")).values("loan_id")
    Prediction.objects.update(loan_id=Subquery(its))
    _rewrite(Prediction, schema_editor, lambda row: [row.inputs[column] for column in COLUMNS.values()])


def fill_applicants(apps: Any, schema_editor: Any) -> None:
    Applicant, Prediction = (apps.get_model("predictions", name) for name in ("Applicant", "Prediction"))
    _rewrite(Prediction, schema_editor, lambda row: _by_name(row.inputs) | {"Loan_ID": row.loan_id})
    for chunk in _chunks(Prediction):
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
    Prediction.objects.update(applicant=Subquery(same.values("pk")))


def _by_name(inputs: list[Any]) -> dict[str, Any]:
    return dict(zip(COLUMNS.values(), inputs, strict=True))


def _chunks(model: Any) -> Iterator[list[Any]]:
    rows, last = model.objects.order_by("pk"), 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _rewrite(model: Any, schema_editor: Any, inputs: Callable[[Any], Any]) -> None:
    statement = "UPDATE predictions_prediction SET inputs = %s WHERE id = %s"
    for chunk in _chunks(model):
        values = [(json.dumps(inputs(row), separators=(",", ":")), row.pk) for row in chunk]
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany(statement, values)


def _applicant(model: Any, row: Any, created_at: Any) -> Any:
    values = {name: row.inputs[column] for name, column in COLUMNS.items()}
    times = {"created_at": created_at, "updated_at": row.created_at}
    return model(owner_id=row.owner_id, loan_id=row.loan_id, **values, **times)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0020_loan_id_of_predictions")]

    operations = [migrations.RunPython(fill_loan_ids, fill_applicants)]
