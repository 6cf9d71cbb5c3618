"""Two ways to work on a page: by mouse, and by keyboard alone."""

from playwright.sync_api import Page


class Mouse:
    """Clicks; what is asked of a hand is all that a person does on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def fill(self, selector: str, text: str) -> None:
        self.page.fill(selector, text)

    def choose(self, selector: str, label: str) -> None:
        self.page.select_option(selector, label=label)

    def check(self, selector: str) -> None:
        self.page.check(selector)

    def try_it(self, button: str) -> None:
        """Ask for the result of a what-if, which does not move by itself without JavaScript."""
        self.press(button)


class Keyboard(Mouse):
    """Tab, arrows, letters, Space and Enter; nothing is reached in another way."""

    MOST_TABS = 150

    def press(self, selector: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.press("Enter")

    def fill(self, selector: str, text: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, selector: str, label: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.type(label)

    def check(self, selector: str) -> None:
        """Go to a radio button; those of one name are one stop, and the arrows move among them."""
        name = self.page.locator(selector).get_attribute("name")
        self.tab_to(f"input[name={name}]")
        self.page.keyboard.press("Space")
        while not self._focused(selector):
            self.page.keyboard.press("ArrowDown")

    def try_it(self, button: str) -> None:
        """Wait: the result moves while one types."""

    def tab_to(self, selector: str) -> None:
        wanted = f":nth-match({selector}, 1)"
        for _ in range(self.MOST_TABS):
            if self.page.locator(wanted).evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {selector}")

    def _focused(self, selector: str) -> bool:
        return bool(self.page.evaluate("selector => document.activeElement.matches(selector)", selector))
