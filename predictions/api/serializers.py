"""Shapes of replies, for the published schema and for reading.

Applications are read by `ml.applications` instead: one set of rules for every door, and a hundred
times faster.
"""

import msgspec
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from ml.schemas.features import Kind
from ml.schemas.schema import LOAN_ID
from ml.scorecard.could_be import BISECTION, STEPS
from predictions.models import Applicant, Prediction
from predictions.services.writing.replies import PredictionReply


class ReasonSerializer(serializers.Serializer):
    column = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # the metaclass takes it off the class
    contribution = serializers.FloatField(help_text="In log-odds; below zero speaks against approval.")
    text = serializers.CharField()


class WarningSerializer(serializers.Serializer):
    code = serializers.CharField()
    attr = serializers.CharField(allow_null=True, help_text="The value's column; none of a notice.")
    detail = serializers.CharField()


class CauseSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="`band`, `gap` or `remark:` and the code of a remark.")
    text = serializers.CharField()


class CouldBeSerializer(serializers.Serializer):
    """The largest amount that the policy would approve, with everything else as it is."""

    column = serializers.CharField()
    value = serializers.FloatField()
    approval_probability = serializers.FloatField(source="probability", help_text="With `value`.")
    method = serializers.ChoiceField(
        [BISECTION, STEPS], help_text="`steps`: not monotone, so that every step was tried."
    )


class PredictionSerializer(serializers.Serializer):
    """A stored prediction. base + the contributions of all reasons = log_odds."""

    id = serializers.IntegerField()
    vars()[LOAN_ID] = serializers.CharField()
    approved = serializers.BooleanField(
        help_text="approval_probability >= threshold, and no remark refers it."
    )
    outcome = serializers.ChoiceField(Prediction.Outcome.choices)
    approval_probability = serializers.FloatField(min_value=0, max_value=1)
    threshold = serializers.FloatField()
    log_odds = serializers.FloatField()
    base = serializers.FloatField(allow_null=True)
    reasons = ReasonSerializer(many=True, help_text="One per model column, most adverse first.")
    causes = CauseSerializer(many=True, help_text="All that refers it to a person.")
    missing = serializers.ListField(child=serializers.CharField())
    could_flip = serializers.ListField(
        child=serializers.CharField(), help_text="Missing columns whose value could flip `approved`."
    )
    warnings = WarningSerializer(many=True, help_text="Remarks about its values, and notices.")
    model_version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    request_id = serializers.CharField()
    earlier = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="How often the application was scored before: in the reply to one application, and to an "
        "array with `?earlier=true`.",
    )
    could_be = CouldBeSerializer(
        required=False, allow_null=True, help_text="With `?could_be=true`; null if no amount is approved."
    )

    def to_representation(self, instance: Prediction) -> dict[str, object]:
        reply: dict[str, object] = msgspec.json.decode(msgspec.json.encode(PredictionReply.of(instance)))
        return reply


class ApplicantSerializer(serializers.Serializer):
    """An application as it was last scored."""

    # `api.openapi` adds the columns of the product's schema.
    id = serializers.IntegerField()
    vars()[LOAN_ID] = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, instance: Applicant) -> dict[str, object]:
        return {
            "id": instance.pk,
            LOAN_ID: instance.loan_id,
            **instance.inputs,
            "created_at": instance.created_at,
            "updated_at": instance.updated_at,
        }


class ErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True, help_text="The field at fault, if one is.")
    index = serializers.IntegerField(required=False, help_text="Row of an array, from 0.")
    vars()[LOAN_ID] = serializers.CharField(required=False, allow_null=True)
    id = serializers.IntegerField(required=False, help_text="Of `outdated`: the newest prediction.")


class ErrorsSerializer(serializers.Serializer):
    type = serializers.ChoiceField(["validation_error", "client_error", "server_error"])
    errors = ErrorSerializer(many=True)  # type: ignore[assignment] # as above


class ScoredSerializer(serializers.Serializer):
    scored = serializers.IntegerField()
    refused = serializers.IntegerField()
    predictions = PredictionSerializer(many=True)
    errors = ErrorSerializer(many=True)  # type: ignore[assignment] # as above


class ValidSerializer(serializers.Serializer):
    valid = serializers.IntegerField()
    refused = serializers.IntegerField()
    errors = ErrorSerializer(many=True)  # type: ignore[assignment] # as above


@extend_schema_field({"type": ["string", "number"]})
class _ValueField(serializers.Field):
    """A value as it is sent in an application."""


class ChoiceSerializer(serializers.Serializer):
    value = _ValueField()
    label = serializers.CharField()  # type: ignore[assignment] # as above


class FeatureSerializer(serializers.Serializer):
    column = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # as above
    group = serializers.CharField(help_text="Section of the form.")
    kind = serializers.ChoiceField(list(Kind))
    required = serializers.BooleanField()  # type: ignore[assignment] # as above
    protected = serializers.BooleanField()
    choices = ChoiceSerializer(many=True)
    minimum = serializers.FloatField(allow_null=True)
    above = serializers.FloatField(allow_null=True, help_text="An exclusive lower bound.")
    maximum = serializers.FloatField(allow_null=True)
    unit = serializers.CharField()
    help = serializers.CharField()
    special = ChoiceSerializer(
        many=True, required=False, help_text="Codes in place of a number; left out if there are none."
    )


class ModelColumnSerializer(serializers.Serializer):
    column = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # as above
    sources = serializers.ListField(child=serializers.CharField())
    unit = serializers.CharField()


class SchemaNameSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of the schema.")


class FeaturesSerializer(serializers.Serializer):
    features = FeatureSerializer(many=True)
    model_columns = ModelColumnSerializer(many=True)
    product = serializers.CharField(help_text="Its name in addresses.")
    title = serializers.CharField()
    schema = SchemaNameSerializer()
    id_column = serializers.CharField(
        allow_null=True, help_text="The ID's name in files; null if IDs are made."
    )
    means = serializers.CharField(help_text="What an approval predicts.")


class AddressesSerializer(serializers.Serializer):
    pages = serializers.CharField()
    api = serializers.CharField()
    schema = serializers.CharField(help_text="Its OpenAPI document.")
    docs = serializers.CharField()


class ProductSerializer(serializers.Serializer):
    """A loan product. Addresses that name no product mean the default one."""

    name = serializers.CharField(help_text="Its name in addresses.")
    title = serializers.CharField()
    default = serializers.BooleanField()
    retired = serializers.BooleanField(help_text="It takes no applications; its history can be read.")
    addresses = AddressesSerializer()
    schema = serializers.IntegerField(help_text="Number of the schema by which applications are read.")


class ProductsSerializer(serializers.Serializer):
    results = ProductSerializer(many=True)


class SchemaSerializer(serializers.Serializer):
    """A version of a product's schema."""

    number = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of the schema.")
    at = serializers.DateTimeField(allow_null=True, help_text="Null: it came with the release.")
    in_use = serializers.BooleanField(help_text="Whether applications are read by it.")


class SchemasSerializer(serializers.Serializer):
    results = SchemaSerializer(many=True)


class SchemaDetailSerializer(SchemaSerializer):
    facts = serializers.DictField(help_text="The values of the schema's file.")


class IdleCheckSerializer(serializers.Serializer):
    """A rule of the policy in force, or its limit, that never holds for applications of a schema."""

    code = serializers.CharField(help_text="As among causes: `rule:CODE` or `limit:amount`.")
    attr = serializers.CharField(allow_null=True, help_text="The column that the schema lacks.")
    detail = serializers.CharField()


class SchemaAddedSerializer(SchemaDetailSerializer):
    warnings = IdleCheckSerializer(many=True, help_text="What the policy in force checks in vain by it.")


class ProductDetailSerializer(ProductSerializer):
    digest = serializers.CharField(help_text="SHA-256 of the schema.")
    facts = serializers.DictField(help_text="The values of the schema's file.")


def _either(name: str, *shapes: type[serializers.Serializer]) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer(name, shapes, resource_type_field_name=None)


ARRAY_REPLY = _either("ArrayReply", ScoredSerializer, ValidSerializer)
REFUSED_REPLY = _either("RefusedReply", ErrorsSerializer, ScoredSerializer)
