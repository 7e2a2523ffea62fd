"""The shop: a small server in front of the market, so that a class buys its runs over the network.

Standard library only. Who buys names a token in the header ``Authorization: Bearer TOKEN``; bodies are JSON.

======  ============  ======================================================================
method  address       what
======  ============  ======================================================================
GET     ``/worlds``   each world: budget, target, what is left
GET     ``/ledger``   the rows of the token
POST    ``/buy``      ``{"world": 0, "N": 1e8, "D": 2e9}``; also learning_rate, schedule, order, plan
POST    ``/submit``   ``{"world": 0, "N": 1e10, "low": 5e9, "high": 2e10}``; also level, order
======  ============  ======================================================================
"""

import json
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .. import arguments
from .market import Market

__all__ = ["Shop"]

_LARGEST = 10_000  # bytes of an order
_NEEDED = {"/buy": ({"world", "N", "D"}, {"learning_rate", "schedule", "order", "plan"})}
_NEEDED["/submit"] = {"world", "N", "low", "high"}, {"level", "order"}


class Shop(ThreadingHTTPServer):
    """A server of one market; ``serve_forever()`` runs it, ``server_address`` says where.

    Parameters
    ----------
    market : Market
    host : str
        This machine alone, unless told otherwise.
    port : int
        0 for any that is free.
    patience : float
        Seconds for a whole request, from the first byte or from the answer before: who sends a byte now and then would
        else hold a thread for ever.
    """

    daemon_threads = True
    request_queue_size = 128  # of the default of 5, a class that starts together had connections reset

    def __init__(self, market: Market, *, host: str = "127.0.0.1", port: int = 8765, patience: float = 30.0):
        self.market, self.patience = market, patience
        self.reading = {}  # connection -> since when its request is read
        super().__init__((host, arguments.whole("port", port, least=0, most=65_535)), _Counter)

    def service_actions(self) -> None:
        """Cut off whose request takes too long; called between any two."""
        for connection, since in list(self.reading.items()):
            if time.monotonic() - since > self.patience:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # it has gone by itself
                    self.reading.pop(connection, None)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a line that broke; who was cut off asks again."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Counter(BaseHTTPRequestHandler):
    timeout = 30  # seconds for one who does not take the answer
    protocol_version = "HTTP/1.1"

    def handle_one_request(self):
        """Read a request and answer it; the server watches how long the reading takes."""
        self.server.reading[self.connection] = time.monotonic()
        try:
            super().handle_one_request()
        finally:
            self._is_read()

    def _is_read(self):
        self.server.reading.pop(self.connection, None)

    def do_GET(self):
        """Answer what is asked for."""
        self._is_read()
        if (name := self._whose()) is None:
            return
        if self.path == "/worlds":
            self._say(200, self.server.market.state(name))
        elif self.path == "/ledger":
            self._say(200, self.server.market.ledger(name))
        else:
            self._say(404, {"error": "GET /worlds or /ledger, POST /buy or /submit"})

    def do_POST(self):
        """Carry out an order."""
        if (name := self._whose()) is None or (order := self._order()) is None:
            return
        self._is_read()
        market = self.server.market
        deal = {"/buy": market.buy, "/submit": market.submit}[self.path]
        try:
            self._say(200, deal(name, order.pop("world"), **order))
        except (ValueError, TypeError, OverflowError) as error:  # a list where a number belongs, a number too large
            self._say(409, {"error": str(error)})

    def _whose(self):
        """The token, or None where an answer was given already."""
        kind, _, name = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and self.server.market.knows(name.strip()):
            return name.strip()
        self.close_connection = True  # what it sent besides is not read
        self._say(401, {"error": "a token of this class is needed: Authorization: Bearer TOKEN"})
        return None

    def _order(self):
        try:
            if self.path not in _NEEDED:
                raise LookupError("GET /worlds or /ledger, POST /buy or /submit")
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > _LARGEST:
                raise ValueError(f"a body of {_LARGEST} bytes at most is needed, with its length")
            content = self.rfile.read(int(length))
            if len(content) < int(length):  # cut off: half of an order may look whole
                raise ValueError("the body is shorter than its length")
            order = json.loads(content)
            needed, allowed = _NEEDED[self.path]
            if not isinstance(order, dict) or not needed <= set(order) <= needed | allowed:
                raise ValueError(f"an order has {', '.join(sorted(needed))}, and may have {', '.join(sorted(allowed))}")
            return {"plan": "", **order} if self.path == "/buy" else order
        except (LookupError, ValueError, RecursionError) as error:
            self.close_connection = True
            self._say(404 if isinstance(error, LookupError) else 400, {"error": str(error.args[0])})
            return None

    def _say(self, code, value):
        content = json.dumps(value).encode()
        self.send_response(code)
        for name, said in (("Content-Type", "application/json"), ("Content-Length", len(content))):
            self.send_header(name, str(said))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing: the ledger is the log."""
