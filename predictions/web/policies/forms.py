"""Forms for changing a policy and for simulating one. Numbers are entered in percent."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal

from django import forms

from ml.applications.spellings import read_page_number
from ml.applications.values import show_value
from ml.errors import InvalidValue, RulesError
from ml.figures import exact_percent_text
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from ml.scorecard.policy_rules import PolicyRule, rules_to_json
from predictions.errors import InvalidFields
from predictions.models import BUILT_IN, Policy
from predictions.services.policies import policies
from predictions.services.policies.simulation import Selection
from predictions.web.forms import RefusableForm, RuledField
from predictions.web.models.forms import InvalidMoment, read_span, stripped_reason
from predictions.web.policies.rules import (
    RulesEditor,
    column_in_formula,
    policy_rule_entries,
    with_rules_in_force,
)

SELECTION_SIZES: dict[str, int | None] = {"1000": 1_000, "10000": 10_000, "100000": 100_000, "all": None}
DEFAULT_SELECTION_SIZE = "10000"
_RELOAD = "Reload the page and enter the change again."


def _stripped(text: object) -> str:
    return str(text if text is not None else "").strip()


def _share(text: object) -> float | None:
    """Return a percentage as a share of 1, without rounding; None if `text` is empty."""
    percentage = _stripped(text)
    if not percentage:
        return None
    number = read_page_number(percentage)
    if number is None or not 0 <= number <= 100:
        detail = (
            f"{show_value(percentage)} is not a percentage; expected a number from 0 to 100, such as 52.5."
        )
        raise InvalidValue("invalid", detail)
    return float(Decimal(repr(number)) / 100) + 0.0  # turns -0.0 into 0.0


def _threshold(text: object) -> float:
    share = _share(text)
    if share is None:
        raise InvalidValue("required", "A percentage is expected, such as 52.5.")
    return share


def _amount(text: object) -> float | None:
    """Return an amount; None if `text` is empty."""
    entry = _stripped(text)
    if not entry:
        return None
    amount = read_page_number(entry)
    if amount is None:
        raise InvalidValue("invalid", f"{show_value(entry)} is not a number, such as 500.")
    return amount


def _remarks(text: object) -> str:
    return _one_of(text or Policy.Remarks.REFER, Policy.Remarks.values)


def _newest(text: object) -> int | None:
    return SELECTION_SIZES[_one_of(text, SELECTION_SIZES)]


def _one_of(text: object, choices: Collection[str]) -> str:
    chosen = str(text)
    if chosen not in choices:
        detail = f"{show_value(text)} is not one of {', '.join(choices)}."
        raise InvalidValue("invalid_choice", detail)
    return chosen


def _first_moment(text: object) -> datetime | None:
    span = _span(text)
    return span[0] if span else None


def _last_moment(text: object) -> datetime | None:
    span = _span(text)
    return span[1] if span else None


def _span(text: object) -> tuple[datetime, datetime] | None:
    """Return the first moment of a date and the first moment after it; None if `text` is empty."""
    date = _stripped(text)
    try:
        return read_span(date) if date else None
    except InvalidMoment as error:
        raise InvalidValue("invalid", str(error)) from None


def _percent(label: str, help_text: str, rule: Callable[[object], float | None] = _share) -> RuledField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return RuledField(
        rule, unit="%", label=label, help_text=help_text, required=rule is _threshold, widget=widget
    )


def _date(label: str, rule: Callable[[object], datetime | None]) -> RuledField:
    widget = forms.DateInput(attrs={"type": "date"})
    return RuledField(rule, label=label, required=False, widget=widget)


_REMARKS = [(Policy.Remarks.REFER, "Refer"), (Policy.Remarks.IGNORE, "Do not refer")]


class NumbersForm(RefusableForm):
    """Threshold, refer band, limit of the amount, and the rules for missing values and remarks."""

    threshold = _percent("Threshold", "Approve from this probability.", _threshold)
    refer_low = _percent("Refer from", "Refer band starts here; empty for none.")
    refer_high = _percent("Refer up to", "Refer band ends below this; empty for none.")
    refer_gaps = forms.BooleanField(
        required=False, label="Refer when a missing value could change the outcome"
    )
    remarks = RuledField(
        _remarks,
        label="Value with a remark",
        required=False,
        widget=forms.Select(choices=_REMARKS),
        help_text="A remark marks a value that looks wrong or that the model was not trained on.",
    )
    limit_amount = RuledField(
        _amount,
        label="Limit of the amount",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Above it the machine approves nothing, and neither does one person alone. Empty for none.",
    )

    def __init__(
        self,
        data: Mapping[str, str] | None = None,
        *,
        schema: Schema,
        initial: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.schema, self.rules = schema, RulesEditor(data if data is not None else initial or {})
        self.checked_rules: tuple[PolicyRule, ...] = ()
        limit, amount = self.fields["limit_amount"], amount_feature(schema)
        if amount and isinstance(limit, RuledField):
            limit.unit, limit.label = amount.unit, f"Limit of: {amount.label}"

    def clean(self) -> dict[str, object]:
        """Check the numbers together by the rule that the API and the commands use too."""
        try:
            self.checked_rules = self.rules.read(self.schema)
        except RulesError:
            self.add_error(None, "A rule cannot be used. The row says why.")
        if not self.errors:
            try:
                policies.check_policy(self.policy())
            except InvalidFields as error:
                self.add_errors(error)
        return self.cleaned_data

    def rule_columns(self) -> list[tuple[str, str]]:
        """Return the columns that a rule may read, with their labels."""
        readable = [f for f in self.schema.features if not f.protected and f.role == "input"]
        return [(column_in_formula(f.column), f.label) for f in readable]

    def policy_numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in policies.PROBABILITY_FIELDS]

    def policy(self, product_id: int = BUILT_IN) -> Policy:
        """Return the checked numbers as an unsaved policy of a product."""
        names = [name for name in policies.NUMBER_FIELDS if name in self.fields]
        policy = Policy(product_id=product_id, **{name: self.cleaned_data[name] for name in names})
        policy.rules = rules_to_json(self.checked_rules) or None
        amount = amount_feature(self.schema)
        if amount and policy.limit_amount is not None:
            policy.limit_amount /= amount.scale
        return policy


def amount_feature(schema: Schema) -> Feature | None:
    """Return the column of the amount that is asked for, if the schema has one."""
    return schema.by_column[schema.amount] if schema.amount else None


def _tick(label: str) -> forms.BooleanField:
    return forms.BooleanField(required=False, label=label)


class PolicyForm(NumbersForm):
    """A new policy: its numbers, second persons, the reason, and the id of the policy that it replaces."""

    second_for_overrides = _tick("Decisions against the advice")
    second_for_letters = _tick("Letters")
    second_for_policies = _tick("Changes of the policy")
    second_for_gate = _tick("Activations against the gate")

    reason = RuledField(
        stripped_reason,
        label="Reason",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="One line. The list of policies shows it with your name.",
    )
    replaces = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": _RELOAD, "invalid": _RELOAD}
    )

    def second_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in policies.SECOND_FIELDS]


class SimulatorForm(NumbersForm):
    """Numbers to simulate, and the stored predictions to apply them to."""

    newest = RuledField(
        _newest,
        label="Stored predictions",
        required=False,
        widget=forms.Select(
            choices=[
                (name, f"Newest {count:,}" if count else "All") for name, count in SELECTION_SIZES.items()
            ]
        ),
    )
    since = _date("Scored from", _first_moment)
    until = _date("Scored until (inclusive)", _last_moment)

    def clean(self) -> dict[str, object]:
        super().clean()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until <= since:
            self.add_error(
                "until", "This date is before the first date; expected the same date or a later one."
            )
        return self.cleaned_data

    def selection(self, product_id: int) -> Selection:
        """Return the chosen predictions of a product."""
        chosen = {name: self.cleaned_data[name] for name in ("newest", "since", "until")}
        return Selection(product_id, **chosen)


def policy_entries(policy: Policy, schema: Schema) -> dict[str, str]:
    """Return the form entries that give the numbers and rules of `policy`."""
    return numbers_entries(policy) | policy_rule_entries(policy) | _limit_entry(policy, schema)


def _limit_entry(policy: Policy, schema: Schema) -> dict[str, str]:
    if policy.limit_amount is None:
        return {}
    amount = amount_feature(schema)
    scaled = Decimal(repr(policy.limit_amount)) * (Decimal(repr(amount.scale)) if amount else 1)
    return {"limit_amount": f"{scaled.normalize():f}"}


def numbers_entries(policy: Policy) -> dict[str, str]:
    """Return the form entries, or query parameters, that give the numbers of `policy`."""
    shares = {name: getattr(policy, name) for name in policies.PROBABILITY_FIELDS}
    entries = {name: exact_percent_text(share) for name, share in shares.items() if share is not None}
    entries["remarks"] = str(policy.remarks)
    return entries | ({"refer_gaps": "on"} if policy.refer_gaps else {})


def second_entries(policy: Policy) -> dict[str, str]:
    """Return the form entries that tick what a second person confirms under `policy`."""
    return {name: "on" for name in policies.SECOND_FIELDS if getattr(policy, name)}


def policy_entries_or_default(query: Mapping[str, str], policy: Policy, schema: Schema) -> dict[str, str]:
    """Return the entries of a query string, or those of `policy` if it has no threshold.

    A query string that says nothing of rules, or of the limit, leaves those in force.
    """
    entries = {name: text for name, text in query.items() if name != "replaces"}
    if "threshold" not in query:
        return policy_entries(policy, schema) | entries
    return with_rules_in_force(_limit_entry(policy, schema) | entries, policy)
