from django.core.validators import MinValueValidator
from django.db import models


def _choices(*values: str) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


class Application(models.Model):
    """An application and its prediction. The fields are named after the columns of the table."""

    Loan_ID = models.CharField(max_length=64, db_index=True)
    Gender = models.CharField(max_length=16, choices=_choices("Male", "Female"), null=True)  # noqa: DJ001
    Married = models.CharField(max_length=16, choices=_choices("Yes", "No"), null=True)  # noqa: DJ001
    Dependents = models.CharField(max_length=16, choices=_choices("0", "1", "2", "3+"), null=True)  # noqa: DJ001
    Education = models.CharField(max_length=16, choices=_choices("Graduate", "Not Graduate"))
    Self_Employed = models.CharField(max_length=16, choices=_choices("Yes", "No"), null=True)  # noqa: DJ001
    ApplicantIncome = models.FloatField(validators=[MinValueValidator(0)])
    CoapplicantIncome = models.FloatField(validators=[MinValueValidator(0)])
    LoanAmount = models.FloatField(validators=[MinValueValidator(0)], null=True)
    Loan_Amount_Term = models.FloatField(validators=[MinValueValidator(0)], null=True)
    Credit_History = models.FloatField(null=True)
    Property_Area = models.CharField(max_length=16, choices=_choices("Urban", "Semiurban", "Rural"))
    approval_probability = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.Loan_ID
