"""A running site that programs call from outside."""

from typing import Any

import pytest


@pytest.fixture
def site(live_server: Any, active_version: Any) -> str:
    """Address of a running site with an active model."""
    return str(live_server.url)
