"""A chapter under a real kernel: JupyterLab in a browser,
a slider moved by keyboard to where the page would interpolate.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

import scalinglib as sl
from tests.browser import ROOT, reader

pytest_plugins = ["tests.browser"]

CHAPTER = ROOT / "chapters/power-laws/straight-line.ipynb"
FUNCTION = "doubling"


@pytest.fixture(scope="module")
def lab(chromium_path, tmp_path_factory):
    """JupyterLab on loopback with a copy of one chapter and settings of its own; yields its address."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    home = tmp_path_factory.mktemp("lab")
    work = home / "work"
    work.mkdir()
    shutil.copy(CHAPTER, work)
    places = {
        name: str(home / name.lower())
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "IPYTHONDIR",
        )
    }
    # All cells are drawn, also those out of sight; and Lab asks nobody for news.
    for name, settings in (
        ("notebook-extension/tracker", {"windowingMode": "none"}),
        ("apputils-extension/notification", {"fetchNews": "false"}),
    ):
        file = home / "jupyterlab_settings_dir/@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=0",
        "--allow-root",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        f"--ServerApp.root_dir={work}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with open(home / "log.txt", "w", encoding="utf-8") as log:
        server = subprocess.Popen(command, env={**os.environ, **places}, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield _address(server, home / "jupyter_runtime_dir", home / "log.txt")
    finally:
        server.terminate()
        server.wait(120)


def _address(server, runtime, log):
    """Where the server listens, from the file it writes once it does."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        for file in runtime.glob("jpserver-*.json"):
            address = json.loads(file.read_text(encoding="utf-8"))["url"]
            # The file is there some moments before the server listens.
            with contextlib.suppress(urllib.error.URLError):
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address + "api", timeout=120).close()
                return address
        time.sleep(0.3)
    raise AssertionError(log.read_text(encoding="utf-8")[-3000:])


def test_a_kernel_computes_between_the_stops(lab, chromium):
    """Run All shows the live figure; between two stops it says, letter by letter, what the function says there."""
    with reader(chromium, width=1400) as seen:
        page = seen.page
        page.goto(f"{lab}lab/tree/{CHAPTER.name}?reset")
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        figure = page.locator(".jp-OutputArea .explorer.live:has(button.reset)").first
        figure.wait_for()
        figure.locator("form.guess button").click()
        scene = sl.explore.figure(getattr(sl.explore, FUNCTION)).scene
        place, control = next(
            (place, control)
            for place, control in enumerate(scene.controls.values())
            if getattr(control, "between", 1) > 1
        )
        slider = figure.locator(f".controls input[data-control='{place}']")
        before = slider.input_value()
        slider.focus()
        page.keyboard.press("ArrowLeft")
        assert slider.input_value() == str(int(before) - 1), "JupyterLab took the arrow key"
        position = [*scene.start[:place], int(before) - 1, *scene.start[place + 1 :]]
        assert position[place] % control.between, "the key led to a stop"
        wanted = str(scene.function(**scene.setting(position))["say"]).replace("^", "")
        page.wait_for_function(
            "([figure, text]) => figure.querySelector('.said').textContent === text",
            arg=[figure.element_handle(), wanted],
        )
        assert not seen.errors
