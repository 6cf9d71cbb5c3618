"""Signing in. Few passwords are hashed at a time: a flood of tries leaves threads for everybody else."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView

from predictions import database_waits
from predictions.errors import Unavailable
from predictions.requests.lockout import locked


class TooManySignIns(Unavailable):
    code = "too_many_sign_ins"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("Many people sign in at this moment. Please try again in a second.")


_hashing = database_waits.FewAtOnce(2, 1, TooManySignIns)  # of a worker's four threads


class SignInForm(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        """Check the password when its turn has come. Raises `TooManySignIns`.

        A locked caller needs no turn: its password is not looked at.
        """
        if self.request and locked(self.request, self.cleaned_data.get("username", "")):
            return super().clean()
        with _hashing.turn(), database_waits.for_writers():  # hashing fills a thread too, and is noted
            return super().clean()


class SignIn(LoginView):
    redirect_authenticated_user = True
    form_class = SignInForm
