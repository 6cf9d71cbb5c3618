from collections.abc import Callable, Collection
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from ml.applications.schema import FEATURES, Feature
from ml.applications.values import LOAN_ID_LENGTH, from_json, from_text, loan_id_from_json
from ml.errors import InvalidValue
from predictions.models.fields import feature_field
from predictions.models.querysets import OwnedQuerySet


class Applicant(models.Model):
    """A loan application as it was last scored, known by its owner and Loan_ID.

    The table is a database view. The id comes from the application's first prediction, the values come from
    its last. A migration that changes the table of predictions must drop the view first and create it again.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    loan_id = models.CharField("Loan ID", max_length=LOAN_ID_LENGTH)
    gender = feature_field("Gender")
    married = feature_field("Married")
    dependents = feature_field("Dependents")
    education = feature_field("Education")
    self_employed = feature_field("Self_Employed")
    applicant_income = feature_field("ApplicantIncome")
    coapplicant_income = feature_field("CoapplicantIncome")
    loan_amount = feature_field("LoanAmount")
    loan_amount_term = feature_field("Loan_Amount_Term")
    credit_history = feature_field("Credit_History")
    property_area = feature_field("Property_Area")
    created_at = models.DateTimeField("first scored")
    updated_at = models.DateTimeField("last scored")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        managed = False
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.loan_id

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Check features by the rules of `ml`, as forms, CSV and API do, and other fields by Django's."""
        excluded = set(exclude or ())
        errors: dict[str, ValidationError] = {}
        for feature in FEATURES:
            if feature.name not in excluded:
                _clean(self, feature.name, partial(_clean_value, feature), errors)
        if "loan_id" not in excluded:
            _clean(self, "loan_id", loan_id_from_json, errors)
        try:
            super().clean_fields(excluded | {feature.name for feature in FEATURES} | errors.keys())
        except ValidationError as error:
            errors |= {name: ValidationError(faults) for name, faults in error.error_dict.items()}
        if errors:
            raise ValidationError(errors)


def _clean_value(feature: Feature, value: object) -> str | float | None:
    return from_text(feature, value) if isinstance(value, str) else from_json(feature, value)


def _clean(
    instance: Applicant, name: str, clean: Callable[[object], object], errors: dict[str, ValidationError]
) -> None:
    """Clean one attribute of `instance`, or add its error to `errors`."""
    try:
        setattr(instance, name, clean(getattr(instance, name)))
    except InvalidValue as error:
        errors[name] = ValidationError(error.detail, code=error.code)
