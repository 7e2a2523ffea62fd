"""The published forms: what their sources print, and the library's own laws, come out of the texts."""

import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import scalinglib as sl
from coursebook import form_list
from scalinglib.forms.writing import symbol

ROOT = Path(__file__).resolve().parents[1]
FORMS = [sl.forms[name] for name in sl.forms.names()]
PRINTED = [(form.name, label) for form in FORMS for label in form.printed]


def law(name, label=None):
    """The law of a form with the set of constants that `label` names, or its first."""
    return sl.forms[name].law(label or next(iter(sl.forms[name].printed)))


def drawn(form, size=200):
    """Values of each variable of a form where papers have them, drawn at random."""
    rng = np.random.default_rng(2)
    ranges = {"U": (8, 11), "G": (0, 2), "S": (-3, -0.05), "C": (17, 24), "experts": (0, 2), "L_T": (0.3, 0.5)}
    ranges |= dict.fromkeys(("P_w", "P_a", "P_kv"), (0.6, 1.2)) | {f"r{i}": (-3, 0) for i in range(1, 6)}
    return {name: 10 ** rng.uniform(*ranges.get(name, (7, 12)), size) for name in form.variables}


# ---- every entry -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_an_entry_says_what_it_is_and_where_it_is_from(form):
    """An entry names its variables, what it gives, a source with its number and how it was confirmed."""
    assert form.name == form.name.lower() and " " not in form.name
    assert form.variables and all(form.variables.values()) and form.y and form.confirmed
    assert "arXiv" in form.source
    assert set(form.bounds) | set(form.start) <= set(form.constants)
    assert all(low < high for low, high in form.bounds.values())


@pytest.mark.parametrize("name, label", PRINTED)
def test_printed_constants_make_a_law(name, label):
    """A printed set is complete, within its own bounds, and gives numbers where the paper has runs."""
    form = sl.forms[name]
    assert set(form.printed[label]) == set(form.constants)
    for constant, (low, high) in form.bounds.items():
        assert low < form.printed[label][constant] < high
    assert np.all(np.isfinite(form.law(label)(**drawn(form))))


# ---- the library's own laws ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, label, published",
    [
        ("chinchilla", "Hoffmann et al. 2022", "hoffmann2022-rounded"),
        ("chinchilla", "Besiroglu et al. 2024", "besiroglu2024"),
        ("kaplan2020-joint", "Kaplan et al. 2020", "kaplan2020"),
        ("muennighoff2023-form", "Muennighoff et al. 2023, unrounded", "muennighoff2023"),
        ("power-law", "x = N", "kaplan2020-N"),
        ("power-law", "x = D", "kaplan2020-D"),
    ],
)
def test_a_form_agrees_with_the_published_law(name, label, published):
    """The text with printed constants and the library's class of that law give the same numbers."""
    values = drawn(sl.forms[name])
    np.testing.assert_allclose(
        law(name, label)(**values), sl.published[published](*values.values()), rtol=1e-12, atol=0
    )


def test_kaplan_compute_is_in_petaflop_days():
    """Kaplan's law in the least compute, in petaflop-days, is the library's in FLOP."""
    days = np.geomspace(1e-9, 1e4, 20)
    ours = sl.published["kaplan2020-C"](days * sl.accounting.PF_DAY)
    np.testing.assert_allclose(law("power-law", "x = least compute")(days), ours, rtol=1e-12)


@pytest.mark.parametrize(
    "name, constants, whole",
    [
        (
            "power-law-with-floor",
            {"E": 1.7, "A": 30.0, "alpha": 0.4},
            sl.PowerLaw(coefficient=30.0, exponent=0.4, floor=1.7),
        ),
        (
            "shifted-power-law",
            {"a": 0.26, "b": 0.35, "c": 0.09, "d": 0.01},
            sl.ShiftedPowerLaw(a=0.26, b=0.35, c=0.09, d=0.01),
        ),
        (
            "saturating-power-law",
            {"epsilon_inf": 0.1, "epsilon_0": 1.0, "beta": 10.0, "c": -0.5},
            sl.SaturatingPowerLaw(eps_inf=0.1, eps_0=1.0, alpha=1.0, beta=10.0, c=-0.5),
        ),
        (
            "broken-power-law",
            {"a": 0.1, "b": 3.0, "c0": 0.05, "c1": 0.6, "d1": 1e4, "f1": 0.2},
            sl.BrokenPowerLaw(a=0.1, b=3.0, c0=0.05, c=[0.6], d=[1e4], f=[0.2]),
        ),
        (
            "broken-power-law",
            {"a": 0.1, "b": 3.0, "c0": 0.05, "c1": 0.6, "d1": 1e4, "f1": 1e-3},
            sl.BrokenPowerLaw(a=0.1, b=3.0, c0=0.05, c=[0.6], d=[1e4], f=[1e-3]),
        ),
    ],
)
def test_a_curve_agrees_with_the_library_s_own(name, constants, whole):
    """A curve as text and as a class give the same numbers over 14 decades, at a narrow break as well."""
    x = np.geomspace(1e-2, 1e12, 300)
    np.testing.assert_allclose(sl.forms[name].law(**constants)(x), whole(x), rtol=1e-12)


# ---- what the sources print ------------------------------------------------------------------------------


def test_muennighoff_s_worked_values():
    """The two losses that the authors' repository works out, to the last digit it prints."""
    repeated = law("muennighoff2023-form")
    assert repeated(6.34e9, 242e9, 25e9) == pytest.approx(2.2256440889984477, abs=1e-12)
    assert repeated(8.67e9, 178e9, 25e9) == pytest.approx(2.2269634075087867, abs=1e-12)


@pytest.mark.parametrize(
    "N, ratio, loss, error", [(1_439_795_200, 640, 2.502054, 0.7103), (6_889_410_560, 20, 2.424993, 0.7320)]
)
def test_gadre_s_errors_on_the_runs_held_out(N, ratio, loss, error):
    """The errors that the authors' notebook prints for RedPajama, in percent of the measured losses."""
    predicted = law("gadre2024", "trained on RedPajama")(N, ratio * N)
    assert 100 * abs(predicted / loss - 1) == pytest.approx(error, abs=0.02)


def test_gadre_s_form_is_chinchilla_s_with_one_exponent():
    """With A = a 6**-eta, B = b 6**-eta and both exponents 2 eta, Chinchilla's form is the same law."""
    form = sl.forms["gadre2024"]
    fit = form.printed["trained on C4"]
    ours = {"A": fit["a"] / 6 ** fit["eta"], "B": fit["b"] / 6 ** fit["eta"], "E": fit["E"]}
    tied = sl.forms["chinchilla"].law(**ours, alpha=2 * fit["eta"], beta=2 * fit["eta"])
    values = drawn(form)
    np.testing.assert_allclose(form.law("trained on C4")(**values), tied(**values), rtol=1e-12)


def test_farseer_s_law():
    """Equation 15 by hand at one size, and a loss that falls in both variables as the paper proves."""
    farseer = law("farseer2025")
    N, D = 1e9, 1e11
    by_hand = np.exp(-0.021 * N**0.169 - 0.091) + np.exp(88.01 * N**-0.1 - 6.287) * D ** -np.exp(
        -0.124 * N**0.123 + 0.424
    )
    assert farseer(N, D) == pytest.approx(by_hand, rel=1e-14)
    grid = farseer(np.geomspace(2e8, 2.5e10, 30)[:, None], np.geomspace(1e9, 5e11, 30))
    assert np.all(np.diff(grid, axis=0) < 0) and np.all(np.diff(grid, axis=1) < 0)


@pytest.mark.parametrize(
    "dense, D, G, loss",
    [
        (1e8, 4.37e9, 8, 3.133),
        (1e9, 28.94e9, 16, 2.491),
        (3e9, 72.90e9, 16, 2.245),
        (7e9, 137.60e9, 32, 2.076),
        (7e10, 941.07e9, 32, 1.694),
        (3e11, 2.96e12, 64, 1.503),
        (1e12, 7.94e12, 64, 1.367),
    ],
)
def test_krajewski_s_table_2(dense, D, G, loss):
    """Its losses, within the rounding of the constants, where N counts all 64 experts: (8 * 64 + 4) / 12 times."""
    assert law("krajewski2024")(dense * (8 * 64 + 4) / 12, D, G) == pytest.approx(loss, abs=0.025)


@pytest.mark.parametrize(
    "flop, experts, N, D",
    [(1e20, 1, 1.7e9, 9.7e9), (1e20, 8, 990e6, 17e9), (1e22, 1, 18.8e9, 88.6e9), (1e22, 32, 12.2e9, 136.9e9)],
)
def test_ludziejewski_s_table_1(flop, experts, N, D):
    """The best active size and tokens at a budget of 6 N D are those of the table, within the printed digits."""
    joint = law("ludziejewski2025")
    best = minimize_scalar(
        lambda log_N: joint(np.exp(log_N), flop / 6 / np.exp(log_N), experts),
        bounds=np.log([1e8, 1e12]),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert np.exp(best.x) == pytest.approx(N, rel=0.02)
    assert flop / 6 / np.exp(best.x) == pytest.approx(D, rel=0.02)


def test_ludziejewski_s_one_expert():
    """For one expert the paper prints a plain law in N and D, and its E_hat is E_start."""
    joint, N, D = law("ludziejewski2025"), np.geomspace(1e8, 2e10, 9), 2e10
    plain = 30.3640 * N**-0.1817 + 53.9838 * D**-0.1965 + 1.3637
    np.testing.assert_allclose(joint(N, D, 1), plain, rtol=2e-3)


def test_abnar_s_best_sparsity():
    """At a fixed total size more sparsity costs loss, and lambda's negative sign takes some of that back."""
    sparse = law("abnar2025")
    assert sparse(1e9, 2e10, 0.95) > sparse(1e9, 2e10, 0.5) > sparse(1e9, 2e10, 0.0)
    assert sparse.constants["lambda_"] < 0  # as section 6 says
    assert sparse(1e9, 2e10, 0.0) == pytest.approx(
        16612.5 / 1e9**0.5962 + 5455.67 / 2e10**0.3954 + 0.4598 + 17.26 / 1e9**0.1595 + 0.94, rel=1e-14
    )


def test_kumar_s_best_precision():
    """At a cost of N D P with one P for all parts, 7 to 8 bits are best; 4 bits want over 4 times the parameters."""
    form = sl.forms["kumar2024"]
    bits = np.linspace(3.5, 16, 2501)
    loss = form.law("Kumar et al. 2024")(1e9 / np.sqrt(bits), 1e11 / np.sqrt(bits), bits, bits, bits)
    assert 7 <= round(bits[loss.argmin()], 1) <= 8
    rest = form.law("Kumar et al. 2024", E=0.0, B=1e-12)
    larger = (rest(1e9, 1e11, 4, 4, 4) / rest(1e9, 1e11, 16, 16, 16)) ** (1 / rest.constants["alpha"])
    assert 4 < larger < 6


@pytest.mark.parametrize(("part", "least"), [("P_a", 3.11), ("P_kv", 2.32), ("P_w", 0.82)])
def test_kumar_s_law_ends_where_no_parameter_is_left(part, least):
    """The bits that the note names are those at which a factor of N_eff comes to zero."""
    form, bits = sl.forms["kumar2024"], dict.fromkeys(("P_w", "P_a", "P_kv"), 16.0)
    numbers = form.printed["Kumar et al. 2024"]
    gone = numbers[part.replace("P", "n")] * numbers[part.replace("P", "gamma")]
    assert gone == pytest.approx(least, abs=0.01)
    with np.errstate(invalid="ignore"):
        ends = [
            float(form.law("Kumar et al. 2024")(N=1e9, D=1e11, **bits | {part: gone + off})) for off in (-0.01, 0.01)
        ]
    assert np.isnan(ends[0]) and np.isfinite(ends[1])


def test_busbridge_s_exponents():
    """The compute-optimal exponents that table 6 prints beside its constants, .513 and .664."""
    plain, student = law("busbridge2025-supervised").constants, law("busbridge2025-distillation").constants
    assert plain["beta"] / (plain["alpha"] + plain["beta"]) == pytest.approx(0.513, abs=1e-3)
    assert student["beta_s"] / (student["alpha_s"] + student["beta_s"]) == pytest.approx(0.664, abs=2e-3)


@pytest.mark.parametrize("N", [1e8, 1e9, 1e10, 1e11])
def test_a_student_of_endless_data_reaches_what_it_would_alone(N):
    """With unlimited tokens and the best teacher, distillation ends where plain training does (appendix E.6)."""
    student = law("busbridge2025-distillation")(N, 1e40, np.linspace(1.25, 4, 5001))
    assert student.min() == pytest.approx(law("busbridge2025-supervised")(N, 1e40), rel=0.01)


def test_a_random_teacher_makes_a_random_student():
    """A student follows a teacher that knows nothing, and an endless one follows any teacher (section 4.3)."""
    student = law("busbridge2025-distillation")
    assert student(1e9, 1e11, 11.0) == pytest.approx(11.0, abs=1e-6)
    assert student(1e40, 1e40, 2.0) == pytest.approx(2.0, abs=1e-6)


def test_tao_s_best_vocabulary():
    """The authors' code finds 59,548 words for 7 billion parameters of width 4,096 at their budget."""
    N, width, flop = 7e9, 4096, np.exp((np.log(7e9) + 2.4846510161625193) / 0.5)
    words = np.arange(20_000, 120_000)
    loss = law("tao2024-vocabulary")(N, words * width, flop / 6 / (N + words * width))
    assert words[loss.argmin()] == pytest.approx(59_548, abs=2)


def test_the_gemstones_law_describes_its_runs():
    """On 60 of the 199 checkpoints it was fitted to, the authors' law is off by their mean absolute residual in the
    median, .0000901 / (1e-4 * 199) by their Huber loss with delta 1e-4, and a law without shape by more.
    """
    runs = sl.published.table("mcleish2025-shapes")
    shaped = law("mcleish2025-shape")(w=runs.width, l=runs.depth, N=runs.N, D=runs.D)
    plain = (
        np.exp(0.7458889548)
        + np.exp(5.3627962101) / runs.N**0.2970133066
        + np.exp(14.9717677508) / runs.D**0.6903991635
    )
    off = {
        name: np.median(np.abs(np.log(runs.loss / fitted))) for name, fitted in (("shape", shaped), ("plain", plain))
    }
    assert off["shape"] < 0.0000900742 / (1e-4 * 199) < off["plain"]


@pytest.mark.parametrize("flop, rate, batch", [(8.4e22, 4.2e-4, 9.2e6), (8.6e23, 3.2e-4, 19.7e6)])
def test_deepseek_s_own_models(flop, rate, batch):
    """The rate and the batch that the 7B and 67B models were trained with."""
    assert law("deepseek2024-rate")(flop) == pytest.approx(rate, rel=0.02)
    assert law("deepseek2024-batch")(flop) == pytest.approx(batch, rel=0.02)


def test_step_law_s_bootstrap():
    """The printed constants give what the means of the authors' thousand bootstrap fits give, within a percent."""
    N, D = 1e9, 1e11
    fits = np.exp(0.58631 - 0.71292 * np.log(N) + 0.30749 * np.log(D))
    assert law("steplaw2025-rate")(N, D) == pytest.approx(fits, rel=0.02)
    assert law("steplaw2025-batch")(D) == pytest.approx(np.exp(-0.54354 + 0.57094 * np.log(D)), rel=0.01)


@pytest.mark.parametrize("place, domain", list(enumerate(sl.forms["ye2024"].printed, 1)))
def test_more_text_of_a_domain_helps_it_most(place, domain):
    """In each of Ye's five fits the domain's own share lowers its loss and no other share does so as much."""
    fit = sl.forms["ye2024"].printed[domain]
    slopes = {name: slope for name, slope in fit.items() if name.startswith("t")}
    assert min(slopes, key=slopes.get) == f"t{place}" and slopes[f"t{place}"] < 0


def test_ye_s_shares_leave_one_constant_open():
    """As shares sum to one, a number added to every slope and taken from ln k changes no loss."""
    form, shares = sl.forms["ye2024"], [0.1, 0.3, 0.2, 0.15, 0.25]
    fit = form.printed["prose"]
    other = fit | {name: value + 0.7 for name, value in fit.items() if name.startswith("t")}
    other["k"] = fit["k"] * np.exp(-0.7)
    assert form.law(**other)(*shares) == pytest.approx(form.law(**fit)(*shares), rel=1e-12)


def test_ye_s_form_at_equal_shares():
    """The losses of the five domains at a fifth of each, from the notebook's vectors."""
    found = [float(law("ye2024", domain)(*[0.2] * 5)) for domain in sl.forms["ye2024"].printed]
    assert found == pytest.approx([2.7584, 3.6473, 3.1192, 1.6218, 3.6032], abs=5e-5)


# ---- the page --------------------------------------------------------------------------------------------

CONF = f"""
import sys
sys.path[:0] = [{str(ROOT / "_sphinx")!r}, {str(ROOT)!r}]
extensions = ["myst_parser", "coursebook.maths", "coursebook.form_list"]
myst_enable_extensions = ["dollarmath"]
root_doc = "forms"
html_theme = "basic"
html_math_renderer = "katex-at-build"
"""


def test_every_form_stands_on_the_page(tmp_path):
    """The page, built alone with warnings as errors, has a heading, a source and the numbers of each form."""
    page = ROOT / "chapters" / "back-matter" / "forms.md"
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    (tmp_path / "forms.md").write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", tmp_path, tmp_path / "built"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    html = unescape((tmp_path / "built" / "forms.html").read_text(encoding="utf-8")).replace("’", "'")
    for form in FORMS:
        assert f'id="form-{form.name}"' in html
        (number,) = form.source.split("arXiv ")[1].split(",")[0:1]
        assert f"https://arxiv.org/abs/{number.split(';')[0]}" in html
        for text in (*form.variables.values(), *form.printed):
            assert text in html
    assert "chapters/back-matter/forms" in (ROOT / "_toc.yml").read_text(encoding="utf-8")


def test_a_wide_formula_is_set_in_rows():
    """Each row fits a phone, and the rows together are the formula."""
    for form in FORMS:
        for formula in form.latex().split(r",\quad "):
            rows = form_list.rows(formula)
            assert all(form_list.letters(row) <= form_list.ROOM for row in rows), rows
            assert "".join(rows).replace("{}", "").replace(r"\right) \times", r"\right) \,") == formula
    assert len(form_list.rows(sl.forms["kumar2024"].latex().split(r",\quad ")[0])) == 3


@pytest.mark.parametrize(
    "name, tex", [("alpha_N", r"\alpha_{N}"), ("lambda_", r"\lambda"), ("N_eff", r"N_{\mathrm{eff}}")]
)
def test_letters_are_set_as_papers_set_them(name, tex):
    """Names of constants that are Greek or have an index become that."""
    assert symbol(name) == tex
