"""Remakes the faces of the book's text, _sphinx/static/text, out of the package that they come from.

npm pack @fontsource-variable/source-serif-4@5.3.1 && tar xf fontsource-variable-source-serif-4-5.3.1.tgz
python3 -m venv faces && faces/bin/pip install fonttools==4.68.0 brotli==1.2.1
faces/bin/python _sphinx/tools/typeface.py package

The book's own environment has no brotli, which woff2 needs; so the faces are committed. Their licence keeps the name
Source for the faces as Adobe made them: cut down, they are called Book Serif.
"""

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FOLDER = Path(__file__).resolve().parents[1] / "static/text"
FAMILY = "Book Serif"
# As in unicode-range in text.css: Western letters and signs, and the letters of some authors' names.
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "–—‘’‚“”„…−′″ŒœŸ")]
NAMES = [*map(ord, "ĀāĂăĄąĆćČčĎďĐđĒēĘęĚěĞğĪīİıŁłŃńŇňŌōŐőŘřŚśŞşŠšŤťŪūŮůŰűŹźŻżŽžȘșȚț")]
FACES = (
    ("book-serif", "latin-wght-normal", LATIN, (400, 700)),
    ("book-serif-names", "latin-ext-wght-normal", NAMES, (400, 700)),
    ("book-serif-italic", "latin-wght-italic", LATIN, 400),
)


def face(file: Path, signs: list[int], weight) -> TTFont:
    """The face with these signs and this weight, or range of weights, under the book's name for it."""
    font = instancer.instantiateVariableFont(TTFont(file), {"wght": weight})
    options = subset.Options(layout_features=["kern", "liga", "ccmp", "mark", "locl", "tnum", "pnum"], flavor="woff2")
    cut = subset.Subsetter(options)
    cut.populate(unicodes=signs)
    cut.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            record.string = FAMILY.replace(" ", "") if record.nameID == 6 else FAMILY
    font.flavor = "woff2"
    return font


def main(arguments=None) -> None:
    """Write the faces and say what they weigh."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="the unpacked package")
    package = parser.parse_args(arguments).package
    for name, source, signs, weight in FACES:
        target = FOLDER / f"{name}.woff2"
        face(package / f"files/source-serif-4-{source}.woff2", signs, weight).save(target)
        print(f"{target}: {target.stat().st_size / 1024:.1f} KB")


if __name__ == "__main__":
    main()
