"""The game: commands for a class that plays in the laboratory, by server or by sheets, and its leaderboard."""

import argparse
import os
from pathlib import Path

from ..files import write_whole
from .leaderboard import leaderboard, pseudonyms, reference_lines
from .market import BUDGET, COUNT, Market
from .orders import carry_out
from .roster import read_roster
from .shop import Shop

__all__ = ["add_commands"]


def add_commands(commands: "argparse._SubParsersAction") -> None:
    """Add ``lab-server``, ``lab-orders`` and ``leaderboard`` to a parser's commands."""
    server = _command(
        commands, "lab-server", _serve, "sell runs to a class, on this machine alone unless told otherwise"
    )
    server.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for all who reach this machine")
    server.add_argument("--port", type=int, default=8765)
    orders = _command(commands, "lab-orders", _orders, "carry out sheets of orders, TOKEN.csv each, without a server")
    orders.add_argument("--from", type=Path, required=True, dest="handed", help="folder with the sheets")
    board = _command(commands, "leaderboard", _board, "write who planned how well, under pseudonyms")
    board.add_argument("--sets", type=int, default=1, help="of worlds, in which the reference strategies play")


def _command(commands, name, run, said):
    command = commands.add_parser(name, help=said, description=said)
    command.add_argument("--students", type=Path, required=True, help="CSV with a column id")
    command.add_argument("--out", type=Path, required=True, help="folder of the game, with its ledger")
    command.add_argument("--budget", type=float, default=BUDGET, help="FLOP of a purse")
    command.add_argument("--count", type=int, default=COUNT, help="worlds of each student")
    command.set_defaults(run=run)
    return command


def _market(given):
    """The market; who has which token and name is written beside its ledger, for the teacher."""
    secret, students = os.environ.get("SECRET", ""), read_roster(given.students)
    names = pseudonyms(students, secret=secret)
    options = {"secret": secret, "budget": given.budget, "count": given.count}
    market = Market(given.out / "ledger.sqlite", students, **options)
    lines = ["id,token,pseudonym", *(f"{one},{name},{names[one]}" for one, name in market.tokens.items())]
    write_whole(given.out, {"tokens.csv": ("\n".join(lines) + "\n").encode()})
    return market, names


def _serve(given):
    market, names = _market(given)
    with Shop(market, host=given.host, port=given.port) as shop:
        host, port = shop.server_address[:2]
        print(f"http://{host}:{port} sells to {len(names)}; {given.out / 'tokens.csv'} says whose token is whose")
        print("Ctrl-C ends it; the ledger is kept, and the next call goes on from there", flush=True)
        try:
            shop.serve_forever()
        except KeyboardInterrupt:
            print("closed")


def _orders(given):
    results, strays = carry_out(_market(given)[0], given.handed)
    write_whole(given.out / "results", results)
    for stray in strays:
        print(f"not taken: {stray}")
    print(f"{len(results)} sheets carried out; what came of each row is in {given.out / 'results'}")


def _board(given):
    market, names = _market(given)
    lines = reference_lines(secret=os.environ["SECRET"], budget=given.budget, count=given.count, sets=given.sets)
    write_whole(given.out, {"leaderboard.html": leaderboard(market.submissions(), names, lines).encode()})
    print(f"{given.out / 'leaderboard.html'}; {given.out / 'tokens.csv'} says who is who")
