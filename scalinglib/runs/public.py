"""Public: the tables published by others, and what is known to be wrong with each."""

from . import extraction
from .datacard import Card
from .pinned import Table, described, pinned_card

__all__ = ["PUBLIC"]

_N = {"N": ("parameters of the model", "1")}
_D = {"D": ("tokens seen in training", "token")}
_C = {"C": ("training compute", "FLOP")}
_LOSS = {"loss": ("loss", "nats per token")}


def _printed_models():
    """Table A9 of Hoffmann et al. 2022 as `published` holds it."""
    from .. import published

    return published.table("hoffmann2022-A9")


_OBSSCALING = {
    "repository": "ryoungj/ObsScaling",
    "commit": "4d6e1e43fd2635d04654aa77d1df9d5266ea0382",
    "citation": "Ruan, Maddison and Hashimoto 2024, Observational Scaling Laws, arXiv 2405.10938",
    "licence": "Apache-2.0",
}
_SHARE = "share, 0 to 1"

_CHINCHILLA = Table(
    card=pinned_card(
        name="chinchilla",
        title="training runs of Hoffmann et al. 2022, read off their Figure 4",
        citation=(
            "Hoffmann et al. 2022, Training Compute-Optimal Large Language Models, arXiv 2203.15556, Figure 4; "
            "points read off the figure's SVG by Besiroglu et al. 2024, arXiv 2404.10102"
        ),
        repository="epoch-research/analyzing-chinchilla",
        commit="92258837425e1b5f2851d624287f0120583a3d0e",
        path="data/svg_extracted_data.csv",
        licence="none stated at the source; fetched, not shipped",
        file="chinchilla_runs_epoch.csv",
        sha256="193478df4e90f040016431996c45682659306840ecdadf83cfb9cd5ca0aa1b30",
        rows=245,
        counts=(
            "unknown from this file (a size is a height in a figure). Table A9 of the same paper counts embeddings; "
            "Schaeffer et al. 2025 (arXiv 2509.23963) find these sizes ambiguous by up to 15.2%"
        ),
        preprocessing=(
            "N is Model Size, C is Training FLOP, D = C / (6 N) is derived here. Nothing is dropped. The "
            "replication drops every run whose loss is at or above the 5th largest: 240 of 245 stay"
        ),
        known_mistakes=(
            "read off a picture: sizes, FLOP and losses carry the rounding of pixels and of a colour scale",
            "tokens are not in the figure, so D inherits the error of the 6 N D approximation",
            "rows 0 to 4 have D/N under 0.41 and the five largest losses; they decide the fitted exponents",
            "colours begin with '#': numpy.genfromtxt needs comments=None",
        ),
        columns=_N
        | _D
        | _C
        | _LOSS
        | {
            "x": ("horizontal place of the point in the figure", "SVG unit"),
            "y": ("vertical place of the point in the figure", "SVG unit"),
            "color": ("fill of the point, which codes the loss", "hex colour"),
            "Model Size": ("parameters, from y", "1"),
            "Training FLOP": ("training compute, from x", "FLOP"),
            "hex_color": ("the same as color", "hex colour"),
        },
    ),
    quantities=lambda frame: {
        "N": frame["Model Size"],
        "D": frame["Training FLOP"] / (6 * frame["Model Size"]),
        "C": frame["Training FLOP"],
        "loss": frame["loss"],
    },
)

_OBSERVATIONAL = Table(
    card=pinned_card(
        **_OBSSCALING,
        name="observational",
        title="public base language models and their scores on eight benchmarks",
        path="eval_results/base_llm_benchmark_eval.csv",
        file="obsscaling_base_llm_benchmark_eval.csv",
        sha256="511996815735a4c46251dc585dcc525e370d148201f86561e6f927f9df2d0db8",
        rows=148,
        counts=(
            "the size each model is named or announced with, mostly embeddings included and rounded; for mixtures "
            "of experts sometimes the active and sometimes all parameters"
        ),
        preprocessing=(
            "N, D and C are the source's columns in ones instead of billions, trillions and 1e21; the source's FLOPs "
            "are 6 N D. No loss. 124 rows have all eight scores"
        ),
        known_mistakes=(
            "gemma-2b is listed at 6T tokens (row 40)",
            "Llama 3.1 405B is listed at 15.0T tokens (row 9)",
            "btlm-3b-8k-base is listed at 627T tokens (row 139), so its FLOPs are 1,000 times too large",
            "open_llama_7b_v2 is listed with 13.0 billion parameters (row 100)",
            "OPT is listed at its 180B unique tokens, seen about 1.67 times; D should be tokens seen (rows 69 to 76)",
            "mixtures of experts: DeepSeek-V2 and Mixtral 8x22B stand with active parameters, Mixtral 8x7B and "
            "DeepSeek-MoE 16B with all",
            "25 rows have no tokens and no FLOPs",
        ),
        corrected={
            "google/gemma-2b: Pretraining Data Size (T)": "2 (Gemma report v1) or 3 (later versions)",
            "meta-llama/Meta-Llama-3.1-405B-FP8: Pretraining Data Size (T)": "15.6 (Llama 3 paper)",
            "cerebras/btlm-3b-8k-base: Pretraining Data Size (T)": "0.627 (the unit slipped from billions)",
            "openlm-research/open_llama_7b_v2: Model Size (B)": "7 (as the model is named)",
            "facebook/opt-*: Pretraining Data Size (T)": "0.3 seen (0.18 unique)",
        },
        columns=_N
        | _D
        | _C
        | {"loss": ("absent at the source: NaN", "nats per token")}
        | {
            "Model": ("repository of the model", "text"),
            "Model Family": ("family", "text"),
            "Model Size (B)": ("parameters", "1e9"),
            "Pretraining Data Size (T)": ("tokens", "1e12"),
            "FLOPs (1E21)": ("6 N D", "1e21 FLOP"),
            "MMLU": ("accuracy", _SHARE),
            "ARC-C": ("accuracy", _SHARE),
            "HellaSwag": ("accuracy", _SHARE),
            "Winograd": ("accuracy", _SHARE),
            "TruthfulQA": ("score", _SHARE),
            "GSM8K": ("exact match", _SHARE),
            "XWinograd": ("accuracy", _SHARE),
            "HumanEval": ("pass rate", _SHARE),
        },
    ),
    quantities=lambda frame: {
        "N": frame["Model Size (B)"] * 1e9,
        "D": frame["Pretraining Data Size (T)"] * 1e12,
        "C": frame["FLOPs (1E21)"] * 1e21,
    },
)

_EMERGENT = Table(
    card=pinned_card(
        **_OBSSCALING,
        name="observational-emergent",
        title="public base language models and their scores on tasks said to emerge",
        path="eval_results/base_llm_emergent_capability_eval.csv",
        file="obsscaling_base_llm_emergent_capability_eval.csv",
        sha256="a156beee73c39b7833c3c53535c473939105512d85e90b0143be7325e516ef7c",
        rows=84,
        counts="not in this file; join on Model with the table 'observational', where every model of it stands",
        preprocessing="none; N, D, C and loss are absent at the source",
        known_mistakes=("some scores are missing", "sizes and tokens joined in carry the mistakes of 'observational'"),
        columns={
            "N": ("absent at the source: NaN", "1"),
            "D": ("absent at the source: NaN", "token"),
            "C": ("absent at the source: NaN", "FLOP"),
            "loss": ("absent at the source: NaN", "nats per token"),
            "Model": ("repository of the model", "text"),
            "parsinlu_qa_2_acc": ("Persian question answering, accuracy", _SHARE),
            "word_unscrambling_2_exact_match": ("word unscrambling, exact match", _SHARE),
            "ipa_transliterate_2_exact_match": ("phonetic transliteration, exact match", _SHARE),
            "ipa_transliterate_2_bleu": ("phonetic transliteration, BLEU", "0 to 100"),
            "arithmetic_3ds_2_acc": ("3-digit subtraction, accuracy", _SHARE),
            "arithmetic_3da_2_acc": ("3-digit addition, accuracy", _SHARE),
            "arithmetic_2dm_2_acc": ("2-digit multiplication, accuracy", _SHARE),
            "arithmetic_2da_2_acc": ("2-digit addition, accuracy", _SHARE),
        },
    ),
    quantities=lambda frame: {},
)

_ADDITION = Table(
    card=pinned_card(
        name="addition-4-digit",
        title="test loss of 4-digit addition against the number of training examples",
        citation="Caballero et al. 2022, Broken Neural Scaling Laws, arXiv 2210.14891, Figure 4 left",
        repository="ethancaballero/broken_neural_scaling_laws",
        commit="ffa608f7ca7910b6f6bcbd39915491353ad5d600",
        path="fit_bnsl_and_extrapolate__4_digit_addition__dataset_size_x-axis.py",
        licence="none stated at the source; fetched, not shipped",
        file="bnsl_4digit_addition.csv",
        sha256="74f8330b4ceed225e3d78ce32215e501253fbdbec186ccdd25d3e2a25b2154ff",
        rows=17,
        counts="one model throughout; its size is not in the source",
        preprocessing="two arrays of the authors' script, put side by side; the script is parsed, not run",
        known_mistakes=("train_size counts training examples, not tokens, so D stays empty",),
        columns={
            "N": ("absent at the source: NaN", "1"),
            "D": ("absent at the source: NaN", "token"),
            "C": ("absent at the source: NaN", "FLOP"),
            "loss": ("test_xent", "nats"),
            "train_size": ("training examples", "1"),
            "test_xent": ("cross-entropy on the test set", "nats"),
            "split": ("train: the 14 points the authors fitted; extrapolate: the 3 they kept back", "text"),
        },
    ),
    quantities=lambda frame: {"loss": frame["test_xent"]},
    extract=extraction.addition_4_digit,
)

_REPEATED = Table(
    card=pinned_card(
        name="repeated-c4",
        title="language models trained on C4 with repeated data",
        citation="Muennighoff et al. 2023, Scaling Data-Constrained Language Models, arXiv 2305.16264",
        repository="huggingface/datablations",
        commit="13701315b163f1c54642b94ad237b2699187c3ee",
        path="utils/parametric_fit.ipynb",
        licence="Apache-2.0",
        file="datablations_repeated_c4_182.csv",
        sha256="0236c5e7d77b49526d37f8515ac32b0bc4503d22ecaa6b8f4ab83988eb663b3c",
        rows=182,
        counts="not said in the notebook; the sizes are those the models are named by",
        preprocessing=(
            "the printed output of the notebook's cell that lists the fitted runs, billions written out. The authors "
            "had left runs out by hand before (outliers, other seeds); C = 6 N D is derived here"
        ),
        known_mistakes=(
            "runs left out by the authors are named only in comments of the notebook",
            "R*_D is weakly fixed by these runs: values from 7.8 to 400 fit within 1% of the best",
            "the runs named 25m have 35.5 million parameters in the authors' own table of sizes",
            "83m32b100m and 83m60b100m have the same loss to all digits",
        ),
        columns=_N
        | {"D": ("tokens seen, repetitions counted", "token")}
        | {"C": ("6 N D", "FLOP")}
        | _LOSS
        | {
            "name": ("name of the run: size, tokens, unique tokens", "text"),
            "params": ("parameters", "1"),
            "tokens": ("tokens seen, repetitions counted", "token"),
            "unique_tokens": ("unique tokens U", "token"),
        },
    ),
    quantities=lambda frame: {
        "N": frame["params"],
        "D": frame["tokens"],
        "C": 6 * frame["params"] * frame["tokens"],
        "loss": frame["loss"],
    },
    extract=extraction.repeated_c4,
)

_MODELS = Table(
    card=Card(
        name="chinchilla-models",
        title="sizes and shapes of the models of Hoffmann et al. 2022",
        source=(
            "Hoffmann et al. 2022, Training Compute-Optimal Large Language Models, arXiv 2203.15556, Table A9; "
            "karpathy/nanoGPT@3adf61e154c3fe3fca428ad6bc3818b27a3b8291:scaling_laws.ipynb; typed into "
            "scalinglib.published as 'hoffmann2022-A9', nothing is fetched"
        ),
        licence="MIT (the copy); numbers of a paper's table",
        file="chinchilla_table_a9_models.csv",
        sha256="24b531e74a7b5829abac29bde42fc8e3bf31bf139b0aecfc28463727f434344f",
        rows=50,
        counts=(
            "with embeddings: each size is within 0.8 million or 0.1% of accounting.TransformerShape with a "
            "vocabulary of 32,000, tied embeddings and relative_positions=True"
        ),
        preprocessing="sizes printed in millions, written out; no runs, so D, C and loss are empty",
        known_mistakes=("rounded to a million parameters", "six models have heads times key size other than the width"),
        **described(
            {
                "N": ("parameters, embeddings included", "1"),
                "D": ("absent at the source: NaN", "token"),
                "C": ("absent at the source: NaN", "FLOP"),
                "loss": ("absent at the source: NaN", "nats per token"),
                "params": ("parameters, embeddings included", "1"),
                "d_model": ("width", "1"),
                "ffw_size": ("width of the feed-forward layer", "1"),
                "kv_size": ("key and value size of a head", "1"),
                "n_heads": ("heads", "1"),
                "n_layers": ("layers", "1"),
            }
        ),
    ),
    quantities=lambda frame: {"N": frame["params"]},
    rows=_printed_models,
)

PUBLIC = {table.card.name: table for table in (_CHINCHILLA, _OBSERVATIONAL, _EMERGENT, _ADDITION, _REPEATED, _MODELS)}
