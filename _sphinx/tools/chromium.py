"""Where the Chromium is that prints the book, measures its pages and tests them."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class NoChromium(OSError):
    """No Chromium can be run here; the message says how to get one."""


def find_chromium() -> str:
    """Path of the Chromium that CHROMIUM names, or of a usual one; NoChromium says what to do where there is none."""
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    if named:
        raise NoChromium(f"CHROMIUM={named} cannot be run; name a Chromium, or unset it.")
    raise NoChromium(
        "a Chromium is missing. Install one (Debian, Ubuntu: sudo apt install chromium), or name it in CHROMIUM."
    )
