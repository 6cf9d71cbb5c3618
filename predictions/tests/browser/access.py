"""What axe and the browser's console find wrong with a page, in light and in dark, and in which widths."""

from collections.abc import Iterable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe().axe_script
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"type": "tag", "values": TAGS}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # all that the scheme changes
WIDTHS = [320, 360, 768, 800, 820, 862, 1000, 1024, 1280]
STILL = {"reduced_motion": "reduce"}  # no transition is caught half-way


def at_fault(page: Page, addresses: Iterable[str]) -> dict[str, list[str]]:
    """Return the complaints of each page that has any."""
    complaints = {address: complaints_at(page, address) for address in addresses}
    return {address: said for address, said in complaints.items() if said}


def complaints_at(page: Page, address: str) -> list[str]:
    """Open an address and name all that is wrong with it."""
    page.emulate_media(color_scheme="light")
    page.goto(address)
    return complaints_of(page) + too_wide(page)


def too_wide(page: Page) -> list[str]:
    """Name the widths in which the page as it stands scrolls sideways."""
    devtools = page.context.new_cdp_session(page)  # a quarter of the time of page.set_viewport_size
    found = []
    for width in [*WIDTHS, page.viewport_size["width"]]:
        size = {
            "width": width,
            "height": page.viewport_size["height"],
            "deviceScaleFactor": 1,
            "mobile": False,
        }
        devtools.send("Emulation.setDeviceMetricsOverride", size)
        shown, needed = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
        assert shown == width
        found += [f"{width} px: it needs {needed}"] if needed > width else []
    devtools.detach()
    return found


def complaints_of(page: Page) -> list[str]:
    """Name all that is wrong with the page as it stands: the console says, and axe in both schemes."""
    found = [said for said in page.complaints if not _is_status(said)]
    page.evaluate(AXE)
    found += _violations(page, RULES)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in _violations(page, COLOURS)]
    page.complaints.clear()  # axe tries inline styles, which the policy refuses it as well
    return found


def _violations(page: Page, rules: dict) -> list[str]:
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in page.evaluate("async options => (await axe.run(options)).violations", options)
        for node in violation["nodes"]
    ]


def _is_status(said: str) -> bool:
    """The console notes every page of status 4xx; tests of pages look at the status themselves."""
    return said.startswith("Failed to load resource: the server responded with a status of 4")
