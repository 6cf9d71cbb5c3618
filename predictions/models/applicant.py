from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from ml.applications.schema import FEATURES
from ml.applications.values import LOAN_ID_LENGTH, from_json, from_text, loan_id_from_json
from ml.errors import InvalidValue
from predictions.models.fields import feature_field
from predictions.models.querysets import OwnedQuerySet


class Applicant(models.Model):
    """One loan application as it was last scored; its owner and Loan_ID are its key.

    A view of the database: its id is the first prediction's, its values are the last one's. A migration that
    changes the predictions' table takes the view away first, and puts it back.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    loan_id = models.CharField("Loan_ID", max_length=LOAN_ID_LENGTH)
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
        """Hold features to ml's rules, the ones of every other door, and the rest to Django's."""
        excluded = set(exclude or ())
        errors: dict[str, ValidationError] = {}
        for feature in FEATURES:
            if feature.name not in excluded:
                _clean(self, feature.name, lambda value, f=feature: _clean_value(f, value), errors)
        if "loan_id" not in excluded:
            _clean(self, "loan_id", loan_id_from_json, errors)
        try:
            super().clean_fields(excluded | {feature.name for feature in FEATURES} | errors.keys())
        except ValidationError as error:
            errors |= {name: ValidationError(faults) for name, faults in error.error_dict.items()}
        if errors:
            raise ValidationError(errors)


def _clean_value(feature: Any, value: object) -> Any:
    return from_text(feature, value) if isinstance(value, str) else from_json(feature, value)


def _clean(instance: Applicant, name: str, clean: Any, errors: dict[str, ValidationError]) -> None:
    try:
        setattr(instance, name, clean(getattr(instance, name)))
    except InvalidValue as error:
        errors[name] = ValidationError(error.detail, code=error.code)
