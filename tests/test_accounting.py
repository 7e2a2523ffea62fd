"""Accounting against worked values, a paper's tables, and the properties of a count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scalinglib as sl
from scalinglib import accounting

# (layers, width, context, vocabulary): n, n + e, FLOP a token, over 6 n, over 6 (n + e), to the digits printed
WORKED = [
    ((10, 640, 2048, 32000), (49_152_000, 69_632_000, "5.75078e+08", 1.95000, 1.37647)),
    ((12, 768, 1024, 50257), (84_934_656, "1.23532e+08", "8.54438e+08", 1.67666, 1.15279)),
    ((96, 12288, 2048, 50257), ("1.73946e+11", "1.74564e+11", "1.07637e+12", 1.03133, 1.02768)),
    ((80, 8192, 131072, 128256), ("6.44245e+10", "6.54752e+10", "1.42364e+12", 3.68298, 3.62387)),
]

# Hoffmann et al. 2022, Table A4: (layers, width, heads, key size), parameters in millions, exact / 6 N D
TABLE_A4 = [
    ((10, 640, 10, 64), 73, 1.03),
    ((20, 1024, 16, 64), 305, 1.10),
    ((24, 1280, 10, 128), 552, 1.08),
    ((26, 1792, 14, 128), 1100, 1.04),
    ((28, 2048, 16, 128), 1600, 1.03),
    ((40, 3584, 28, 128), 6800, 0.99),
]

whole = st.integers(1, 20_000)
shapes = st.builds(
    accounting.TransformerShape,
    layers=st.integers(1, 200),
    width=whole,
    context=whole,
    vocabulary=st.integers(1, 300_000),
    feedforward=st.none() | whole,
    tied=st.booleans(),
    relative_positions=st.booleans(),
)
losses = st.floats(1e-3, 20)


def agrees(value, printed):
    """Equal, or equal to the digits printed."""
    return f"{value:.5e}" == printed if isinstance(printed, str) else value == printed


def shape_of(row, **options):
    layers, width, heads, key_size = row
    return accounting.TransformerShape(
        layers=layers, width=width, heads=heads, key_size=key_size, context=2048, vocabulary=32000, **options
    )


@pytest.mark.parametrize(("given_shape", "printed"), WORKED)
def test_worked_counts(given_shape, printed):
    """The four worked shapes give the printed counts and ratios, digit for digit."""
    layers, width, context, vocabulary = given_shape
    counted = sl.accounting.count_and_cost(layers=layers, width=width, context=context, vocabulary=vocabulary)
    without, total, cost, over_without, over_total = printed
    assert agrees(counted["parameters_without_embeddings"], without)
    assert agrees(counted["parameters"], total)
    assert agrees(counted["flop_per_token"], cost)
    assert round(counted["ratio_without_embeddings"], 5) == over_without
    assert round(counted["ratio_with_embeddings"], 5) == over_total


@given(shape=shapes)
def test_shape_and_function_agree(shape):
    """Where the defaults hold, the shape's whole-number counts are those of the broadcasting function."""
    plain = accounting.TransformerShape(
        layers=shape.layers, width=shape.width, context=shape.context, vocabulary=shape.vocabulary
    )
    counted = accounting.count_and_cost(
        layers=shape.layers, width=shape.width, context=shape.context, vocabulary=shape.vocabulary
    )
    assert counted["parameters"] == pytest.approx(plain.parameters, rel=1e-12)
    assert counted["flop_per_token"] == pytest.approx(plain.flop_per_token(), rel=1e-12)


@given(shape=shapes)
def test_shares_and_order(shape):
    """Shares add up to one, embeddings only add, and the exact cost is above 6 N of the layers."""
    counted = accounting.count_and_cost(
        layers=shape.layers, width=shape.width, context=shape.context, vocabulary=shape.vocabulary
    )
    assert sum(counted["parameter_shares"].values()) == pytest.approx(1)
    assert sum(counted["flop_shares"].values()) == pytest.approx(1)
    assert shape.parameters > shape.parameters_without_embeddings
    assert shape.flop_per_token() > 6 * shape.parameters_without_embeddings
    assert shape.flop_per_token(context=shape.context + 1) > shape.flop_per_token()


def test_count_and_cost_broadcasts():
    """Arrays of shapes give arrays of counts, equal entry by entry to single calls."""
    layers, width = np.array([[10], [12]]), np.array([640, 768, 1024])
    counted = accounting.count_and_cost(layers=layers, width=width, context=2048, vocabulary=32000)
    assert counted["parameters"].shape == (2, 3)
    single = accounting.count_and_cost(layers=12, width=768, context=2048, vocabulary=32000)
    assert counted["flop_per_token"][1, 1] == single["flop_per_token"]
    assert counted["flop_shares"]["output layer"][1, 1] == single["flop_shares"]["output layer"]


@pytest.mark.parametrize(("row", "millions", "ratio"), TABLE_A4)
def test_hoffmann_count_meets_table_a4(row, millions, ratio):
    """The count of Hoffmann et al. without vocabulary terms gives Table A4's ratios and sizes as printed."""
    shape = shape_of(row, relative_positions=True)
    assert shape.parameters / 1e6 == pytest.approx(millions, rel=0.04)
    exact = accounting.hoffmann_flop(shape, 1e9, vocabulary_terms=False)
    assert round(float(exact / accounting.training_flop(shape.parameters, 1e9)), 2) == ratio


def test_hoffmann_count_as_the_appendix_lists_it():
    """With the embeddings and logits that the appendix lists, small models are far above Table A4."""
    shapes_a4 = [shape_of(row, relative_positions=True) for row, _, _ in TABLE_A4]
    ratios = [float(accounting.hoffmann_flop(s, 1e9) / accounting.training_flop(s.parameters, 1e9)) for s in shapes_a4]
    assert np.round(ratios, 2).tolist() == [1.58, 1.32, 1.23, 1.15, 1.12, 1.03]


@pytest.mark.published_data("chinchilla-models")
def test_sizes_of_table_a9():
    """All 50 printed sizes follow from the shapes with relative positions, within 0.8 million or 0.1%."""
    models = sl.runs.load("chinchilla-models")
    for model in models.itertuples():
        shape = accounting.TransformerShape(
            layers=model.n_layers,
            width=model.d_model,
            feedforward=model.ffw_size,
            heads=model.n_heads,
            key_size=model.kv_size,
            context=2048,
            vocabulary=32000,
            relative_positions=True,
        )
        assert abs(shape.parameters - model.params) <= max(0.8e6, 1e-3 * model.params), model


def test_hoffmann_count_needs_heads():
    """Without a head count the softmax cannot be counted, and the error says so."""
    shape = accounting.TransformerShape(layers=2, width=64, context=128, vocabulary=1000)
    with pytest.raises(ValueError, match="shape must have heads"):
        accounting.hoffmann_flop(shape, 1e9)


def test_training_flop_of_published_models():
    """6 N D gives the compute of Chinchilla and of Gopher."""
    flop = accounting.training_flop([70e9, 280e9], [1.4e12, 300e9])
    assert flop == pytest.approx([5.88e23, 5.04e23])


@given(shape=shapes, D=st.floats(1, 1e14))
def test_exact_flop_is_proportional_to_tokens(shape, D):
    """Twice the tokens cost twice, by either exact count's own rate."""
    assert accounting.exact_training_flop(shape, 2 * D) == pytest.approx(2 * accounting.exact_training_flop(shape, D))
    assert accounting.exact_training_flop(shape, D) == pytest.approx(shape.flop_per_token() * D)


def test_untied_output_layer():
    """An untied output layer doubles the embedding's parameters and costs no further FLOP."""
    options = {"layers": 4, "width": 128, "context": 64, "vocabulary": 1000}
    tied, untied = (accounting.TransformerShape(tied=tied, **options) for tied in (True, False))
    assert untied.embedding_parameters == 2 * tied.embedding_parameters == 256_000
    assert untied.flop_per_token() == tied.flop_per_token()


def test_heads_or_key_size_alone():
    """One of heads and key size fixes the other; where it cannot, the error says so."""
    options = {"layers": 4, "width": 128, "context": 64, "vocabulary": 1000}
    assert accounting.TransformerShape(heads=8, **options).attention_width == 128
    assert accounting.TransformerShape(heads=8, key_size=32, **options).attention_width == 256
    with pytest.raises(ValueError, match="heads must divide width where key_size is left out; got 7 and 128"):
        accounting.TransformerShape(heads=7, **options)


@pytest.mark.parametrize("name", ["layers", "width", "context", "vocabulary", "feedforward", "heads", "key_size"])
@pytest.mark.parametrize("bad", [0, -3, 2.5, float("nan"), float("inf"), [1, 2], "four"])
def test_shape_refuses_what_is_no_count(name, bad):
    """Every dimension is refused by name where it is not one whole number above zero."""
    options = {"layers": 4, "width": 128, "context": 64, "vocabulary": 1000} | {name: bad}
    with pytest.raises(ValueError, match=rf"^{name} "):
        accounting.TransformerShape(**options)


def test_units_of_loss():
    """E of Hoffmann et al. in bits, in bits per byte at 4.5 bytes a token, and either way round."""
    assert round(float(accounting.nats_to_bits(1.69)), 2) == 2.44
    assert round(float(accounting.nats_to_bits_per_byte(1.69, bytes_per_token=4.5)), 2) == 0.54
    assert accounting.nats_to_bits_per_byte(1.69, tokens_per_byte=1 / 4.5) == pytest.approx(
        accounting.nats_to_bits_per_byte(1.69, bytes_per_token=4.5)
    )


@pytest.mark.parametrize("options", [{}, {"tokens_per_byte": 0.2, "bytes_per_token": 5}])
def test_bits_per_byte_needs_one_rate(options):
    """Neither or both of the two rates is an error that names them."""
    with pytest.raises(ValueError, match="give one of tokens_per_byte and bytes_per_token"):
        accounting.nats_to_bits_per_byte(2.0, **options)


@given(loss=losses)
def test_perplexity_goes_back(loss):
    """Perplexity and its inverse undo each other."""
    assert accounting.perplexity_to_nats(accounting.perplexity(loss)) == pytest.approx(loss, rel=1e-9)


@given(first=losses, second=losses)
def test_mean_perplexity_is_above_perplexity_of_the_mean(first, second):
    """Averaging perplexities overstates: exp is convex."""
    mean = accounting.perplexity([first, second]).mean()
    assert mean >= accounting.perplexity((first + second) / 2) * (1 - 1e-12)


def test_petaflop_day():
    """A PF-day is 8.64e19 FLOP."""
    assert accounting.PF_DAY == 8.64e19 == 1e15 * 86_400
    assert accounting.pf_days([8.64e19, 1.728e20]) == pytest.approx([1, 2])


@given(flop=st.floats(1e10, 1e27), peak=st.floats(1e9, 1e16), utilisation=st.floats(0.01, 1))
def test_gpu_hours_and_mfu_agree(flop, peak, utilisation):
    """A run of so many device-hours has the utilisation that it was planned with."""
    hours = accounting.gpu_hours(flop, peak_flop_per_second=peak, utilisation=utilisation)
    assert accounting.mfu(flop, seconds=hours * 3600, devices=1, peak_flop_per_second=peak) == pytest.approx(
        utilisation
    )


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("N", lambda bad: accounting.training_flop(bad, 1e9)),
        ("D", lambda bad: accounting.training_flop(1e9, bad)),
        ("D", lambda bad: accounting.exact_training_flop(shape_of(TABLE_A4[0][0]), bad)),
        ("D", lambda bad: accounting.hoffmann_flop(shape_of(TABLE_A4[0][0]), bad)),
        ("flop", accounting.pf_days),
        ("flop", lambda bad: accounting.gpu_hours(bad, peak_flop_per_second=1e15, utilisation=0.4)),
        ("peak_flop_per_second", lambda bad: accounting.gpu_hours(1e20, peak_flop_per_second=bad, utilisation=0.4)),
        ("utilisation", lambda bad: accounting.gpu_hours(1e20, peak_flop_per_second=1e15, utilisation=bad)),
        ("seconds", lambda bad: accounting.mfu(1e20, seconds=bad, devices=1, peak_flop_per_second=1e15)),
        ("bytes_per_token", lambda bad: accounting.nats_to_bits_per_byte(2.0, bytes_per_token=bad)),
        ("perplexity", accounting.perplexity_to_nats),
    ],
)
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 0.0, -1.0])
def test_bad_numbers_are_named_by_row(name, call, bad):
    """NaN, infinity, zero and negative entries are refused with the argument and the row."""
    with pytest.raises(ValueError, match=rf"^{name} must be .*rows? 1\b"):
        call(np.array([1.0, bad]))


@pytest.mark.parametrize(
    "call",
    [
        accounting.nats_to_bits,
        accounting.perplexity,
        lambda loss: accounting.nats_to_bits_per_byte(loss, bytes_per_token=4),
    ],
)
def test_a_loss_may_be_zero_and_not_less(call):
    """A loss of zero is a loss; negative ones and what is no number are refused by row."""
    assert np.isfinite(call(0.0))
    for bad in (float("nan"), float("inf"), -1.0):
        with pytest.raises(ValueError, match="^loss must be .*row 1 holds"):
            call([1.0, bad])


def test_numbers_out_of_range():
    """A utilisation above one and a perplexity below one are refused with what is allowed."""
    with pytest.raises(ValueError, match="utilisation must be at most 1; got 40"):
        accounting.gpu_hours(1e20, peak_flop_per_second=1e15, utilisation=40)
    with pytest.raises(ValueError, match="perplexity must be at least 1; row 2 holds 0.5"):
        accounting.perplexity_to_nats([1.0, 2.0, 0.5])
    with pytest.raises(ValueError, match="width must be whole numbers; row 1 holds 64.5"):
        accounting.count_and_cost(layers=2, width=[64, 64.5], context=128, vocabulary=1000)


def test_an_unknown_option_is_refused():
    """A misspelt option is refused by name."""
    with pytest.raises(TypeError, match="utilization"):
        accounting.gpu_hours(1e20, peak_flop_per_second=1e15, utilization=0.4)


def test_what_is_no_shape_is_refused():
    """Where a shape is wanted, a number is refused by the name of the argument."""
    with pytest.raises(ValueError, match="shape must be a TransformerShape; got float"):
        accounting.exact_training_flop(1e9, 1e9)
