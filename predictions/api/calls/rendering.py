"""Replies of the API as JSON."""

from collections.abc import Mapping

import msgspec
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    """Compact JSON by msgspec: about five times as fast as `json` on an array of a thousand predictions."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: object,
        accepted_media_type: object = None,
        renderer_context: Mapping[str, object] | None = None,
    ) -> bytes:
        if renderer_context:
            # A view refers to itself and to its reply. A large call makes so few objects that the garbage
            # collector would seldom run and free the megabytes.
            vars(renderer_context["view"]).clear()
        return b"" if data is None else msgspec.json.encode(data, enc_hook=str)
