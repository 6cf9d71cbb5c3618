"""The hold and the notes of a case, and the forms of what people do on it beside deciding it."""

from typing import Any, TypeVar

from django import forms

from predictions.live import decision_codes
from predictions.models.querysets import AnyUser
from predictions.reading.case_file import CaseFile
from predictions.roles import ASSIGN
from predictions.services.queue import assignment
from predictions.web.cases.decisions import DecisionDesk, ServiceForm

_F = TypeVar("_F", bound=ServiceForm)


def _text_area(**attrs: object) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 2, **attrs})


class HoldForm(ServiceForm):
    asked = forms.CharField(label="Asked of the applicant", required=False, strip=False, widget=_text_area())
    until = forms.CharField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="After it the case comes back by itself.",
    )


class NoteForm(ServiceForm):
    text = forms.CharField(
        label="Note for colleagues",
        required=False,
        strip=False,
        widget=_text_area(),
        help_text="It never leaves the site.",
    )


class WithdrawalForm(ServiceForm):
    reason = forms.CharField(label="Why it is withdrawn", required=False, strip=False)


class AssignmentForm(ServiceForm):
    to = forms.CharField(label="Assign to", required=False, widget=forms.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [user.get_username() for user in assignment.who_may_work()]
        self.fields["to"].widget.choices = [("", "Choose a person"), *((name, name) for name in names)]


class BulkForm(AssignmentForm):
    """Acts on the selected cases of the queue; the button that was pressed names the act."""

    reason = forms.CharField(label="Why they are withdrawn", required=False, strip=False)
    code = forms.CharField(label="Reason of the denials", required=False, widget=forms.Select)
    applicant_text = forms.CharField(
        label="Words for the applicants", required=False, strip=False, widget=_text_area()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [
            code for code in decision_codes.every().values() if code.for_denials and not code.retired_at
        ]
        self.fields["code"].widget.choices = [("", "None"), *((code.name, code.label) for code in offered)]


class CaseWork:
    """What this user may do on a case. `form` is one that was refused; the others are empty."""

    def __init__(
        self, desk: DecisionDesk, file: CaseFile, user: AnyUser, form: ServiceForm | None = None
    ) -> None:
        self._form = form
        self.hold, self.notes = file.hold, file.notes
        self.may_write = desk.may_decide
        may_work = desk.may_decide and desk.open
        self.may_hold = may_work and desk.waits and self.hold is None
        self.may_end_hold = may_work and self.hold is not None
        self.may_withdraw = may_work and desk.newest is None and desk.withdrawn is None
        self.may_assign = desk.waits and user.has_perm(ASSIGN)

    @property
    def hold_form(self) -> HoldForm:
        return self._shown(HoldForm)

    @property
    def note_form(self) -> NoteForm:
        return self._shown(NoteForm)

    @property
    def withdrawal_form(self) -> WithdrawalForm:
        return self._shown(WithdrawalForm)

    @property
    def assignment_form(self) -> AssignmentForm:
        return self._shown(AssignmentForm)

    def _shown(self, kind: type[_F]) -> _F:
        return self._form if isinstance(self._form, kind) else kind()
