"""A real browser, a running site, and ears for what the browser complains about."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from playwright.sync_api import Browser, Page, sync_playwright

from predictions.roles import Role
from predictions.tests.conftest import PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE = 5_000  # milliseconds
NARROW = {"width": 360, "height": 740}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium.

    Playwright runs an event loop in this thread. Django refuses the database there, and would open a second
    connection; both are undone, so that tests and site see one database.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"NOT TESTED IN A BROWSER: {CHROMIUM} is not installed (apt-get install chromium).")
    connection = connections[DEFAULT_DB_ALIAS]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        connections[DEFAULT_DB_ALIAS] = connection
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def site(live_server: Any, active_version: Any) -> str:
    """Address of a running site with an active model."""
    return str(live_server.url)


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a window of its own on the site; its ``.complaints`` are what a developer's console would show."""
    contexts = []

    def make(**options: Any) -> Page:
        context = browser.new_context(base_url=site, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.complaints = []
        page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "request", lambda sent: sent.url.startswith((site, "data:")) or page.complaints.append(sent.url)
        )
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def signed_in(open_page: Callable[..., Page], user_with: Callable[..., Any]) -> Callable[..., Page]:
    """Open a window and sign in as a new user of a role."""

    def make(role: Role, **options: Any) -> Page:
        user = user_with(role)
        page = open_page(**options)
        page.goto("/login/")
        page.fill("#id_username", user.username)
        page.fill("#id_password", PASSWORD)
        page.click("main button")
        page.wait_for_url("/")
        return page

    return make
