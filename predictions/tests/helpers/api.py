"""A caller of the API, as tests use it."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from predictions.services.accounts import create_token


class ApiClient:
    """Sends JSON with a token of `user`, or without one."""

    def __init__(self, user: Any = None) -> None:
        self.user = user
        self.headers = {"Authorization": f"Token {create_token(user=user)}"} if user else {}
        self._client = Client()

    def get(self, path: str) -> HttpResponse:
        return self._client.get(path, headers=self.headers)

    def post(self, path: str, document: Any, key: str | None = None) -> HttpResponse:
        """Post JSON; `key` is an Idempotency-Key."""
        body = document if isinstance(document, str | bytes) else json.dumps(document)
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        return self._client.post(path, body, content_type="application/json", headers=headers)

    def delete(self, path: str) -> HttpResponse:
        return self._client.delete(path, headers=self.headers)

    def send(self, method: str, path: str) -> HttpResponse:
        """Send a request with an empty array as its body."""
        return self._client.generic(method, path, "[]", "application/json", headers=self.headers)
