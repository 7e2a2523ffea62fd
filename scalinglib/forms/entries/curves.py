"""Curves in one variable, whichever is measured: parameters, tokens, compute."""

from ..form import Form
from . import ABOVE

_X = {"x": "any scale: parameters, tokens, compute"}

FORMS = [
    Form(
        "A / x**alpha",
        name="power-law",
        variables=_X,
        y="loss, or any error",
        bounds={"A": ABOVE},
        source="Kaplan et al. 2020, arXiv 2001.08361, eqs 1.1 to 1.3",
        confirmed="the paper's text",
        note="A is the printed scale to the power alpha; N without embeddings, compute in days of a petaflop a second.",
        printed={
            "x = N": {"A": 8.8e13**0.076, "alpha": 0.076},
            "x = D": {"A": 5.4e13**0.095, "alpha": 0.095},
            "x = least compute": {"A": 3.1e8**0.050, "alpha": 0.050},
        },
    ),
    Form(
        "E + A / x**alpha",
        name="power-law-with-floor",
        variables=_X,
        y="loss, or any error",
        bounds={"E": ABOVE, "A": ABOVE, "alpha": ABOVE},
        source="Henighan et al. 2020, arXiv 2010.14701; numbers of Kim et al. 2025, arXiv 2509.14786",
        confirmed="the papers' texts",
        note="Kim et al. count N in billions, at 200 million tokens seen many times with strong weight decay.",
        printed={"Kim et al. 2025, x = N / 1e9": {"E": 3.43, "A": 0.05, "alpha": 1.02}},
    ),
    Form(
        "a * (x + d)**(-b) + c",
        name="shifted-power-law",
        variables=_X,
        y="error, a share",
        bounds={"a": ABOVE, "b": ABOVE, "c": ABOVE, "d": ABOVE},
        source="Zhai et al. 2021, arXiv 2106.04560, section 2.2 and figure 2",
        confirmed="the form in the paper's text; the numbers, which stand in a figure, in two texts that cite it",
        note="The shift d is there because a model that has seen nothing is no worse than guessing. In which unit the "
        "numbers count x could not be confirmed.",
        printed={
            "ImageNet, fine-tuned": {"a": 0.26, "b": 0.35, "c": 0.09, "d": 0.01},
            "ImageNet, 10 examples a class": {"a": 0.63, "b": 0.32, "c": 0.12, "d": 0.52},
        },
    ),
    Form(
        "q = beta * x**c; (epsilon_inf + epsilon_0 * q) / (1 + q)",
        name="saturating-power-law",
        variables=_X,
        y="loss, or any error",
        bounds={"beta": ABOVE, "c": (-float("inf"), 0.0)},
        source="Alabdulmohsin et al. 2022, arXiv 2209.06640, section 3, M4 with alpha = 1",
        confirmed="the paper's text",
        note="M4 with a free alpha cannot be solved for the loss; fit_saturating_power_law fits it. c is negative.",
    ),
    Form(
        "a + b * x**(-c0) * (1 + (x / d1)**(1 / f1))**(-c1 * f1)",
        name="broken-power-law",
        variables=_X,
        y="any measure of performance",
        bounds={"b": ABOVE, "d1": ABOVE, "f1": (1e-3, 30.0)},
        source="Caballero et al. 2022, arXiv 2210.14891, eq. 1 with one break",
        confirmed="the paper's text and the authors' code",
        note="More breaks are further factors; fit_broken_power_law writes them.",
    ),
]
