"""Take the pictures of the documents from a running site with the demo (make demo; make run).

Usage: python docs/screenshots/take.py [http://127.0.0.1:8000]
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PICTURES = Path(__file__).parent
PASSWORD = "loansite-demo"  # noqa: S105 # of the demo accounts
MAX_BYTES = 200_000


def open_gap(page: Page) -> None:
    """Go from the queue to the case that waits longest for a credit history."""
    page.locator(".queue tbody tr", has_text="Credit history").first.locator("th a").click()
    page.wait_for_url("**/applications/*/")


class Picture(NamedTuple):
    """A page, and the user, window and colours to open it with. `then` is called when the page is open."""

    name: str
    address: str
    user: str = "reviewer"
    width: int = 1280
    height: int = 900
    dark: bool = False
    then: Callable[[Page], None] | None = None


# A page that the site does not have is skipped with a message.
LIST = [
    Picture("desk", "/", height=1000),
    Picture("case", "/queue/", height=800, then=open_gap),
    Picture("history", "/history/", height=620),
    Picture("queue", "/queue/", height=620),
    Picture("policy", "/policies/", user="manager"),
    Picture("models", "/models/", user="manager", height=800),
    Picture("desk-dark", "/", height=1000, dark=True),
    Picture("desk-360", "/", user="officer", width=360, height=1000),
]


def main(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for picture in LIST:
            print(picture.name, take(browser, site, picture))  # noqa: T201
        browser.close()


def take(browser: Browser, site: str, picture: Picture) -> str:
    """Save one picture and return its size, or why it was skipped."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.dark else "light",
    )
    page = context.new_page()
    sign_in(page, picture.user)
    reply = page.goto(picture.address)
    if reply is None or reply.status != 200:
        return f"skipped: {picture.address} does not exist"
    if picture.then:
        picture.then(page)
    page.evaluate("document.activeElement.blur()")
    content = page.screenshot(path=PICTURES / f"{picture.name}.png")
    context.close()
    return f"{len(content):,} bytes" + (" - TOO LARGE" if len(content) > MAX_BYTES else "")


def sign_in(page: Page, user: str) -> None:
    page.goto("/login/")
    page.fill("#id_username", user)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
