"""A formula in words on one line, from its MathML: what a PDF tells those who listen."""

import re

from bs4 import NavigableString

# Signs that a voice leaves out or reads wrongly, and marks over a letter.
SAID = {
    "\u2061": "",
    "\u2062": "",
    "\u2212": "minus",
    "-": "minus",
    "\u2211": "sum",
    "\u221d": "proportional to",
    "\u2032": "prime",
    "\u22c5": "times",
    "\u00d7": "times",
    "\u2217": "*",
}
ACCENTS = {"^": "hat", "\u02c9": "bar", "\u00af": "bar", "~": "tilde", "\u02d9": "dot"}
BRACKETED = re.compile(r"[(\[][^()\[\]]*[)\]]")


def in_words(element) -> str:
    """MathML on one line, as one would type it: x^b, (a + b)/c, sum_(i = 1)^n."""
    if isinstance(element, NavigableString):
        return SAID.get(str(element).strip(), str(element).strip())
    said = [word for word in map(in_words, element.children) if word]
    inner = [f"({word})" if re.search(r"[ /^_]", word) and not BRACKETED.fullmatch(word) else word for word in said]
    match element.name:
        case "mfrac":
            return "/".join(inner)
        case "msqrt":
            return f"square root of ({' '.join(said)})"
        case "msup":
            return "^".join(inner)
        case "msub" | "munder":
            return "_".join(inner)
        case "mover":
            return f"{said[0]} {ACCENTS[said[1]]}" if said[1:] and said[1] in ACCENTS else "^".join(inner)
        case "msubsup" | "munderover":
            return f"{inner[0]}_{inner[1]}^{inner[2]}"
        case "mtr":
            return " ".join(said) + (" ;" if element.find_next_sibling("mtr") else "")
    return " ".join(said)
