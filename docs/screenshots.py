"""Make the README's pictures from a running site with the demo accounts and an empty history.

Usage: python docs/screenshots.py [http://127.0.0.1:8000]
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WIDTH = 1100
PICTURES = Path(__file__).parent / "screenshots"
APPLICATION = {
    "gender": "Female", "married": "No", "dependents": "0", "education": "Graduate", "self_employed": "No",
    "applicant_income": "4583", "coapplicant_income": "1508", "loan_amount": "128",
    "loan_amount_term": "360", "credit_history": "1", "property_area": "Semiurban",
}  # fmt: skip
CASES = [
    {"loan_id": "LP002101"},
    {"loan_id": "LP002102", "applicant_income": "2583", "loan_amount": "", "property_area": "Rural"},
    {"loan_id": "LP002103", "credit_history": "0", "loan_amount": "187"},
    {"loan_id": "LP002104", "applicant_income": "2583", "coapplicant_income": "0", "credit_history": ""},
]  # fmt: skip


def sign_in(page: Page) -> None:
    page.goto("/login/")
    page.fill("#id_username", "officer")
    page.fill("#id_password", "loansite-demo")
    page.click("main button")
    page.wait_for_url("/")


def fill(page: Page, entries: dict[str, str]) -> None:
    page.goto("/score/")
    for name, value in entries.items():
        field = page.locator(f"#id_{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def picture(page: Page, name: str, height: int | None = None) -> None:
    """Take the page, or its upper part."""
    page.evaluate("document.activeElement.blur()")
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": height} if height else None
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True, clip=clip)


def main(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(base_url=site, viewport={"width": WIDTH, "height": 620}, color_scheme="light")
        sign_in(page)
        for case in CASES:
            fill(page, APPLICATION | case)
            if case is CASES[-1]:
                picture(page, "form")
            page.click("main button[type=submit]")
            page.wait_for_url("**/predictions/*/")
        picture(page, "result", height=900)
        page.goto("/")
        picture(page, "desk")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
