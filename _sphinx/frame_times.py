"""How long a live figure takes from a key press to the frame that shows it, in a real browser."""

import statistics
from pathlib import Path

from built_page import read_page

SWITCHES = ["--no-sandbox", "--disable-gpu", "--no-proxy-server"]
PRESSES = 31
# From the browser's own stamp on the input event to the first moment after the next frame was drawn.
LISTEN = """(figure) => {
  window.seen = [];
  figure.addEventListener("input", (event) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => window.seen.push(performance.now() - event.timeStamp);
    channel.port2.postMessage(0);
  }));
}"""


def frame_times(chromium: str, address: str, folder: Path, names: list[str]) -> dict[str, tuple[int, float, float]]:
    """Sliders, median and worst milliseconds of each live figure, by its id; OSError without Playwright."""
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
                sliders = figure.locator(".controls input[type=range]")
                for place in range(sliders.count()):
                    sliders.nth(place).focus()
                    page.keyboard.press("Home")
                    for _ in range(PRESSES):
                        page.keyboard.press("ArrowRight")
                        page.wait_for_timeout(20)
                page.wait_for_timeout(100)
                times = page.evaluate("window.seen")
                found[figure.get_attribute("id")] = (sliders.count(), statistics.median(times), max(times))
            page.close()
        browser.close()
    return found
