"""Still pictures as tests see them: what is written where, and what a reader would trip over."""

import re
from xml.etree import ElementTree

import numpy as np

LETTER = {720: 6.3, 350: 6.8}
"""Mean width of a letter in a system's face, by layout, CSS pixels; 12 of them are a line high."""


def texts(svg):
    """(words, left, top, right, bottom) of every text of a picture."""
    root = ElementTree.fromstring(svg)
    wide = LETTER[round(float(root.get("viewBox").split()[2]))]
    for element in root.iter("text"):
        words = "".join(element.itertext()).replace("\u200b", "")
        long = wide * len(words)
        before = {"middle": long / 2, "end": long}.get(element.get("text-anchor"), 0)
        turned = re.match(r"translate\((\S+) (\S+)\)rotate", element.get("transform", ""))
        if turned:
            x, y = map(float, turned.groups())
            yield words, x - 9, y - long / 2, x + 3, y + long / 2
        else:
            x, y = float(element.get("x")), float(element.get("y"))
            yield words, x - before, y - 9, x - before + long, y + 3


def faults(figure):
    """One line for each text that leaves the picture or overlaps another, in either layout; none in a sound one."""
    found = []
    for width in LETTER:
        svg = figure.svg(width)
        height = float(ElementTree.fromstring(svg).get("viewBox").split()[3])
        boxes = [each for each in texts(svg) if each[0].strip()]
        for place, (words, *box) in enumerate(boxes):
            if box[0] < -2 or box[1] < -2 or box[2] > width + 2 or box[3] > height + 2:
                found.append(f"{words!r} leaves the picture of {width}")
            for other, *rest in boxes[place + 1 :]:
                across = min(box[2], rest[2]) - max(box[0], rest[0])
                down = min(box[3], rest[3]) - max(box[1], rest[1])
                if across > 3 and down > 3:
                    found.append(f"{words!r} and {other!r} overlap in the picture of {width}")
    return found


def same(one, other):
    """Whether two figures are the same letters and words."""
    return (one.file, one.caption, one.name) == (other.file, other.caption, other.name)


def layers(figure, group):
    """The layers of one kind, by name, as arrays of shape (2, n): x and y."""
    return {name: np.array([layer["x"], layer["y"]]) for name, layer in figure.picture.get(group, {}).items()}
