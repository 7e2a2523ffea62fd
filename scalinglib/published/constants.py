"""Published constants: laws as their papers give them."""

import math
from typing import NamedTuple

from .. import forms
from ..accounting import PF_DAY
from ..laws import ChinchillaLaw, KaplanLaw, PowerLaw, RepeatedDataLaw

__all__ = ["LAWS", "SEEN", "Source"]


class Source(NamedTuple):
    """Where constants come from: citation, version or place in it, and "printed" or "unrounded"."""

    citation: str
    version: str
    digits: str


_KAPLAN = "Kaplan et al. 2020, Scaling Laws for Neural Language Models, arXiv 2001.08361"
_HOFFMANN = "Hoffmann et al. 2022, Training Compute-Optimal Large Language Models, arXiv 2203.15556"
_BESIROGLU = "Besiroglu et al. 2024, Chinchilla Scaling: A Replication Attempt, arXiv 2404.10102"
_MUENNIGHOFF = "Muennighoff et al. 2023, Scaling Data-Constrained Language Models, arXiv 2305.16264"
_HARMS = "Harm de Vries 2023, Go smol or go home, harmdevries.com; E as Sardana et al. 2024 use it, arXiv 2401.00448"

# name -> (law, source). N counts embeddings in the Chinchilla family and excludes them in Kaplan's.
LAWS = {
    "hoffmann2022": (
        ChinchillaLaw(
            E=math.exp(0.5267228), A=math.exp(6.0073404), B=math.exp(6.0179186), alpha=0.33917084, beta=0.2849083
        ),
        Source(_HOFFMANN, "Approach 3, logarithms in the arXiv TeX source", "unrounded"),
    ),
    "hoffmann2022-rounded": (
        ChinchillaLaw(**forms["chinchilla"].printed["Hoffmann et al. 2022"]),
        Source(_HOFFMANN, "Approach 3, appendix D.2", "printed"),
    ),
    "besiroglu2024": (
        ChinchillaLaw(**forms["chinchilla"].printed["Besiroglu et al. 2024"]),
        Source(_BESIROGLU, "v2, 240 of 245 extracted runs", "printed"),
    ),
    "harms-law": (
        ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283),
        Source(_HARMS, "two exponents changed by hand until Table A3 came out; the post has E = 1.62", "printed"),
    ),
    "kaplan2020": (
        KaplanLaw(**forms["kaplan2020-joint"].printed["Kaplan et al. 2020"]),
        Source(_KAPLAN, "joint fit, equation 1.5 and Table 2; N without embeddings", "printed"),
    ),
    "kaplan2020-N": (
        PowerLaw(coefficient=8.8e13**0.076, exponent=0.076),
        Source(_KAPLAN, "equation 1.1; N without embeddings", "printed"),
    ),
    "kaplan2020-D": (
        PowerLaw(coefficient=5.4e13**0.095, exponent=0.095),
        Source(_KAPLAN, "equation 1.2; D in tokens", "printed"),
    ),
    "kaplan2020-C": (
        PowerLaw(coefficient=(3.1e8 * PF_DAY) ** 0.050, exponent=0.050),
        Source(_KAPLAN, "equation 1.3, minimal compute, here in FLOP", "printed"),
    ),
    "muennighoff2023": (
        RepeatedDataLaw(**forms["muennighoff2023-form"].printed["Muennighoff et al. 2023, unrounded"]),
        Source(_MUENNIGHOFF, "datablations repository", "unrounded"),
    ),
}

# As extracted from Hoffmann's figure 4 by Besiroglu et al., 240 runs, and C = 6 N D; Kaplan's section 3; the 182 runs
# of the datablations repository.
_CHINCHILLA = {"N": (5.73e7, 1.62e10), "D": (8.18e8, 3.18e11), "C": (1.40e18, 1.30e22)}
_WEBTEXT = {"N": (768.0, 1.5e9), "D": (2.2e7, 2.3e10)}
SEEN = {
    **dict.fromkeys(("hoffmann2022", "hoffmann2022-rounded", "besiroglu2024", "harms-law"), _CHINCHILLA),
    **dict.fromkeys(("kaplan2020", "kaplan2020-N", "kaplan2020-D", "kaplan2020-C"), _WEBTEXT),
    "muennighoff2023": {"N": (7.09e6, 8.67e9), "D": (1.0e8, 9.0e11), "C": (4.25e15, 9.26e21)},
}
"""Name of a law -> the smallest and the largest N, D and C = 6 N D among the runs behind it."""
