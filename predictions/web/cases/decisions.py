"""The forms of decisions and notices, and the decision part of a case's page."""

from typing import Any, TypedDict

from django import forms

from ml.applications.types import Value
from ml.errors import InvalidValue
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from ml.scorecard.could_be import CouldBe
from predictions.errors import InvalidFields
from predictions.live import decision_codes
from predictions.models import ApplicationEvent, Decision, DecisionCode, Prediction
from predictions.models.querysets import AnyUser
from predictions.reading.case_file import CaseFile
from predictions.reading.filters import is_key
from predictions.roles import DECIDE, SEE_ALL
from predictions.web.cases.could_be import could_be_of
from predictions.web.cases.others import ApplicationPredictions
from predictions.web.cases.proposed import ProposedDecision
from predictions.web.entries import entry_of, read_entry
from predictions.web.forms import RefusableForm, RuledField

_NONE = ("", "No reason (follows the advice)")
OTHER_TERMS = "other_terms"  # the choice of the form beside the verdicts
_REQUIRED = {
    "verdict": "Choose Approve or Deny.",
    "code": "Against the model's advice: choose a reason.",
    "note": "Against the model's advice: explain why in the internal note.",
}


class ServiceForm(RefusableForm):
    """A form whose rules are in a service. The service's errors are added to the fields."""

    def entered(self, name: str) -> str:
        return str(self.data.get(name, ""))

    def newest_id(self) -> int:
        """Return the id of the row that was the newest when the form was shown; 0 if there was none."""
        text = self.entered("after")
        return int(text) if is_key(text) else 0


class DecisionValues(TypedDict):
    """The arguments of `decisions.decide` that a person enters."""

    verdict: str
    code: str
    note: str
    applicant_text: str
    terms: dict[str, Value] | None
    after: int


class DecisionForm(ServiceForm):
    required_words = _REQUIRED
    verdict = forms.CharField(required=False)
    code = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Select(),
        help_text="Needed against the advice.",
    )
    note = forms.CharField(
        label="Internal note",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For colleagues only.",
    )
    applicant_text = forms.CharField(
        label="Words for the applicant",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A letter begins with them.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [code for code in decision_codes.every().values() if not code.retired_at]
        offered = [(code.name, code.label) for code in self.codes]
        self.fields["code"].widget.choices = [_NONE, *offered]

    def offer_terms(self, schema: Schema, could_be: CouldBe | None = None) -> None:
        """Add a field for the amount and one for the term, as far as the schema has them."""
        self.schema = schema
        for name, column in (("amount", schema.amount), ("term", schema.term)):
            if column is not None:
                self.fields[name] = _term_field(schema.by_column[column])
        if could_be is not None:
            self.initial["amount"] = entry_of(schema.by_column[could_be.column], could_be.value)

    @property
    def has_terms(self) -> bool:
        return "amount" in self.fields or "term" in self.fields

    def add_errors(self, refused: InvalidFields) -> None:
        """Show what is wrong with other terms at the first of their fields."""
        first = next((name for name in ("amount", "term") if name in self.fields), "verdict")
        faults = {first if name == "terms" else name: fault for name, fault in refused.faults.items()}
        super().add_errors(InvalidFields(faults))

    def prepared_words(self) -> list[DecisionCode]:
        """Return the codes that offer words for the applicant of a denial."""
        return [code for code in self.codes if code.for_denials and code.applicant_text]

    def decision_values(self) -> DecisionValues:
        """Return the entries as arguments of `decisions.decide`. Raises `InvalidFields`."""
        other = self.entered("verdict") == OTHER_TERMS
        return {
            "verdict": Decision.Verdict.APPROVED.value if other else self.entered("verdict"),
            "code": self.entered("code"),
            "note": self.entered("note"),
            "applicant_text": self.entered("applicant_text"),
            "terms": self._terms() if other else None,
            "after": self.newest_id(),
        }

    def _terms(self) -> dict[str, Value]:
        columns = {"amount": self.schema.amount, "term": self.schema.term}
        faults: dict[str, InvalidValue] = {}
        terms: dict[str, Value] = {}
        for name, column in columns.items():
            if column is not None and self.entered(name).strip():
                try:
                    terms[column] = read_entry(self.schema.by_column[column], self.entered(name))
                except InvalidValue as error:
                    faults[name] = error
        if not terms and not faults:
            faults["terms"] = InvalidValue("required", "Enter the amount or the term that you approve.")
        if faults:
            raise InvalidFields(faults)
        return terms


def _term_field(feature: Feature) -> RuledField:
    attrs = {"inputmode": "decimal", "autocomplete": "off"}
    return RuledField(
        lambda entry: entry,  # `DecisionForm.decision_values` reads it, only where it counts
        label=feature.label,
        required=False,
        unit=feature.unit,
        widget=forms.TextInput(attrs=attrs),
    )


class NoticeForm(ServiceForm):
    text = forms.CharField(
        label="Text of the notice", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 32})
    )


class DecisionDesk:
    """The newest decision, the open claim, and the actions that this user may take.

    An outdated prediction and a merged application allow no action, a withdrawn application no decision.
    """

    def __init__(
        self,
        predictions: ApplicationPredictions,
        user: AnyUser,
        *,
        file: CaseFile,
        form: DecisionForm,
        error: str = "",
    ) -> None:
        prediction, claim = predictions.this, file.claim
        self.form, self.error, self.claim = form, error, claim
        on_this = [decision for decision in file.decisions if decision.prediction_id == prediction.pk]
        self.newest, self.earlier = on_this[0] if on_this else None, on_this[1:]
        self.outdated = any(other.pk > prediction.pk for other in predictions.others)
        self.before = [decision for decision in file.decisions if decision.prediction_id < prediction.pk]
        self.advice = "approve" if prediction.advises_approval else "deny"
        self.kept_from_approval = prediction.advises_approval and not prediction.approved
        self.referred = prediction.outcome == Prediction.Outcome.REFER
        self.remarked = prediction.policy.rule.refers_for(prediction.referring_remarks)
        self.waits = predictions.waits_from is not None and not self.outdated
        self.waits_from = predictions.waits_from if self.waits else None
        self.mine = claim is not None and claim.by_id == user.pk
        self.open = claim is None or self.mine
        self.merged_into, self.withdrawn = file.merged_into(prediction), _withdrawal(file, prediction)
        self.may_decide = user.has_perm(DECIDE) and not self.outdated and self.merged_into is None
        self.proposed = self._proposed(file, prediction, user)
        for decision in on_this:
            decision.prediction = prediction
        takes_none = self.outdated or self.merged_into is not None or self.withdrawn is not None
        self.could_be = None if takes_none else could_be_of(prediction)
        form.offer_terms(prediction.schema, self.could_be.found if self.could_be else None)
        self.may_release = claim is not None and self.may_decide and (self.mine or user.has_perm(SEE_ALL))

    @staticmethod
    def _proposed(file: CaseFile, prediction: Prediction, user: AnyUser) -> ProposedDecision | None:
        proposal = file.proposal
        is_open = proposal is not None and proposal.prediction_id == prediction.pk
        return ProposedDecision(proposal, prediction, user) if proposal and is_open else None

    @property
    def letter(self) -> str:
        """The name of the letter of the newest decision; empty if it has none."""
        return self.newest.letter if self.newest else ""


def _withdrawal(file: CaseFile, prediction: Prediction) -> ApplicationEvent | None:
    """Return the event by which the application was withdrawn as this prediction."""
    withdrawn = (event for event in file.events if event.kind == ApplicationEvent.Kind.WITHDRAWN)
    return next((event for event in withdrawn if event.prediction_id == prediction.pk), None)
