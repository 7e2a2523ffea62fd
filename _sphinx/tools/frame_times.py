"""How long a live figure takes from a key press to the frame that shows it, in a real browser."""

import functools
import statistics
from pathlib import Path

from .page import read_page
from .quiet import measured

SWITCHES = ["--no-sandbox", "--disable-gpu", "--no-proxy-server"]
PRESSES = 31
# From the browser's own stamp on the input event to the first moment after the next frame was drawn.
LISTEN = """(figure) => {
  figure.addEventListener("input", (event) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => window.seen.push(performance.now() - event.timeStamp);
    channel.port2.postMessage(0);
  }));
}"""


def pressed(page, sliders) -> list[float]:
    """Milliseconds to each frame while every slider goes one press after another from its lower end."""
    page.evaluate("window.seen = []")
    for slider in sliders:
        slider.focus()
        page.keyboard.press("Home")
        for _ in range(PRESSES):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(20)
    page.wait_for_timeout(100)
    return page.evaluate("window.seen")


def frame_times(
    chromium: str, address: str, folder: Path, names: list[str]
) -> dict[str, tuple[int, float, float, int]]:
    """By the id of each live figure: sliders, median and worst milliseconds, 1 where the host disturbed them.

    OSError without Playwright.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as fault:
        raise OSError("playwright is not installed") from fault
    live = [name for name in names if read_page(folder / f"{name}.html").has_widget]
    found = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=SWITCHES)
        for name in live:
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(f"{address}/{name}.html")
            for figure in page.locator("figure.explorer").all():
                button = figure.locator("form.guess button")
                if button.count():
                    button.click()
                figure.evaluate(LISTEN)
                sliders = figure.locator(".controls input[type=range]").all()
                (times,), disturbed = measured(functools.partial(pressed, page, sliders), runs=1, spare=3)
                found[figure.get_attribute("id")] = (len(sliders), statistics.median(times), max(times), disturbed)
            page.close()
        browser.close()
    return found
