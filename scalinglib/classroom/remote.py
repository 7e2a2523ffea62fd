"""A laboratory that stands on the teacher's machine, bought from over the network as if it were here."""

import hashlib
import json
import math
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .. import arguments
from ..simulate.draws import to_six_digits

if TYPE_CHECKING:
    import pandas

__all__ = ["RemoteLaboratory"]


class RemoteLaboratory:
    """One world of one's own in a class's laboratory; a strategy that plays a `Laboratory` plays this one.

    It begins anew whenever it is opened, so that a notebook may be run again: what it orders for the first, second, ...
    time is the first, second, ... of its kind in the class's ledger, and is told and not bought where it stands there.
    Numbers are of one kind that agree to six digits, since another machine ends a power or a fit in other ones.

    Parameters
    ----------
    url : str
        Of the server, such as ``http://teacher.example:8765``; without ``http://`` it is that.
    token : str
        One's own.
    world : int
        From 0.
    kept : mapping, optional
        Of `Market.kept`: what was bought before is told from there, nothing else is sold, and no server is asked.
    plan : callable, optional
        Gives the mark of one's plan as it stands, which goes with each purchase.
    """

    def __init__(
        self,
        url: str,
        token: str,
        world: int = 0,
        *,
        kept: Mapping | None = None,
        plan: Callable[[], str] | None = None,
    ):
        self._url = (url if "://" in url or not url else f"http://{url}").rstrip("/")
        self._token, self._world, self._kept, self._plan = token, world, kept, plan
        self._ordered, self._names = Counter(), set()  # since it was opened

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
        """FLOP that what was bought since it was opened leaves in the purse."""
        return max(0.0, self.budget - math.fsum(self.ledger.C))

    @property
    def unique_tokens(self) -> float:
        """Tokens of text that there are."""
        held = self._state("unique_tokens")
        return math.inf if held is None else held

    @property
    def ledger(self) -> "pandas.DataFrame":
        """The runs that were bought since it was opened."""
        return self.bought[lambda table: table.name.isin(self._names)].drop(columns="name").reset_index(drop=True)

    @property
    def bought(self) -> "pandas.DataFrame":
        """The runs of this world in the class's ledger, whenever they were bought."""
        import pandas

        rows = [row for row in self._asked("/ledger") if row["world"] == self._world and row["kind"] == "buy"]
        names = ("N", "D", "C", "loss", "learning_rate", "schedule", "name")
        table = pandas.DataFrame(rows, columns=list(names)).astype({"loss": float, "C": float})
        return table.assign(diverged=table.loss.isna())

    def buy(self, N: float, D: float, *, learning_rate: float | None = None, schedule: str | None = None) -> float:
        """Train one run and pay for it, as `Laboratory.buy`; no broken line and no notebook run again pays twice."""
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
            given = {key: value for key, value in order.items() if value is not None} | {"world": self._world}
            kind = {key: to_six_digits(one) if isinstance(one, float) else one for key, one in given.items()}
            asked = json.dumps([address, kind], sort_keys=True)
            self._ordered[asked] += 1
            name = hashlib.sha256(f"{asked}{self._ordered[asked]}".encode()).hexdigest()
            self._names.add(name)
            plan = {"plan": self._plan()} if self._plan and address == "/buy" else {}
            content = json.dumps({**given, **plan, "order": name}).encode()
        if self._kept is not None:
            return self._told(address, order and name)
        headers = {"Authorization": f"Bearer {self._token}"}
        for _ in range(3):
            request = urllib.request.Request(f"{self._url}{address}", content, headers)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if order is not None:  # what was refused was no order
                    self._ordered[asked] -= 1
                raise ValueError(_said(error)) from None
            except OSError as error:  # the order has a name, so that it may be sent again
                broken = error
        raise ConnectionError(f"{self._url} does not answer: {broken}") from None

    def _told(self, address, name):
        if name is None:
            return self._kept[address[1:]]
        for row in self._kept["ledger"]:
            if row["name"] == name:
                return row
        raise ValueError("this order is not in the ledger that is kept here, and nothing is sold from it")


def _said(error):
    """What the server says is wrong; what stands between may answer in other words than JSON."""
    try:
        return json.load(error)["error"]
    except (ValueError, TypeError, KeyError):
        return f"{error.url} answers {error.code} {error.reason}"
