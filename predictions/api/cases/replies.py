"""Shapes of replies about applications."""

from typing import Any, NamedTuple

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ml.schemas.schema import LOAN_ID
from predictions.api.cases.decisions import DecisionSerializer, notes_context
from predictions.models import ApplicationEvent, Hold, Prediction
from predictions.models.querysets import AnyUser
from predictions.reading.applications import ApplicationState
from predictions.reading.case_file import CaseFile

MOST_PREDICTIONS = 100


class ApplicationFacts(NamedTuple):
    """What a reply about an application is made of. `newest` has its state (see `with_state`)."""

    pk: int
    newest: Any  # a prediction, annotated


class LoanApplicationSerializer(serializers.Serializer):
    """An application, with the result of its newest prediction."""

    id = serializers.IntegerField(help_text="The id of its first prediction.")
    vars()[LOAN_ID] = serializers.CharField()
    owner = serializers.CharField(help_text="User name of whoever entered it first.")
    state = serializers.ChoiceField([state.value for state in ApplicationState])
    amount = serializers.FloatField(allow_null=True, help_text="Asked for; null if nobody entered it.")
    term = serializers.FloatField(allow_null=True)
    prediction = serializers.IntegerField(help_text="Its newest prediction, which is decided.")
    outcome = serializers.ChoiceField(Prediction.Outcome.choices)
    approval_probability = serializers.FloatField(min_value=0, max_value=1)
    updated_at = serializers.DateTimeField(help_text="When it was last scored.")

    def to_representation(self, instance: ApplicationFacts) -> dict[str, Any]:
        newest = instance.newest
        return {
            "id": instance.pk,
            LOAN_ID: newest.loan_id,
            "owner": newest.owner.get_username(),
            "state": newest.state,
            "amount": _value(newest, newest.schema.amount),
            "term": _value(newest, newest.schema.term),
            "prediction": newest.pk,
            "outcome": newest.outcome,
            "approval_probability": newest.approval_probability,
            "updated_at": newest.created_at,
        }


def _value(prediction: Prediction, column: str | None) -> Any:
    return prediction.inputs.get(column) if column else None


class ClaimSerializer(serializers.Serializer):
    """Who works on a case."""

    by = serializers.CharField(source="by.username")
    at = serializers.DateTimeField()


class HoldSerializer(serializers.ModelSerializer):
    """What the applicant was asked for, and until when the case waits for it."""

    by = serializers.CharField(source="by.username")
    ended_by = serializers.CharField(source="ended_by.username", allow_null=True, default=None)

    class Meta:
        model = Hold
        fields = ["id", "prediction", "asked", "until", "by", "at", "ended_at", "ended_by"]


@extend_schema_field({"type": ["object", "array", "string"], "items": {}})
class _DetailField(serializers.JSONField):
    """What a kind of events keeps beside its text."""


class EventSerializer(serializers.ModelSerializer):
    """A line of an application's history: a note, or what happened to it."""

    kind = serializers.ChoiceField(ApplicationEvent.Kind.choices)
    text = serializers.CharField(help_text="For colleagues. It never leaves the site.")
    detail = _DetailField(allow_null=True)
    by = serializers.CharField(source="by.username")

    class Meta:
        model = ApplicationEvent
        fields = ["id", "kind", "prediction", "text", "detail", "by", "at"]


class ApplicationDetailSerializer(LoanApplicationSerializer):
    """An application, with what people did on it."""

    predictions = serializers.ListField(
        child=serializers.IntegerField(), help_text=f"Newest first, {MOST_PREDICTIONS} at most."
    )
    claim = ClaimSerializer(allow_null=True, help_text="Null if it is unassigned.")
    proposal = serializers.IntegerField(
        allow_null=True, help_text="The proposed decision that waits for a second person."
    )
    decisions = DecisionSerializer(many=True, help_text="Newest first.")
    holds = HoldSerializer(many=True, help_text="Newest first; past ones too.")
    events = EventSerializer(many=True, allow_null=True, help_text="Null for accounts that read no notes.")

    def to_representation(self, instance: ApplicationFacts) -> dict[str, Any]:
        newest: Prediction = instance.newest
        file, may_read = CaseFile.of(newest), self.context["may_read_notes"]
        same = Prediction.objects.of_application(*newest.application).order_by("-pk")
        return super().to_representation(instance) | {
            "predictions": list(same.values_list("pk", flat=True)[:MOST_PREDICTIONS]),
            "claim": file.claim and ClaimSerializer(file.claim).data,
            "proposal": file.proposal and file.proposal.pk,
            "decisions": DecisionSerializer(file.decisions, many=True, context=self.context).data,
            "holds": HoldSerializer(file.holds, many=True).data,
            "events": EventSerializer(file.events, many=True).data if may_read else None,
        }


def application_reply(facts: ApplicationFacts, reader: AnyUser) -> dict[str, Any]:
    """Return the whole application, as an account may read it."""
    return dict(ApplicationDetailSerializer(facts, context=notes_context(reader)).data)
