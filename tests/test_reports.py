"""The report card of a fit: one object, told as text, page and JSON; the page in light and dark and on two sheets."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl

LAW = sl.published["besiroglu2024"]


def study(noise=0.003):
    """36 runs of a known law: N, D and loss."""
    C, shift = np.meshgrid(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6))
    N = (LAW.optimum(C).N * shift).ravel()
    D = C.ravel() / (6 * N)
    loss = LAW(N, D) * np.exp(noise * np.random.default_rng(0).standard_normal(36))
    return pd.DataFrame({"N": N, "D": D, "loss": loss})


@pytest.fixture(scope="module")
def card():
    """The card of a sound fit, with a plan."""
    runs = study()
    return sl.fit_chinchilla(runs.N, runs.D, runs.loss).report_card(budget=1e24, resamples=100)


def test_text_page_and_json_say_the_same(card):
    """Each constant with its interval, the plan and the verdict stand in all three, and are the library's."""
    sample, told, page = card.sample, json.loads(card.json()), card.html()
    assert told == card.to_dict() and told["trusted"] and told["reasons"] == []
    ends = sample.interval(0.8)
    for name, each in told["constants"].items():
        assert (each["low"], each["high"]) == pytest.approx(ends[name], rel=1e-12)
        for text in (card.text(), page):
            assert f"{each['value']:.6g}" in text and f"{each['low']:.4g}" in text
    best = sample.optimum(1e24, level=0.8)
    assert told["plan"]["N"] == pytest.approx({"value": best.value.N, "low": best.low.N, "high": best.high.N})
    assert "Nothing found speaks against this law" in page and max(map(len, card.text().splitlines())) <= 80


def test_what_is_not_known_is_none():
    """Runs on one ray: JSON without NaN, no interval in any of the three, and the page opens with the warning."""
    runs = study().assign(D=lambda table: 20 * table.N)
    with pytest.warns(sl.IdentifiabilityWarning):
        fit = sl.fit_chinchilla(runs.N, runs.D, LAW(runs.N, runs.D) * np.exp(0.003 * np.sin(np.arange(36.0) ** 2)))
    with pytest.warns(RuntimeWarning):
        card = fit.report_card(resamples=100)
    told = json.loads(card.json(), parse_constant=pytest.fail)
    assert not told["trusted"] and told["constants"]["alpha"]["low"] is None
    assert "Do not rely on this law." in card.html() and re.search(r"alpha +\S+ +not +determined", card.text())


def test_any_form_and_families_have_a_card():
    """A form, families of it and a curve of points are told the same way; a budget belongs to a law of N and D."""
    runs = pd.concat([study().assign(kind="one"), study().assign(kind="two", loss=study().loss * 1.05)])
    fits = [sl.fit("E + A / N**alpha", study().nlargest(20, "D")), sl.fit("chinchilla", runs, by="kind")]
    fits.append(sl.fit_shifted_power_law([1, 10, 100, 1e3, 1e4, 1e5], [9.0, 5.1, 2.9, 2.0, 1.5, 1.2]))
    for fit in fits:
        card = fit.report_card(bootstrap=None)
        told = card.to_dict()
        assert told["intervals"] == "" and set(told["constants"]) == set(fit.constants)
        assert all(name in card.text() for name in told["constants"]) and "<table " in card.html()
    with pytest.raises(ValueError, match="budget goes with a law of N and D"):
        fits[0].report_card(budget=1e22)


def test_the_figure_takes_its_colours_from_the_page(card):
    """The page holds the picture once a layout, in the page's colours; there is a ground for light and for dark."""
    page = card.html()
    assert page.count('<svg class="picture ') == 2 and page.count(card.figure.alt) >= 2
    grounds = re.findall(r"--ground: (#[0-9a-f]{6})", page)
    assert {"#ffffff", "#14181e"} <= set(grounds)
    pictures = re.findall(r"<svg class=\"picture .*?</svg>", page, re.S)
    assert pictures and not re.search(r"(?:fill|stroke)=\"#", "".join(pictures))
