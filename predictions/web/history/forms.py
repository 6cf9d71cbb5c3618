"""The form that narrows the history down; its entries are the address of what it shows."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms

from ml.applications.values import loan_id_for_search
from predictions.models import Decision, Prediction
from predictions.reading import filters as filter_values
from predictions.reading import filters as narrowing
from predictions.reading.filters import NOT_DECIDED, PredictionRows
from predictions.reading.keyset import NEWEST, SORTS, SortOrder
from predictions.web.forms import MarkedBoundField, RuledField
from predictions.words.times import end_of, start_of

Choices = list[tuple[str, Any]]
_OUTCOMES = Prediction.Outcome.choices
_DECISIONS = [*Decision.Verdict.choices, (NOT_DECIDED, "None yet")]
_OVERRIDES = [("yes", "Against advice"), ("no", "As advised")]
_SORTS = [
    (NEWEST, "Newest first"),
    ("oldest", "Oldest first"),
    ("highest", "Highest probability first"),
    ("lowest", "Lowest probability first"),
]


_STEPS: dict[str, Callable[[PredictionRows, Any], PredictionRows]] = {
    "outcome": lambda rows, outcome: rows.filter(outcome=outcome),
    "decision": narrowing.filter_by_decision,
    "override": lambda rows, answer: narrowing.filter_by_override(rows, answer == "yes"),
    "version": narrowing.filter_by_version,
    "source": lambda rows, source: rows.filter(source=source),
    "officer": narrowing.filter_by_owner,
    "since": lambda rows, day: rows.filter(created_at__gte=start_of(day)),
    "until": lambda rows, day: rows.filter(created_at__lt=end_of(day)),
    "probability_min": lambda rows, share: rows.filter(approval_probability__gte=share),
    "probability_max": lambda rows, share: rows.filter(approval_probability__lte=share),
}


class _Entry(RuledField):
    """Checked by its rule unless it is left empty."""

    def clean(self, value: Any) -> Any:
        text = value.strip() if isinstance(value, str) else ""
        return super().clean(text) if text else None


class _Box(forms.CheckboxInput):
    """Hands on what was given, for the rule to judge."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)


def _choice(label: str, choices: Choices, nothing: str = "Any") -> _Entry:
    rule = filter_values.read_choice([value for value, _ in choices])
    shown = [("", nothing), *choices] if nothing else choices
    return _Entry(rule, label=label, required=False, widget=forms.Select(choices=shown))


def _text(label: str, rule: Any, unit: str = "", **attrs: str) -> _Entry:
    widget = forms.TextInput(attrs={"autocomplete": "off"} | attrs)
    return _Entry(rule, label=label, required=False, unit=unit, widget=widget)


def _day(label: str) -> _Entry:
    return _text(label, filter_values.read_day, type="date")


class HistoryForm(forms.Form):
    """All fields may be left empty. `officer` is there for those who see everybody's predictions."""

    bound_field_class = MarkedBoundField

    loan_id = _text("Loan ID", loan_id_for_search)
    exact = _Entry(filter_values.read_choice(["on"]), label="Exactly this ID", required=False, widget=_Box())
    outcome = _choice("Outcome", _OUTCOMES)
    decision = _choice("Decision", _DECISIONS)
    override = _choice("Decided", _OVERRIDES)
    version = _text("Model version", filter_values.read_key, inputmode="numeric")
    source = _choice("Source", Prediction.Source.choices)
    officer = _text("Scored by", filter_values.read_username, autocapitalize="none")
    since = _day("From")
    until = _day("Until")
    probability_min = _text("Probability from", filter_values.read_percentage, "%", inputmode="decimal")
    probability_max = _text("Probability to", filter_values.read_percentage, "%", inputmode="decimal")
    sort = _choice("Sort", _SORTS, nothing="")

    def __init__(self, *args: Any, by_officer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by_officer:
            del self.fields["officer"]

    def clean(self) -> dict[str, Any]:
        self._refuse_backwards("since", "until", "The last day lies before the first.")
        self._refuse_backwards("probability_min", "probability_max", "The highest lies below the lowest.")
        return self.cleaned_data

    def _refuse_backwards(self, low: str, high: str, why: str) -> None:
        start, end = self.cleaned_data.get(low), self.cleaned_data.get(high)
        if start is not None and end is not None and start > end:
            self.add_error(high, f"{why} Change one of the two.")

    def at_fault(self) -> list[forms.BoundField]:
        """Return the refused fields; a date field would hide what is no date, so it becomes plain."""
        refused = [field for field in self if field.name in self.errors]
        for field in refused:
            if field.field.widget.input_type == "date":
                field.field.widget.input_type = "text"
        return refused

    def first_error(self) -> str | None:
        return next(iter(self.errors), None)

    def filters(self) -> list[forms.BoundField]:
        """Return the fields that are folded away; those in use are said in words below."""
        return [field for field in self if field.name not in ("loan_id", "exact", "sort")]

    def used(self) -> int:
        return sum(bool(field.value()) for field in self.filters())

    @property
    def order(self) -> SortOrder:
        return SORTS[self.cleaned_data["sort"] or NEWEST]

    def narrow(self, rows: PredictionRows) -> PredictionRows:
        """Return what the entries leave of the rows."""
        entered = self.cleaned_data
        if entered["loan_id"]:
            rows = narrowing.filter_by_loan_id(rows, entered["loan_id"], exact=bool(entered["exact"]))
        for name, step in _STEPS.items():
            if entered.get(name) is not None:
                rows = step(rows, entered[name])
        return rows

    def entries(self) -> dict[str, str]:
        """Return the entries that matter, as text: the query of this page's address."""
        given = {name: self.data[name].strip() for name in self.fields if name in self.data}
        given = {name: text for name, text in given.items() if text and (name, text) != ("sort", NEWEST)}
        if "loan_id" not in given:
            given.pop("exact", None)
        return given

    def address(self, without: str = "", **place: int) -> str:
        """Return the query of a page of this list, or of the list without one of its filters."""
        gone = {"loan_id", "exact"} if without == "loan_id" else {without}
        kept = {name: text for name, text in self.entries().items() if name not in gone}
        return f"?{urlencode(kept | place)}"
