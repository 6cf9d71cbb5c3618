"""Give each prediction its Loan_ID; backwards, make the applicants again of what predictions hold."""

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


def fill_applicants(apps: Any, schema_editor: Any) -> None:
    Applicant, Prediction = (apps.get_model("predictions", name) for name in ("Applicant", "Prediction"))
    rows, last = Prediction.objects.order_by("pk"), 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        applicants = {(row.owner_id, row.loan_id): _applicant(Applicant, row) for row in chunk}
        Applicant.objects.bulk_create(
            applicants.values(),
            update_conflicts=True,
            unique_fields=["owner", "loan_id"],
            update_fields=[*COLUMNS, "updated_at"],
        )
        last = chunk[-1].pk
    same = Applicant.objects.filter(owner=OuterRef("owner"), loan_id=OuterRef("loan_id"))
    Prediction.objects.update(applicant=Subquery(same.values("pk")))


def _applicant(model: Any, row: Any) -> Any:
    values = {name: row.inputs[column] for name, column in COLUMNS.items()}
    times = {"created_at": row.created_at, "updated_at": row.created_at}
    return model(owner_id=row.owner_id, loan_id=row.loan_id, **values, **times)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0020_loan_id_of_predictions")]

    operations = [migrations.RunPython(fill_loan_ids, fill_applicants)]
