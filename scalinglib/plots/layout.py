"""What a reader would trip over in a picture: text cut at its edge, text on text."""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from scalinglib.plots import style


def layout_faults(figure) -> list[str]:
    """Text that leaves the picture, and texts that overlap.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    list of str
        One line a fault; empty when the picture is sound.

    Examples
    --------
    >>> canvas, ax = style.new_figure()
    >>> _ = style.curve(ax, [1, 2], [3, 4])
    >>> layout_faults(canvas)
    []
    >>> _ = style.label(ax, "a label that starts at the right edge", 2, 4)
    >>> layout_faults(canvas)
    ["'a label that starts at the right edge' leaves the picture"]
    """
    with style.context():
        agg = FigureCanvasAgg(figure)
        agg.draw()
        renderer = agg.get_renderer()
        hidden = _hidden_ticks(figure)
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for text in figure.findobj(Text)
            if text.get_visible() and text.get_text().strip() and id(text) not in hidden
        ]
    frame = figure.bbox
    faults = [
        f"{text!r} leaves the picture"
        for text, box in boxes
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > frame.x1 + 0.5 or box.y1 > frame.y1 + 0.5
    ]
    for place, (text, box) in enumerate(boxes):
        for other, rest in boxes[place + 1 :]:
            across = min(box.x1, rest.x1) - max(box.x0, rest.x0)
            down = min(box.y1, rest.y1) - max(box.y0, rest.y0)
            # A letter box holds some air above and below its ink: three pixels of it may be shared.
            if across > 1 and down > 3:
                faults.append(f"{text!r} and {other!r} overlap")
    return faults


def _hidden_ticks(figure) -> set[int]:
    # Ticks outside the view keep their label objects; matplotlib does not draw them.
    hidden = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_transform().transform(axis.get_view_interval()))
            slack = 1e-9 * (high - low)
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not low - slack <= axis.get_transform().transform(tick.get_loc()) <= high + slack:
                    hidden |= {id(tick.label1), id(tick.label2)}
    return hidden
