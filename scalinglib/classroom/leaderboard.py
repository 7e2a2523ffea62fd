"""The leaderboard: who planned how well, under pseudonyms, between the lines of the reference strategies."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

from .. import arguments
from ..simulate import WORLDS, Score, Submission, laboratories, score
from ..strategies import STRATEGIES, play
from .hypertext import page, table
from .market import BUDGET, COUNT
from .variants import laboratory_seed, token

__all__ = ["leaderboard", "pseudonyms", "reference_lines"]

_COLOURS = (
    "amber azure coral cyan ebony green indigo ivory jade lilac ochre olive pearl ruby sepia silver teal umber".split()
)
_BIRDS = (
    "bittern bunting crake curlew dipper dunlin eider egret falcon fulmar gannet godwit harrier heron hobby ibis "
    "jackdaw kite knot lapwing linnet martin merlin osprey petrel pipit plover puffin raven robin ruff shrike siskin "
    "skua snipe stint swift teal tern thrush wagtail warbler whimbrel wren"
).split()


def pseudonyms(students: Iterable[str], *, secret: str) -> dict[str, str]:
    """Id -> a name under which nobody is known who has not been told it; no two are alike.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sorted(sl.classroom.pseudonyms(["s1"], secret="a secret of the year 2026"))
    ['s1']
    """
    given, taken = {}, set()
    for student in students:
        drawn = hashlib.sha256(token(secret, "pseudonym", student).encode()).digest()
        first, second = (int.from_bytes(part, "big") for part in (drawn[:8], drawn[8:16]))
        plain = f"{_COLOURS[first % len(_COLOURS)]} {_BIRDS[second % len(_BIRDS)]}"
        name, again = plain, 2
        while name in taken:
            name, again = f"{plain} {again}", again + 1
        taken.add(name)
        given[student] = name
    return given


def reference_lines(
    *, secret: str, budget: float = BUDGET, count: int = COUNT, worlds: Sequence[str] = WORLDS, sets: int = 1
) -> dict[str, Score]:
    """How each of `strategies.STRATEGIES` does in sets of worlds of the same kinds, which no student has."""
    lines, sets = {}, arguments.whole("sets", sets, most=1000)
    for name, strategy in STRATEGIES.items():
        each = []
        for place in range(sets):
            seed = laboratory_seed(secret, "reference", str(place))
            each.append(play(strategy, laboratories(seed, budget, count=count, worlds=worlds), seed=place))
        mean = {key: float(np.mean([getattr(one, key) for one in each])) for key in ("wasted", "interval_score")}
        lines[name] = Score(count * sets, mean["wasted"], mean["interval_score"], sum(one.held for one in each))
    return lines


def leaderboard(
    submissions: Mapping[str, Sequence[Submission | None]], names: Mapping[str, str], lines: Mapping[str, Score]
) -> str:
    """The page: who submitted in every world, by wasted compute; the strategies as lines between; who is on the way.

    Parameters
    ----------
    submissions : mapping
        Id -> one a world, of `Market.submissions`.
    names : mapping
        Id -> pseudonym; no id is on the page.
    lines : mapping
        Name -> score, of `reference_lines`.
    """
    done = {names[one]: score(each) for one, each in submissions.items() if all(each)}
    ranked = [(one.wasted, False, f"<strong>{escape(name)}</strong>", one) for name, one in done.items()]
    ranked += [(one.wasted, True, f"<em>— {escape(name)} —</em>", one) for name, one in lines.items()]
    rows, place = [], 0
    for _, is_line, shown, one in sorted(ranked, key=lambda row: row[:3]):
        place += not is_line
        rank = "" if is_line else str(place)
        rows.append((rank, shown, f"{one.wasted:.1%}", f"{one.interval_score:.2f}", f"{one.held} of {one.count}"))
    head = ("place", "who", "compute wasted", "interval score", "intervals that held")
    under_way = sorted(
        f"{names[one]}: {sum(map(bool, each))} of {len(each)}" for one, each in submissions.items() if not all(each)
    )
    parts = [
        "<h1>The laboratory</h1>",
        "<p>Means over worlds; less is better in both. Lines in italics are strategies that the course explains, in "
        "worlds of the same kinds. One interval says little; a difference of places may be luck.</p>",
        table("Who planned how well", head, rows, raw=1),
    ]
    if under_way:
        parts += ["<h2>Not yet submitted everywhere</h2>", "<ul>"]
        parts += [*(f"<li>{escape(one)}</li>" for one in under_way), "</ul>"]
    return page("The laboratory", parts)
