from django.conf import settings
from django.db import models

from ml.applications.values import LOAN_ID_LENGTH
from predictions.models.fields import InputsField
from predictions.models.model_version import ModelVersion
from predictions.models.product import Product
from predictions.models.querysets import InProductQuerySet


class Applicant(models.Model):
    """A loan application as it was last scored, known by its product, its owner and its Loan_ID.

    The table is a database view. The id comes from the application's first prediction, the inputs and the
    model version come from its last. A migration that changes the table of predictions must drop the view
    first and create it again.
    """

    product = models.ForeignKey(Product, models.DO_NOTHING, null=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    loan_id = models.CharField("Loan ID", max_length=LOAN_ID_LENGTH)
    inputs = InputsField()
    model_version = models.ForeignKey(ModelVersion, models.DO_NOTHING, related_name="+")
    created_at = models.DateTimeField("first scored")
    updated_at = models.DateTimeField("last scored")

    objects = InProductQuerySet.as_manager()

    class Meta:
        managed = False
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.loan_id
