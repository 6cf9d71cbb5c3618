"""Forms of a policy: its numbers in percent, for a change and for a simulation."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms

from ml.applications.values import is_decimal, show_value
from ml.errors import InvalidValue
from ml.figures import exact_percent_text
from predictions.errors import InvalidFields
from predictions.models import Policy
from predictions.services.policies import policies
from predictions.services.policies.simulation import Selection
from predictions.web.forms import RefusableForm, RuledField
from predictions.web.models.forms import InvalidMoment, read_span, stripped_reason

SELECTION_SIZES: dict[str, int | None] = {"1000": 1_000, "10000": 10_000, "100000": 100_000, "all": None}
DEFAULT_SELECTION_SIZE = "10000"
_RELOAD = "This form does not say which policy the change replaces. Reload the page and enter it again."


def _share(text: object) -> float | None:
    """Read a percentage as a share of 1, exactly as it is written."""
    written = str(text if text is not None else "").strip()
    if not written:
        return None
    if not is_decimal(written) or not 0 <= Decimal(written) <= 100:
        detail = f"{show_value(written)} is not a percentage; expected a number from 0 to 100, such as 52.5."
        raise InvalidValue("invalid", detail)
    return float(Decimal(written) / 100) + 0.0  # -0 is 0


def _threshold(text: object) -> float:
    share = _share(text)
    if share is None:
        raise InvalidValue("required", "A percentage is expected, such as 52.5.")
    return share


def _remarks(text: object) -> str:
    chosen = str(text or Policy.Remarks.REFER)
    if chosen not in Policy.Remarks.values:
        detail = f"{show_value(chosen)} is not one of {', '.join(Policy.Remarks.values)}."
        raise InvalidValue("invalid_choice", detail)
    return chosen


def _newest(text: object) -> int | None:
    if text not in SELECTION_SIZES:
        raise InvalidValue(
            "invalid_choice", f"{show_value(text)} is not one of {', '.join(SELECTION_SIZES)}."
        )
    return SELECTION_SIZES[str(text)]


def _day(end: int) -> Callable[[object], datetime | None]:
    """Read a date as the moment it begins (0), or the one it ends (1)."""

    def read(text: object) -> datetime | None:
        written = str(text if text is not None else "").strip()
        try:
            return read_span(written)[end] if written else None
        except InvalidMoment as error:
            raise InvalidValue("invalid", str(error)) from None

    return read


def _percent(label: str, help_text: str, rule: Callable[[object], Any] = _share) -> RuledField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return RuledField(
        rule, unit="%", label=label, help_text=help_text, required=rule is _threshold, widget=widget
    )


def _date(label: str, end: int) -> RuledField:
    widget = forms.DateInput(attrs={"type": "date"})
    return RuledField(_day(end), label=label, required=False, widget=widget)


# Short enough for the narrowest screen.
_REMARKS = [(Policy.Remarks.REFER, "is referred"), (Policy.Remarks.IGNORE, "is not referred")]


class NumbersForm(RefusableForm):
    """Threshold, refer band, and the rules of missing values and of remarks."""

    threshold = _percent("Threshold", "Approved from this probability up.", _threshold)
    refer_low = _percent("Refer from", "Lower end of the refer band. Empty: no band.")
    refer_high = _percent("Refer up to", "Upper end, not included itself. Empty: no band.")
    refer_gaps = forms.BooleanField(
        required=False, label="Refer an application whose outcome a missing value could flip"
    )

    remarks = RuledField(
        _remarks,
        label="An application with a remark about a value",
        required=False,
        widget=forms.Select(choices=_REMARKS),
        help_text="A remark marks a value that looks like a slip, or that the model was not trained on.",
    )

    def clean(self) -> dict[str, Any]:
        """Hold the numbers together to the rule of every door."""
        if not self.errors:
            try:
                policies.check_policy(self.policy())
            except InvalidFields as error:
                self.add_errors(error)
        return self.cleaned_data

    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in policies.SHARE_FIELDS]

    def policy(self) -> Policy:
        """Return the checked numbers as a policy that is not stored."""
        return Policy(**{name: self.cleaned_data[name] for name in policies.NUMBER_FIELDS})


class PolicyForm(NumbersForm):
    """A change: the numbers, why, and which policy they replace."""

    reason = RuledField(
        stripped_reason,
        label="Reason",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="One line. It stands in the list of policies beside your name, for whoever asks later.",
    )
    replaces = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": _RELOAD, "invalid": _RELOAD}
    )


class SimulatorForm(NumbersForm):
    """Numbers to try, and stored predictions to try them on."""

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
    since = _date("Scored from", 0)
    until = _date("Scored until, inclusive", 1)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", "This day is before the first one; expected the same day or a later one.")
        return cleaned

    def address(self) -> str:
        """Return the query string that asks for the same again."""
        return urlencode({name: text for name, text in self.data.items() if name in self.fields and text})

    def selection(self) -> Selection:
        return Selection(**{name: self.cleaned_data[name] for name in ("newest", "since", "until")})


def policy_entries(policy: Policy) -> dict[str, str]:
    """Return what somebody would enter, or an address holds, to get these numbers."""
    shares = {name: getattr(policy, name) for name in policies.SHARE_FIELDS}
    entries = {name: exact_percent_text(share) for name, share in shares.items() if share is not None}
    entries["remarks"] = str(policy.remarks)
    return entries | ({"refer_gaps": "on"} if policy.refer_gaps else {})


def policy_entries_or_default(query: Mapping[str, str], policy: Policy) -> dict[str, str]:
    """Return the entries of an address, or those of `policy` where it holds no numbers."""
    asked = {name: text for name, text in query.items() if name != "replaces"}
    return asked if "threshold" in query else policy_entries(policy) | asked
