"""Signing in. Few passwords are hashed at a time: a flood of tries leaves threads for everybody else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView

from predictions import database_waits
from predictions.errors import Unavailable
from predictions.lockout import locked


class TooManySignIns(Unavailable):
    code = "too_many_sign_ins"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("Many people sign in at this moment. Please try again in a second.")


class FewAtOnce:
    """Lets `at_once` threads do something, lets `waiting` more wait for their turn, and turns others away."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._turns = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn. Raises `TooManySignIns`."""
        if not self._places.acquire(blocking=False):
            raise TooManySignIns
        try:
            if not database_waits.acquire(self._turns):
                raise TooManySignIns
            try:
                with database_waits.for_writers():  # hashing fills a thread too, and is noted
                    yield
            finally:
                self._turns.release()
        finally:
            self._places.release()


_hashing = FewAtOnce(at_once=2, waiting=1)  # of a worker's four threads


class SignInForm(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        """Check the password when its turn has come. Raises `TooManySignIns`.

        A locked caller needs no turn: its password is not looked at.
        """
        if self.request and locked(self.request, self.cleaned_data.get("username", "")):
            return super().clean()
        with _hashing.turn():
            return super().clean()


class SignIn(LoginView):
    redirect_authenticated_user = True
    form_class = SignInForm
