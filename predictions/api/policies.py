"""Policies by API: list, read, adopt, and simulate on stored predictions."""

import itertools
from collections.abc import Mapping
from typing import Any

from django_filters import FilterSet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.scorecard.policy_rules import rules_from_json, rules_to_facts, rules_to_json
from predictions.api.calls.access import MayAdoptPolicies, MaySeeModels, MaySimulate
from predictions.api.calls.body import read_object
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import StrictQuery
from predictions.api.cases.proposals import ProposalSerializer
from predictions.api.json_schemas import reference
from predictions.errors import InvalidFields
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import Policy, Prediction, Proposal
from predictions.models.policy import PolicyQuerySet
from predictions.reading.filters import KEY_PATTERN, read_moment
from predictions.services.policies import policies
from predictions.services.policies.proposals import adopt_or_propose
from predictions.services.policies.simulation import Selection, Simulation, SimulationFlip, record_simulation
from predictions.services.versions.replay import collect_flips

_SWITCHES = ("refer_gaps", *policies.SECOND_FIELDS)
_NUMBERS = (*policies.PROBABILITY_FIELDS, "limit_amount")
_SIMULATED = {*policies.PROBABILITY_FIELDS, "refer_gaps", "remarks", "limit_amount", "rules"}
_ADOPTED = {*_SIMULATED, *policies.SECOND_FIELDS, "reason", "replaces"}
OUTCOMES = [outcome.value for outcome in Prediction.Outcome]
MAX_SIMULATED, NEWEST, MAX_LISTED = 100_000, 10_000, 50


class RuleSerializer(serializers.Serializer):
    """A condition on an application that refers or denies it, whatever its probability."""

    code = serializers.CharField(help_text="Its name among causes: `rule:CODE`.")
    when = serializers.CharField(help_text="A formula over the columns of an application.")
    action = serializers.ChoiceField(["refer", "deny"])
    officer = serializers.CharField(help_text="What an officer is told.")
    applicant = serializers.CharField(help_text="What the applicant is told; may be empty if it refers.")


class PolicySerializer(serializers.ModelSerializer):
    """A policy; the newest one of a product is in force."""

    rules = serializers.SerializerMethodField(help_text="Rules beside threshold and band, in their order.")
    remarks = serializers.ChoiceField(Policy.Remarks.choices)
    by = serializers.CharField(source="by.username", allow_null=True, help_text="Null for a command.")
    confirmed_by = serializers.CharField(source="confirmed_by.username", allow_null=True)

    class Meta:
        model = Policy
        fields = [
            *("id", "threshold", "refer_low", "refer_high", "refer_gaps", "remarks", "rules", "limit_amount"),
            *policies.SECOND_FIELDS,
            *("previous", "reason", "by", "confirmed_by", "at"),
        ]

    def get_rules(self, policy: Policy) -> list[dict[str, str]]:
        return rules_to_facts(rules_from_json(policy.rules))

    get_rules._spectacular_annotation = {"field": RuleSerializer(many=True)}  # type: ignore[attr-defined]


class OutcomeCountSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(OUTCOMES)
    in_force = serializers.IntegerField()
    proposed = serializers.IntegerField()


class MoveSerializer(serializers.Serializer):
    in_force = serializers.ChoiceField(OUTCOMES)
    proposed = serializers.ChoiceField(OUTCOMES)
    count = serializers.IntegerField()


class ChangedSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    approval_probability = serializers.FloatField()
    in_force = serializers.ChoiceField(OUTCOMES)
    proposed = serializers.ChoiceField(OUTCOMES)


class SimulationSerializer(serializers.Serializer):
    """Outcomes of stored predictions under the policy in force and under another one."""

    in_force = serializers.IntegerField(help_text="Id of the policy in force.")
    rows = serializers.IntegerField()
    remarked = serializers.IntegerField(help_text="Rows with a remark that may refer them.")
    elsewhere = serializers.IntegerField(help_text="Rows that were scored by an earlier policy.")
    outcomes = OutcomeCountSerializer(many=True)
    moves = MoveSerializer(many=True, help_text="Rows by their change of outcome.")
    changed = ChangedSerializer(many=True, help_text=f"The newest {MAX_LISTED} rows that change.")


@extend_schema_view(
    list=extend_schema(summary="Policies, newest first: the first one is in force"),
    retrieve=extend_schema(summary="One policy"),
)
class PolicyViewSet(StrictQuery, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    serializer_class = PolicySerializer
    filterset_class: type[FilterSet] | None = None
    queryset = Policy.objects.none()
    lookup_value_regex = KEY_PATTERN

    def get_permissions(self) -> list[BasePermission]:
        rights = {"create": MayAdoptPolicies, "simulate": MaySimulate}
        return [rights.get(self.action, MaySeeModels)()]

    def get_queryset(self) -> PolicyQuerySet:
        return Policy.objects.of_product(product_of(self.request)).select_related("by", "confirmed_by")

    @extend_schema(
        summary="Adopt a policy: what is left out stays as it is",
        request={"application/json": reference("PolicyWish")},
        responses={
            201: OpenApiResponse(PolicySerializer, "In force."),
            202: OpenApiResponse(ProposalSerializer, "Proposed: a second person must confirm it."),
        },
    )
    @idempotent
    def create(self, request: Request) -> Response:
        document = read_object(request, _ADOPTED)
        in_force = self.get_queryset().newest()
        policy = _requested_policy(document, in_force)
        replaces = document.get("replaces", in_force.pk)
        reason: Any = document.get("reason")  # the service checks it
        if isinstance(replaces, bool) or not isinstance(replaces, int) or not 0 <= replaces < 10**18:
            raise _invalid("replaces", "The id of a policy", replaces)
        done = adopt_or_propose(policy=policy, replaces=replaces, by=request.user, reason=reason)
        if isinstance(done, Proposal):
            return Response(ProposalSerializer(done).data, status=202)
        return Response(PolicySerializer(done).data, status=201)

    @extend_schema(
        summary="Apply another policy to stored predictions; nothing is changed",
        request={"application/json": reference("SimulationWish")},
        responses=SimulationSerializer,
    )
    @action(detail=False, methods=["POST"])
    def simulate(self, request: Request) -> Response:
        document = read_object(request, _SIMULATED | {"newest", "since", "until"})
        proposed = _requested_policy(document, self.get_queryset().newest())
        policies.check_policy(proposed)
        selection = _requested_selection(document, product_of(request).pk)
        simulation = Simulation(proposed=proposed, selection=selection)
        changed = collect_flips(simulation, MAX_LISTED)
        record_simulation(simulation=simulation, by=request.user, cases=len(changed))
        return Response(_simulation_json(simulation, changed))


def _requested_policy(document: Mapping[str, object], in_force: Policy) -> Policy:
    """Return the policy of a body, unsaved; fields that it leaves out are those of the policy in force."""
    facts = policies.policy_numbers(in_force)
    for name in document.keys() & {*_NUMBERS}:
        facts[name] = _number(name, document[name])
    for name in document.keys() & {*_SWITCHES}:
        facts[name] = _flag(name, document[name])
    if "remarks" in document:
        facts["remarks"] = document["remarks"]
    if "rules" in document:
        facts["rules"] = _rules(document["rules"], in_force.product_key)
    return Policy(product_id=in_force.product_key, **facts)


def _rules(rules: object, product_id: int) -> object:
    """Return rules as policies store them. Raises `RulesError`, and `InvalidFields` if it is no array."""
    from ml.scorecard.rule_reader import rules_from_facts  # the parser: those who only read need none

    if not isinstance(rules, list):
        raise _invalid("rules", "An array of rules", rules)
    return rules_to_json(rules_from_facts(rules, schema_in_use(product_id))) or None


def _number(name: str, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise _invalid(name, "A number or null", value)
    return None if value is None else float(value) + 0.0  # -0 is 0


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _invalid(name, "true or false", value)
    return value


def _requested_selection(document: Mapping[str, object], product_id: int) -> Selection:
    newest = document.get("newest", NEWEST)
    if isinstance(newest, bool) or not isinstance(newest, int) or not 1 <= newest <= MAX_SIMULATED:
        raise _invalid("newest", f"A whole number from 1 to {MAX_SIMULATED:,}", newest)
    since, until = (_moment(name, document.get(name)) for name in ("since", "until"))
    return Selection(product_id, newest=newest, since=since, until=until)


def _moment(name: str, value: object) -> Any:
    try:
        return None if value is None else read_moment(str(value))
    except InvalidValue as error:
        raise InvalidFields({name: error}) from None


def _invalid(name: str, expected: str, value: object) -> InvalidFields:
    return InvalidFields({name: InvalidValue("invalid", f"{expected} is expected, not {show_value(value)}.")})


def _simulation_json(simulation: Simulation, changed: list[SimulationFlip]) -> dict[str, object]:
    counts, total = simulation.counts, simulation.counts.total()
    return {
        "in_force": simulation.in_force.pk,
        "rows": total.rows,
        "remarked": counts.remarked,
        "elsewhere": counts.elsewhere,
        "outcomes": [
            {"outcome": outcome, "in_force": total.before(outcome), "proposed": total.after(outcome)}
            for outcome in OUTCOMES
        ],
        "moves": [
            {"in_force": before, "proposed": after, "count": total.moves[before, after]}
            for before, after in itertools.permutations(OUTCOMES, 2)
        ],
        "changed": [
            {
                "id": flip.pk,
                "approval_probability": flip.probability,
                "in_force": flip.before,
                "proposed": flip.after,
            }
            for flip in changed
        ],
    }
