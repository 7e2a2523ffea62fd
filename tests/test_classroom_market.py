"""The laboratory of a class: purses that nobody overdraws, a ledger that is the log, sheets, a board without names."""

import contextlib
import csv
import io
import json
import math
import socket
import sqlite3
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from scalinglib import classroom, simulate, strategies
from scalinglib.classroom.__main__ import main
from tests.course import SECRET

THIRD = {"N": 1e9, "D": 1e10}  # 6e19 FLOP: three of these are in a purse of 2e20


@pytest.fixture
def market(tmp_path):
    return opened(tmp_path)


def opened(folder, **options):
    return classroom.Market(folder / "ledger.sqlite", ["s1", "s2"], **{"secret": SECRET, "count": 2, **options})


@contextlib.contextmanager
def served(market, **options):
    """The address of a server of the market, on a free port."""
    with classroom.Shop(market, port=0, **options) as shop:
        thread = threading.Thread(target=shop.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{shop.server_address[1]}"
        finally:
            shop.shutdown()
            thread.join()


def sent(url, body, token=None):
    """The status and the JSON of an answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_twenty_who_race_for_a_purse_of_three_buy_three(market):
    """Through the server, all at once: three are sold to, seventeen are told what is left, and nothing is overdrawn."""
    token, start = market.tokens["s1"], threading.Barrier(20)

    def buy(url):
        start.wait()
        return sent(f"{url}/buy", json.dumps({"world": 0, **THIRD}).encode(), token)

    with served(market) as url, ThreadPoolExecutor(20) as buyers:
        answers = list(buyers.map(buy, [url] * 20))
    assert sorted(code for code, _ in answers) == [200] * 3 + [409] * 17
    assert len(market.ledger(token)) == 3
    assert market.state(token)[0]["left"] == pytest.approx(2e19)
    assert market.state(token)[1]["left"] == 2e20


def test_two_servers_on_one_ledger_sell_no_more_than_one(tmp_path):
    """The lock is the file's: markets that do not know of each other sell three of a purse for three."""
    markets = [opened(tmp_path) for _ in range(4)]
    token, start = markets[0].tokens["s1"], threading.Barrier(12)

    def buy(place):
        start.wait()
        try:
            return markets[place % 4].buy(token, 0, **THIRD)
        except ValueError:
            return None

    with ThreadPoolExecutor(12) as buyers:
        sold = [one for one in buyers.map(buy, range(12)) if one]
    assert len(sold) == 3 and len({one["loss"] for one in sold}) == 3


def test_the_ledger_is_all_there_is(tmp_path):
    """Opened again, the market knows what was bought and submitted; played again, orders give the ledger's losses."""
    first = opened(tmp_path)
    token = first.tokens["s1"]
    for D in (1e9, 1e9, 2e9):
        first.buy(token, 1, N=1e8, D=D)
    first.submit(token, 0, N=1e10, low=5e9, high=2e10)
    again = opened(tmp_path)
    assert again.state(token) == first.state(token)
    with pytest.raises(ValueError, match="was submitted"):
        again.buy(token, 0, **THIRD)
    seed = classroom.laboratory_seed(SECRET, "capstone", "s1")
    mine = simulate.laboratories(seed, 2e20, count=2)[1]
    rows = [row for row in again.ledger(token) if row["kind"] == "buy"]
    assert [mine.buy(row["N"], row["D"]) for row in rows] == [row["loss"] for row in rows]
    assert len({row["loss"] for row in rows[:2]}) == 2, "ordered twice, it is another run"


@pytest.mark.parametrize("change", [{"secret": SECRET + "!"}, {"budget": 1e20}, {"count": 3}, {"worlds": ["any"]}])
def test_a_ledger_of_other_rules_is_refused(tmp_path, change):
    """Under another secret, budget or set of worlds its rows would mean other runs."""
    opened(tmp_path)
    with pytest.raises(ValueError, match="was begun under another secret, budget or set of worlds"):
        opened(tmp_path, **change)


def test_a_ledger_of_an_earlier_version_is_refused_by_name(tmp_path):
    """Its losses were drawn by another rule, and its orders have other names: a notebook run again would pay twice."""
    market = opened(tmp_path)
    market.buy(market.tokens["s1"], 0, **THIRD)
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE rules SET said = replace(said, ?, '')", [", 'six digits'"])
    with pytest.raises(ValueError, match="begun with an earlier scalinglib.*end the game with that one"):
        opened(tmp_path)
    with pytest.raises(ValueError, match="begun under another secret"):
        opened(tmp_path, secret=SECRET + "!")


def test_an_order_with_a_name_is_carried_out_once(market):
    """A line that broke may send it again and gets the first answer; another student's name of the kind is another."""
    token = market.tokens["s1"]
    first = market.buy(token, 0, **THIRD, order="a")
    assert market.buy(token, 0, **THIRD, order="a") == first
    assert len(market.ledger(token)) == 1
    market.buy(market.tokens["s2"], 0, **THIRD, order="a")
    assert market.buy(token, 0, **THIRD, order="b")["loss"] != first["loss"]


BAD = {
    "no token": (None, "/buy", {"world": 0, **THIRD}, 401),
    "a token of nobody": ("a" * 16, "/buy", {"world": 0, **THIRD}, 401),
    "another place": ("s1", "/steal", {"world": 0, **THIRD}, 404),
    "no JSON": ("s1", "/buy", b"{", 400),
    "a list": ("s1", "/buy", [1], 400),
    "deep": ("s1", "/buy", b"[" * 9000, 400),
    "too long": ("s1", "/buy", b" " * 20_000, 400),
    "an option that is none": ("s1", "/buy", {"world": 0, **THIRD, "price": 0}, 400),
    "a world that is none": ("s1", "/buy", {"world": 2, **THIRD}, 409),
    "a world before the first": ("s1", "/buy", {"world": -1, **THIRD}, 409),
    "a negative run": ("s1", "/buy", {"world": 0, "N": -1e9, "D": 1e10}, 409),
    "not a number": ("s1", "/buy", b'{"world": 0, "N": NaN, "D": 1e10}', 409),
    "endless": ("s1", "/buy", b'{"world": 0, "N": Infinity, "D": 1e10}', 409),
    "a list for a number": ("s1", "/buy", {"world": 0, "N": [1e9], "D": 1e10}, 409),
    "a text for a number": ("s1", "/buy", {"world": "0", "N": "1e9", "D": 1e10}, 409),
    "a schedule that is none": ("s1", "/buy", {"world": 0, **THIRD, "schedule": "'; DROP TABLE ledger"}, 409),
    "a name that is none": ("s1", "/buy", {"world": 0, **THIRD, "order": 7}, 409),
    "too dear": ("s1", "/buy", {"world": 0, "N": 1e12, "D": 1e13}, 409),
    "an interval beside it": ("s1", "/submit", {"world": 0, "N": 1e10, "low": 2e10, "high": 3e10}, 409),
}


@pytest.mark.parametrize("kind", BAD)
def test_an_order_that_is_none_costs_nothing_and_says_why(market, kind):
    """Each has its status and one reason; the purse is full and the next order is taken."""
    whose, place, body, status = BAD[kind]
    token = market.tokens.get(whose, whose)
    with served(market) as url:
        code, said = sent(f"{url}{place}", body if isinstance(body, bytes) else json.dumps(body).encode(), token)
        assert code == status and said["error"]
        assert sent(f"{url}/buy", json.dumps({"world": 0, **THIRD}).encode(), market.tokens["s1"])[0] == 200
    assert len(market.ledger(market.tokens["s1"])) == 1


def test_nothing_that_a_student_is_told_says_the_truth(market):
    """Before the game is over: neither the state nor a submission's answer nor the ledger holds the best size."""
    token = market.tokens["s1"]
    with served(market) as url:
        market.buy(token, 0, **THIRD)
        told = [sent(f"{url}/submit", b'{"world": 0, "N": 1e10, "low": 5e9, "high": 2e10}', token)]
        told += [sent(f"{url}{place}", None, token) for place in ("/worlds", "/ledger")]
    assert told[0] == (200, {"submitted": True})
    keys = {key for _, rows in told[1:] for row in rows for key in row}
    assert not keys & {"best", "best_loss", "wasted", "held", "interval_score", "token"}
    assert market.submissions()["s1"][1] is None and market.submissions()["s1"][0].N == 1e10


def test_a_strategy_plays_from_afar_as_it_plays_here(market):
    """A remote laboratory gives the ladder the runs and the submission that a local one of the same seed gives."""
    seed = classroom.laboratory_seed(SECRET, "capstone", "s1")
    here = simulate.laboratories(seed, 2e20, count=2)[0]
    mine = strategies.ladder(here)
    with served(market) as url:
        away = classroom.RemoteLaboratory(url, market.tokens["s1"])
        strategies.ladder(away)
        assert away.ledger.loss.tolist() == here.ledger.loss.tolist()
        assert (away.left, away.target, away.budget) == (here.left, here.target, here.budget)
        assert (away.unique_tokens == math.inf) == (here.unique_tokens == math.inf)
        with pytest.raises(ValueError, match="was submitted"):
            away.buy(1e8, 2e9)
        with pytest.raises(ValueError, match="a token of this class"):
            classroom.RemoteLaboratory(url, "nobody").buy(1e8, 2e9)
    assert market.submissions()["s1"] == (mine, None)


def test_sheets_of_orders_are_carried_out_once_and_may_grow(market, tmp_path):
    """Every row is answered; carried out again nothing is bought, and a row that is added is."""
    folder, token = tmp_path / "orders", market.tokens["s1"]
    folder.mkdir()
    rows = [
        "world,N,D,low,high",
        "0,1e8,2e9",
        "0,1e8,2e9",
        "0,1e13,1e13",
        "0,many,2e9",
        "9,1e8,2e9",
        "1,1e10,,5e9,2e10",
    ]
    path = folder / f"lovelace_123_{token}.csv"
    path.write_text("\n".join(rows))
    (folder / "nobody.csv").write_text("world,N,D\n0,1e8,2e9\n")
    (folder / f"{market.tokens['s2']}.csv").write_text("N,price\n1,2\n")
    results, strays = classroom.carry_out(market, folder)
    assert set(results) == {f"{token}.results.csv"} and len(strays) == 2
    table = list(csv.DictReader(io.StringIO(results[f"{token}.results.csv"].decode())))
    assert [row["said"] for row in table[:2]] == ["bought", "bought"] and table[0]["loss"] != table[1]["loss"]
    assert "nothing was charged" in table[2]["said"] and table[5]["said"] == "submitted"
    assert all(row["said"] and not row["loss"] for row in table[2:])
    assert table[3]["said"] == "N must be a number, as 1e8; got 'many'"
    assert len(market.ledger(token)) == 3
    path.write_text("\n".join([*rows, "0,2e8,2e9"]))
    again, _ = classroom.carry_out(market, folder)
    new = list(csv.DictReader(io.StringIO(again[f"{token}.results.csv"].decode())))
    assert [row["loss"] for row in new[:6]] == [row["loss"] for row in table] and new[6]["said"] == "bought"
    assert len(market.ledger(token)) == 4


def test_the_commands_play_a_game_without_a_server(tmp_path, monkeypatch, capsys):
    """From a roster to a board: pseudonyms in place of ids, the strategies as lines, who is not done below."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", SECRET)
    (tmp_path / "roster.csv").write_text("name,id\nAda Lovelace,s-one\nAlan Turing,s-two\n")
    (tmp_path / "orders").mkdir()
    game = ["--students", "roster.csv", "--out", "game", "--count", "2"]
    assert main(["lab-orders", "--from", "orders", *game]) == 0
    sheet = list(csv.DictReader(io.StringIO((tmp_path / "game/tokens.csv").read_text())))
    assert len({row["pseudonym"] for row in sheet}) == 2
    lines = "world,N,low,high\n0,1e10,1e9,1e11\n1,1e10,1e9,1e11\n"
    (tmp_path / "orders" / f"{sheet[0]['token']}.csv").write_text(lines)
    (tmp_path / "orders" / f"{sheet[1]['token']}.csv").write_text(lines[:-17])
    assert main(["lab-orders", "--from", "orders", *game]) == 0
    assert main(["leaderboard", *game]) == 0
    page = (tmp_path / "game/leaderboard.html").read_text()
    assert f"<strong>{sheet[0]['pseudonym']}</strong>" in page and f"{sheet[1]['pseudonym']}: 1 of 2" in page
    assert all(name in page for name in strategies.STRATEGIES)
    assert not any(word in page for word in ("s-one", "s-two", "Ada", sheet[0]["token"]))
    assert main(["leaderboard", *game[:-1], "3"]) == 2
    assert "was begun under another secret" in capsys.readouterr().err


def test_a_class_has_no_two_pseudonyms_alike():
    """Of 1,200 students, more than there are pairs of words; and another secret makes other names."""
    students = [f"s{k}" for k in range(1200)]
    names = classroom.pseudonyms(students, secret=SECRET)
    assert len(set(names.values())) == 1200
    other = classroom.pseudonyms(students, secret=SECRET + "!")
    assert sum(names[one] == other[one] for one in students) < 100


def test_the_server_is_this_machines_alone_and_takes_a_class_at_once(market):
    """Loopback unless told otherwise, and a queue for those who all begin with the bell."""
    with classroom.Shop(market, port=0) as shop:
        assert shop.server_address[0] == "127.0.0.1" and shop.request_queue_size == 128


@pytest.mark.parametrize(
    "begun",
    [b"GET /worlds HTTP/1.1\r\nX: ", b"POST /buy HTTP/1.1\r\nAuthorization: Bearer {}\r\nContent-Length: 9000\r\n\r\n"],
)
def test_who_sends_a_byte_now_and_then_is_cut_off(market, begun):
    """A request has its time as a whole, head and body alike; half an order is none, and the others are served."""
    token = market.tokens["s1"]
    with served(market, patience=0.2) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=0.05) as slow:
            slow.sendall(begun.replace(b"{}", token.encode()))
            for _ in range(1000):  # 50 s of a byte each 50 ms, which a thread that is held would take
                try:
                    slow.sendall(b"x")
                    gone = slow.recv(1) == b""
                except OSError as error:
                    gone = not isinstance(error, TimeoutError)
                if gone:
                    break
            assert gone
        order = json.dumps({"world": 0, **THIRD}).encode()
        head = f"POST /buy HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(order) + 1}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port)) as short:
            short.sendall(head.encode() + order)
            short.shutdown(socket.SHUT_WR)
            assert short.recv(12) == b"HTTP/1.1 400"
        assert market.ledger(token) == []
        request = urllib.request.Request(f"{url}/worlds", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request) as answer:
            assert len(json.load(answer)) == 2


def test_two_sheets_of_one_student_have_one_file_of_results(tmp_path, market):
    """A browser's "TOKEN (1).csv", or an empty sheet, hides nothing of the other; formulas come back as texts."""
    token, folder = market.tokens["s1"], tmp_path / "orders"
    folder.mkdir()
    (folder / f"{token}.csv").write_text("world,N,D,schedule\n0,1e8,2e9,\n=1+1,1e8,2e9,@SUM(1)\n")
    (folder / f"{token} (1).csv").write_text("world,N,D\n1,1e8,2e9\n0,1e8,2e9\n")
    (folder / f"x-{token}.csv").write_text("world,N\n")
    results, strays = classroom.carry_out(market, folder)
    rows = list(csv.DictReader(io.StringIO(results[f"{token}.results.csv"].decode())))
    assert [row["world"] for row in rows if row["said"] == "bought"] == ["1", "0", "0"]
    assert len(market.ledger(token)) == 2 and not strays and len(results) == 1
    assert [(row["world"], row["schedule"]) for row in rows if row["said"] != "bought"] == [("'=1+1", "'@SUM(1)")]


def test_the_name_of_an_order_stands_for_one_order(market):
    """Under the name of a purchase nobody is told that a submission, or another run, was taken."""
    token = market.tokens["s1"]
    first = market.buy(token, 0, **THIRD, order="a")
    assert market.buy(token, 0, **THIRD, order="a") == first
    for world, run in ((1, THIRD), (0, {"N": 1e8, "D": 2e9}), (0, {**THIRD, "schedule": "constant"})):
        with pytest.raises(ValueError, match="order 'a' was another one"):
            market.buy(token, world, **run, order="a")
    with pytest.raises(ValueError, match="order 'a' was another one"):
        market.submit(token, 0, N=1e10, low=5e9, high=2e10, order="a")
    assert len(market.ledger(token)) == 1


@pytest.mark.parametrize("level", [1e-9, 0.5, 0.999999, 1.0])
def test_a_class_has_intervals_of_one_level(market, level):
    """At a level near 0 a miss would cost a fifth of what it costs at 80%, and a point would beat honest intervals."""
    token = market.tokens["s1"]
    with pytest.raises(ValueError, match="level must be"):
        market.submit(token, 0, N=1e10, low=1e10, high=1e10, level=level)
    assert market.ledger(token) == []


@pytest.mark.parametrize("options", [{"budget": 1e5}, {"budget": math.nan}, {"worlds": ["moon"]}, {"worlds": []}])
def test_a_market_that_cannot_be_leaves_no_ledger_behind(tmp_path, options):
    """Or the next one, as it should be, would be told that the file was begun under another budget."""
    with pytest.raises(ValueError, match="budget|world"):
        opened(tmp_path, **options)
    assert not (tmp_path / "ledger.sqlite").exists()


def test_calls_that_make_no_game_are_refused_in_a_line(tmp_path, capsys, monkeypatch):
    """A port that is none, and no set of worlds for the lines: 2, and words."""
    monkeypatch.setenv("SECRET", SECRET)
    (tmp_path / "r.csv").write_text("id\ns1\n")
    game = ["--students", str(tmp_path / "r.csv"), "--out", str(tmp_path / "game"), "--count", "1"]
    assert main(["lab-server", *game, "--port", "99999"]) == 2 and "port must be" in capsys.readouterr().err
    assert main(["leaderboard", *game, "--sets", "0"]) == 2 and "sets must be" in capsys.readouterr().err


def test_a_notebook_that_is_run_again_is_told_the_same_and_pays_once(market):
    """Opened anew a remote laboratory begins with a full purse, the ledger stays, and what is new is sold."""
    token = market.tokens["s1"]

    def play(one):
        losses = [one.buy(1e8, 2e9), one.buy(1e8, 2e9), one.buy(2e8, 2e9)]
        with pytest.raises(ValueError, match="nothing was charged"):
            one.buy(1e12, 1e13)
        return losses, one.left, one.ledger.loss.tolist()

    with served(market) as url:
        opened = [classroom.RemoteLaboratory(one, token) for one in (url, url.removeprefix("http://"))]
        first, again = map(play, opened)
        assert first == again and len(set(first[0])) == 3 and first[2] == first[0]
        assert len(market.ledger(token)) == 3
        more = classroom.RemoteLaboratory(url, token)
        more.buy(1e8, 2e9)
        assert (len(more.ledger), len(more.bought)) == (1, 3)
        play(opened[0])
        assert len(market.ledger(token)) == 6
        for one in opened:
            one.submit(1e10, interval=(5e9, 2e10))
        assert [row["kind"] for row in market.ledger(token)].count("submit") == 1
    alone = classroom.RemoteLaboratory("", token, kept=json.loads(json.dumps(market.kept(token))))
    assert [alone.buy(1e8, 2e9), alone.buy(1e8, 2e9)] == first[0][:2] and alone.left < 2e20
    with pytest.raises(ValueError, match="not in the ledger that is kept here"):
        alone.buy(3e8, 2e9)


def test_a_notebook_that_is_run_on_another_machine_pays_once(market):
    """Its powers and fits end in other digits there: the same orders, told by the server or from a kept ledger."""
    token = market.tokens["s1"]

    def play(one, off=1.0):
        N = 1e8 / 3 * off
        losses = [one.buy(N, 2e9), one.buy(N, 2e9 / off, learning_rate=1e-3 * off)]
        one.submit(1e10 / 3 * off, interval=(1e9 / off, 1e10 * off))
        return losses, len(one.ledger)

    with served(market) as url:
        first = play(classroom.RemoteLaboratory(url, token))
        assert play(classroom.RemoteLaboratory(url, token), 1 + 1e-12) == first
        with pytest.raises(ValueError, match="was submitted"):
            play(classroom.RemoteLaboratory(url, token), 1.01)
    kept = json.loads(json.dumps(market.kept(token)))
    assert play(classroom.RemoteLaboratory("", token, kept=kept), 1 - 1e-12) == first
    assert len(market.ledger(token)) == 3


def test_a_sheet_that_is_written_anew_on_another_machine_pays_once(market, tmp_path):
    """33333333.333333332 and 3.3333333333333336e7 are one order; another in the sixth digit is another."""
    token, folder = market.tokens["s1"], tmp_path / "orders"
    folder.mkdir()
    said = []
    for N in ("33333333.333333332", "3.3333333333333336e7", "33333400"):
        (folder / f"{token}.csv").write_text(f"world,N,D\n0,{N},2e9\n")
        results, _ = classroom.carry_out(market, folder)
        said += [row["loss"] for row in csv.DictReader(io.StringIO(results[f"{token}.results.csv"].decode()))]
    assert said[0] == said[1] != said[2] and len(market.ledger(token)) == 2


def test_a_remote_world_that_is_none_is_refused(market):
    """Neither the last one for -1 nor an error of lists."""
    with served(market) as url:
        for world in (-1, 2, "0", 0.5):
            with pytest.raises(ValueError, match="world must be"):
                _ = classroom.RemoteLaboratory(url, market.tokens["s1"], world).left
