"""Signing in. Few passwords are hashed at a time: a flood of tries leaves threads for everybody else."""

from collections.abc import Iterator
from itertools import groupby

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from predictions.requests.lockout import sign_in_locked
from predictions.services.writing.database_waits import write_lock_deadline
from predictions.services.writing.locks import sign_in_lock
from predictions.words import times


class SignInForm(AuthenticationForm):
    def clean(self) -> dict[str, object]:
        """Check the password, few at a time. Raises `TooManySignIns`.

        A locked-out caller does not wait: the password is not checked.
        """
        if self.request and sign_in_locked(self.request, self.cleaned_data.get("username", "")):
            return super().clean()
        with sign_in_lock(), write_lock_deadline():  # hashing fills a thread, so it takes a slot
            return super().clean()


class SignIn(LoginView):
    redirect_authenticated_user = True
    form_class = SignInForm


def _choices() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each region with its zones and their labels."""
    for region, zones in groupby(sorted(times.zone_names()), key=lambda name: name.split("/")[0]):
        yield region, [(name, name.partition("/")[2].replace("_", " ") or name) for name in zones]


class PreferencesForm(forms.Form):
    zone = forms.ChoiceField(
        label="Time zone",
        choices=_choices,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={
            "required": "Choose your time zone.",
            "invalid_choice": "Unknown time zone '%(value)s'. Choose one from the list.",
        },
        help_text="Sorted by continent. Type the first letters of a city to find it.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Show the chosen time zone, or save another and return to the page that the user came from."""
    zone = timezone.get_current_timezone_name()
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial={"zone": zone})
    back = _back(request)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "predictions/preferences.html", {"form": form, "next": back}, status=status)
    response = HttpResponseRedirect(back, status=303)
    times.set_zone_cookie(response, form.cleaned_data["zone"])
    return response


def _back(request: HttpRequest) -> str:
    """Return the address that the form was opened from; the desk unless the address is of this site."""
    address = request.POST.get("next") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if own else resolve_url("desk")
