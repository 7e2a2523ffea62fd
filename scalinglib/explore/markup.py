"""The words around a live figure, as HTML: what a page shows without a script, and what the script brings to life."""

from __future__ import annotations

import json

from scalinglib.explore.sentence import raised

_KEYS = (
    "Left and right arrows read along the curve.",
    "Left and right arrows walk from run to run, Enter leaves one out or puts it back.",
)
"""What the arrow keys do on the picture, without rows to leave out and with them."""


def shell(spec: dict) -> str:
    """The controls and the empty places that explorer.js fills; ``%id%`` stands where ids must differ."""
    rows = "".join(_control(control, index) for index, control in enumerate(spec["controls"]))
    return (
        f'<div class="explorer-live" hidden><p class="question">{raised(spec["question"])}</p>{_guess(spec["predict"])}'
        '<p class="said" aria-hidden="true"></p><p class="verdict"></p>'
        f'<div class="stage" tabindex="0" role="group" aria-label="Picture. {_KEYS["pick" in spec]}"></div>'
        f'<p class="read"></p><div class="controls">{rows}<button type="button" class="reset">Reset</button></div>'
        f'<p class="caveat">{raised(spec["caveat"])}</p>'
        "<details><summary>The numbers of this setting</summary><table></table></details>"
        '<p class="status" role="status"></p></div>'
    )


def _control(control: dict, index: int) -> str:
    if "rows" in control:
        return f'<button type="button" class="more">{raised(control["more"])}</button>'
    if "options" in control:
        return _radios(f"%id%-{index}", control["label"], enumerate(control["options"]), f' data-control="{index}"')
    last = (len(control["stops"]) - 1) * control["between"]
    return _slider(f"%id%-{index}", control["label"], last, f' data-control="{index}"')


def _slider(name: str, label: str, last: int, more: str = "", shown: str = "") -> str:
    return (
        f'<div class="row"><label for="{name}">{raised(label)}</label><span class="shown">{shown}</span>'
        f'<input type="range" id="{name}" min="0" max="{last}" step="1"{more}></div>'
    )


def _radios(name: str, legend: str, options, more: str = "") -> str:
    words = "".join(
        f'<label><input type="radio" name="{name}" value="{value}"{more}><span>{raised(text)}</span></label>'
        for value, text in options
    )
    return f"<fieldset><legend>{raised(legend)}</legend>{words}</fieldset>"


def _guess(predict: dict | None) -> str:
    if not predict:
        return ""
    field = _slider("%id%-guess", "Your guess", 100, ' aria-valuetext="none yet"', "none yet")
    if predict["options"]:
        field = _radios("%id%-guess", "Your guess", [(float(value), text) for value, text in predict["options"]])
    return f'<form class="guess"><p>{raised(predict["ask"])}</p>{field}<button>Show me</button></form>'


def page(spec: dict, slots: list | None, *, picture: str, sentence: str, shown: str) -> str:
    """The figure for a page with no kernel: the default picture, the controls, and the data behind them.

    Parameters
    ----------
    slots : list or None
        What `grid.tabulated` gives; without it the figure stays as it is.
    picture : str
        SVG of the default setting.
    sentence : str
        The sentence there, as HTML.
    shown : str
        The setting in words, for print.
    """
    live = ""
    if slots is not None:
        data = json.dumps({"spec": spec, "slots": slots}, ensure_ascii=False, separators=(",", ":"))
        data = data.replace("<", "\\u003c")  # no data may close the tag
        live = shell(spec).replace("%id%", spec["name"])
        live += f'<script type="application/json" class="explorer-data">{data}</script>'
    # A class of its own says that the page needs the figure's own script.
    program = f" {spec['pick']['program']}" if "pick" in spec else ""
    return (
        f'<figure class="explorer{program}" id="{spec["name"]}"><div class="explorer-default">'
        f'<p class="question">{raised(spec["question"])}</p><p class="said">{sentence}</p>{picture}'
        f'<p class="setting">Shown for: {raised(shown)}. In the page this figure can be moved.</p>'
        f'<p class="caveat">{raised(spec["caveat"])}</p></div>{live}</figure>'
    )
