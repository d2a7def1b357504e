"""What a page is looked at for, wherever a browser test opens one."""

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CONTRAST = "axe.run({ runOnly: ['color-contrast'], resultTypes: ['violations'] })"
# The administration's links change colour slowly, whatever the reader prefers.
SETTLE = "document.getAnimations().filter(each => each instanceof CSSTransition).forEach(each => each.finish())"


def looks_right(page: Page, *sizes: dict) -> None:
    """By day axe finds nothing, at night no word is faint, and nothing is wider than the screen.

    In each of these sizes, or in its own; the page is left in the last one, by day.
    """
    for size in sizes or (page.viewport_size,):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.evaluate(SETTLE)
        _nothing(Axe().run(page), page, size)
        page.emulate_media(color_scheme="dark")
        page.evaluate(SETTLE)
        _nothing(AxeResults(page.evaluate(CONTRAST)), page, size)
        assert page.evaluate(TOO_WIDE) <= 0, (page.url, size)
    page.emulate_media(color_scheme="light")


def _nothing(found: AxeResults, page: Page, size: dict) -> None:
    assert found.violations_count == 0, f"{page.url} {size}\n{found.generate_report()}"
