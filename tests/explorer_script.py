"""The page's script in a JavaScript engine without a browser: what it reads from the page, says and draws."""

import atexit
import json
import math
from functools import cache
from pathlib import Path

from py_mini_racer import MiniRacer

import scalinglib as sl

SCRIPT = Path(sl.__file__).parent / "explore" / "explorer.js"


@cache
def engine():
    """An engine that holds the script."""
    racer = MiniRacer()
    atexit.register(racer.close)  # as in coursebook.maths
    racer.eval(SCRIPT.read_text(encoding="utf-8").replace("export default explorer;", ""))
    return racer


def load(page):
    """Put the data of one figure's HTML into the engine, under the names `spec` and `slots`."""
    data = page.split('class="explorer-data">')[1].split("</script>")[0]
    engine().eval(f"var {{ spec, slots }} = {data};")


def frames(positions):
    """The content of every slot at each position, as `Scene.fill` gives it but for numbers, which are lists of one."""
    text = engine().eval(
        f"JSON.stringify({json.dumps([list(map(int, position)) for position in positions])}.map((position) =>"
        " explorer.frameAt(spec, slots, position).map((v) => typeof v === 'string' ? v : Array.from(v))))"
    )
    return [
        [
            content if isinstance(content, str) else [math.nan if value is None else value for value in content]
            for content in frame
        ]
        for frame in json.loads(text)
    ]


def picture(position, width=720):
    """The SVG at a position."""
    place = json.dumps(list(position))
    return engine().eval(f"explorer.paint(spec, explorer.frameAt(spec, slots, {place}), {place}, {width}, {{}})")


def sentence(position):
    """The sentence at a position."""
    return engine().eval(f"explorer.sentence(spec, explorer.frameAt(spec, slots, {json.dumps(list(position))}))")


def written_all(values, form):
    """Numbers as the page writes them."""
    numbers = json.dumps([float(value) for value in values])
    return json.loads(
        engine().eval(f"JSON.stringify({numbers}.map((value) => explorer.written(value, {json.dumps(form)})))")
    )
