"""Units: what a header says of the unit of its column, and the option that settles it."""

import re

__all__ = ["OWN_UNITS", "factor_of", "loss_unit_of", "without_unit"]

OWN_UNITS = {"bits-per-byte": "bits per byte", "bits-per-character": "bits per character"}
"""Units of a loss that are a factor away from nats per token which the table does not know."""

_EXPONENTS = {"k": 3, "m": 6, "b": 9, "g": 9, "t": 12}
_WORDS = {
    **dict.fromkeys(("thousand", "thousands"), 3),
    **dict.fromkeys(("million", "millions", "mio", "mln"), 6),
    **dict.fromkeys(("billion", "billions", "bn", "bln"), 9),
    **dict.fromkeys(("trillion", "trillions", "trn", "tln"), 12),
}
_PREFIXES = {"kilo": 3, "mega": 6, "giga": 9, "tera": 12, "peta": 15, "exa": 18, "zetta": 21, "yotta": 24}
_COMPUTE = re.compile(
    rf"({'|'.join(_PREFIXES)}|[kmgtpezy])[ _-]?(?:flops?|f)(?:(?:/s|ps|_s)?[ _-]*(days?))?", re.IGNORECASE
)
_POWER = re.compile(r"(?:10\s*(?:\^|\*\*)\s*|1e\+?)(\d{1,2})", re.IGNORECASE)
_COUNTED = {"param", "params", "parameter", "parameters", "token", "tokens", "flop", "flops"}
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
# behind a mark in either case, right behind small letters or behind one lone letter only as a capital
_LETTER = re.compile(r"(.*\w\w[\W_]+(?=[KMBGTkmbgt])|.*[a-z]{3}(?=[KMBGT])|[A-Za-z][\W_]+(?=[MB]))(\w)[\W_]*")


def without_unit(header):
    """The header less a unit that stands in it as a word or as a last letter.

    Examples
    --------
    >>> [without_unit(name) for name in ("tokens_B", "params in millions", "n_params", "paramsM")]
    ['tokens', 'params', 'n_params', 'params']
    """
    name = _BRACKETS.sub(" ", header).strip()
    words = re.split(r"[\W_]+", name)
    kept = [word for word in words if word.lower() not in _WORDS]
    if len(kept) < len(words):
        return " ".join(word for word in kept if word.lower() not in ("in", "of"))
    letter = _LETTER.fullmatch(name)
    return re.sub(r"[\W_]+(in)?[\W_]*$", "", letter[1]) if letter else name


def factor_of(header, is_quantity):
    """The factor that a header names, as text such as ``1e9``; None where it names none.

    Parameters
    ----------
    header : str
    is_quantity : callable
        Whether a name without its unit is one of the quantity: a lone last letter counts only then,
        since ``model_b`` may be the second model.

    Examples
    --------
    >>> [factor_of(name, lambda name: name == "tokens") for name in ("tokens (B)", "tokens_B", "model_B")]
    ['1e9', '1e9', None]
    >>> factor_of("compute [PFLOP/s-days]", lambda name: False)
    '8.64e19'
    """
    outside = _BRACKETS.sub(" ", header)
    inside = ",".join(a or b for a, b in _BRACKETS.findall(header))
    for piece in re.split("[,;]", inside):
        if factor := _piece(piece):
            return factor
    for word in re.split(r"[\W_]+", f"{outside} {inside}".lower()):
        if word in _WORDS:
            return f"1e{_WORDS[word]}"
    if match := _COMPUTE.fullmatch(outside.strip()):
        return _compute(match)
    letter = _LETTER.fullmatch(outside.strip())
    if letter and is_quantity(without_unit(header)):
        return f"1e{_EXPONENTS[letter[2].lower()]}"
    return None


def _piece(text):
    """The factor of what stands between brackets and commas."""
    text = re.sub(r"^(in\b|[x×*])\s*", "", text.strip(), flags=re.IGNORECASE)
    if match := _POWER.fullmatch(text):
        return f"1e{int(match[1])}" if int(match[1]) else None
    if match := _COMPUTE.fullmatch(text):
        return _compute(match)
    words = [word for word in re.findall(r"\w+", text.lower()) if word not in (_COUNTED | {"of"})]
    return f"1e{_EXPONENTS[words[0]]}" if len(words) == 1 and words[0] in _EXPONENTS else None


def _compute(match):
    prefix = match[1].lower()
    exponent = _PREFIXES.get(prefix) or next(e for name, e in _PREFIXES.items() if name[0] == prefix)
    # a day has 86,400 seconds
    return f"8.64e{exponent + 4}" if match[2] else f"1e{exponent}"


def loss_unit_of(header):
    """``bits``, ``perplexity`` or one of `OWN_UNITS` where the header of a loss says so, else None.

    Examples
    --------
    >>> [loss_unit_of(name) for name in ("loss (bits/token)", "val_ppl", "bpb", "val_loss [nats]")]
    ['bits', 'perplexity', 'bits-per-byte', None]
    """
    words = set(re.split(r"[\W_]+", header[:200].lower()))
    bits = words & {"bits", "bit"}
    if "bpb" in words or (bits and words & {"byte", "bytes"}):
        return "bits-per-byte"
    if "bpc" in words or (bits and words & {"char", "chars", "character", "characters"}):
        return "bits-per-character"
    if bits:
        return "bits"
    return "perplexity" if words & {"ppl", "perplexity"} else None
