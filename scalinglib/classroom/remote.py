"""A laboratory that stands on the teacher's machine, bought from over the network as if it were here."""

import json
import math
import urllib.error
import urllib.request
import uuid
from typing import TYPE_CHECKING

from .. import arguments

if TYPE_CHECKING:
    import pandas

__all__ = ["RemoteLaboratory"]


class RemoteLaboratory:
    """One world of one's own in a class's laboratory; a strategy that plays a `Laboratory` plays this one.

    Parameters
    ----------
    url : str
        Of the server, such as ``http://teacher.example:8765``.
    token : str
        One's own.
    world : int
        From 0.
    """

    def __init__(self, url: str, token: str, world: int = 0):
        self._url, self._token, self._world = url.rstrip("/"), token, world

    def __repr__(self):
        return f"<RemoteLaboratory, world {self._world} of {self._url}>"

    @property
    def budget(self) -> float:
        """FLOP that the purse held."""
        return self._state("budget")

    @property
    def target(self) -> float:
        """FLOP of the run that is planned."""
        return self._state("target")

    @property
    def left(self) -> float:
        """FLOP that are left in the purse."""
        return self._state("left")

    @property
    def unique_tokens(self) -> float:
        """Tokens of text that there are."""
        held = self._state("unique_tokens")
        return math.inf if held is None else held

    @property
    def ledger(self) -> "pandas.DataFrame":
        """The runs that were bought in this world."""
        import pandas

        rows = [row for row in self._asked("/ledger") if row["world"] == self._world and row["kind"] == "buy"]
        names = ("N", "D", "C", "loss", "learning_rate", "schedule")
        table = pandas.DataFrame(rows, columns=list(names)).astype({"loss": float})
        return table.assign(diverged=table.loss.isna())

    def buy(self, N: float, D: float, *, learning_rate: float | None = None, schedule: str | None = None) -> float:
        """Train one run and pay for it, as `Laboratory.buy`; a line that breaks does not pay twice."""
        order = {"N": float(N), "D": float(D), "learning_rate": learning_rate, "schedule": schedule}
        loss = self._asked("/buy", order)["loss"]
        return math.nan if loss is None else loss

    def submit(self, N: float, *, interval: tuple[float, float], level: float = 0.8) -> None:
        """Submit a size and an interval; what it is worth is told when the game is over."""
        low, high = interval
        self._asked("/submit", {"N": float(N), "low": float(low), "high": float(high), "level": level})

    def _state(self, name):
        worlds = self._asked("/worlds")
        return worlds[arguments.whole("world", self._world, least=0, most=len(worlds) - 1)][name]

    def _asked(self, address, order=None):
        content = None
        if order is not None:
            given = {key: value for key, value in order.items() if value is not None}
            content = json.dumps({**given, "world": self._world, "order": uuid.uuid4().hex}).encode()
        headers = {"Authorization": f"Bearer {self._token}"}
        for _ in range(3):
            request = urllib.request.Request(f"{self._url}{address}", content, headers)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                raise ValueError(_said(error)) from None
            except OSError as error:  # the order has a name, so that it may be sent again
                broken = error
        raise ConnectionError(f"{self._url} does not answer: {broken}") from None


def _said(error):
    """What the server says is wrong; what stands between may answer in other words than JSON."""
    try:
        return json.load(error)["error"]
    except (ValueError, TypeError, KeyError):
        return f"{error.url} answers {error.code} {error.reason}"
