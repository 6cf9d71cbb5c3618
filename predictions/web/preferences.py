"""What a person may set for their own browser: the time zone of the pages."""

from collections.abc import Iterator
from itertools import groupby

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from predictions.words import times


def _choices() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Return the zones by region, each by its place, as a person looks one up."""
    for region, found in groupby(sorted(times.names()), key=lambda name: name.split("/")[0]):
        yield region, [(name, name.partition("/")[2].replace("_", " ") or name) for name in found]


class PreferencesForm(forms.Form):
    zone = forms.ChoiceField(
        label="Time zone",
        choices=_choices,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={
            "required": "Choose the place whose time the pages should show.",
            "invalid_choice": "'%(value)s' is not a time zone of the list. Choose one of the list.",
        },
        help_text="The list goes by continent; type the first letters of a city to find it.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Show the choice, or keep another one and lead back to where the user was."""
    zone = timezone.get_current_timezone_name()
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial={"zone": zone})
    back = _back(request)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "predictions/preferences.html", {"form": form, "next": back}, status=status)
    response = HttpResponseRedirect(back, status=303)
    times.remember(response, form.cleaned_data["zone"])
    return response


def _back(request: HttpRequest) -> str:
    """Return the address that the form was opened from, where it is one of this site."""
    address = request.POST.get("next") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if own else resolve_url("desk")
