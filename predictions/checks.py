"""System checks of what a wrong setting would do."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register(deploy=True)
def article_endpoint_is_not_open(**kwargs: Any) -> list[CheckMessage]:
    if settings.ARTICLE_ENDPOINT != "open":
        return []
    return [
        Warning(
            "LOANSITE_ARTICLE_ENDPOINT is 'open': anyone who reaches /predict can score and store rows.",
            hint="Set it to 'token', or to 'off'.",
            id="predictions.W001",
        )
    ]
