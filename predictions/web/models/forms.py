"""Forms of the model room: activating a version, and asking which one was live."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_date, parse_datetime

from predictions.web.forms import RuledField
from predictions.words.moments import as_utc, end_of, start_of
from predictions.words.written import checked_reason

LOOKS = {"class": "form-control"}


def stripped_reason(text: object) -> str:
    return checked_reason(text.strip() if isinstance(text, str) else text)


class ActivationForm(forms.Form):
    """A reason; and, where the gate does not let the version through, the wish to do it all the same."""

    reason = RuledField(
        stripped_reason,
        label="Reason",
        widget=forms.TextInput(attrs=LOOKS | {"autocomplete": "off"}),
        help_text="One line. It stands in the timeline beside your name, for whoever asks later.",
    )
    override = forms.BooleanField(required=False, label="Activate anyway, against the gate")

    def __init__(self, *args: Any, overridable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.overridable = overridable
        if not overridable:
            del self.fields["override"]


class UnreadableMoment(ValueError):
    """Neither a date nor a date with a time."""


def span_of(text: str) -> tuple[datetime, datetime]:
    """Read ``2026-03-03`` as that whole day, ``2026-03-03T12:00`` as that moment, in the page's time zone."""
    try:
        moment = None if len(text) == 10 else parse_datetime(text)
        if moment:
            return as_utc(moment), as_utc(moment)
        day = parse_date(text)
        if day:
            return start_of(day), end_of(day)
    except (ValueError, OverflowError):
        pass
    raise UnreadableMoment(f"'{text[:40]}' is not a date such as 2026-03-03 or 2026-03-03T12:00.")
