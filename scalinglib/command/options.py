"""Options: what the command line takes, and its help."""

import argparse

from ..reading.units import OWN_UNITS
from .kinds import (
    Group,
    Parser,
    assigned,
    compute,
    condition,
    corner,
    finite,
    level,
    names,
    positive,
    span,
    spread,
    typed,
    whole,
)  # fmt: skip
from .text import NAME

__all__ = ["ONE_VARIABLE", "asks_for_form", "how_read", "how_read_for", "parser"]

_PROGRAM = "python -m scalinglib"

_EPILOG = """\
a session:
  python -m scalinglib fit runs.csv --out study
  python -m scalinglib plan study/law.json 1e24 1e25
  python -m scalinglib compare runs.csv
  python -m scalinglib forms
  python -m scalinglib fit runs.csv --form "E + A / N**alpha + B / D**alpha" --fix E=1.7

exit codes:
  0    done
  1    done, but the result is not to be trusted; the last line on standard error
       says why
  2    wrong use, or a table that cannot be used as it is
  3    a file cannot be read or written
  70   a fault of the program itself; what to report, and where, is said
  130  stopped by Ctrl-C; no file is left half written
"""

_TABLE_HELP = """\
the table:
  Text with a header line, cells split by commas, semicolons, tabs, blanks or |
  (Markdown), comments behind #; JSON or JSON lines; Parquet and .xlsx where pandas
  has a reader for them; packed by gzip, bzip2, xz or alone in a zip. No pickles.
  Columns are found by name, without case:
    N     parameters  N, params, n_params, parameters, model_size ...
    D     tokens      D, tokens, n_tokens, training_tokens, tokens_seen ...
    C     compute     C, flop, flops, compute, training_flops ...
    loss  nats/token  loss, val_loss, eval_loss, final_loss, train_loss ...
  Without D (or N) it is taken from C = 6 N D. A quantity that two columns may
  hold has to be named. It may be a formula: --D "steps * batch_size * seq_len",
  with [a name] in brackets where it has blanks or signs. Counts may be written
  1e9, 1.3B, 300M, 1,000,000 (quoted where commas split the cells) or 6.4 x 10^21.
  A header that names a unit, as params (M) or tokens_B, needs --scale to say what
  it means; bits per byte are fitted as such, or with --bytes-per-token as nats.
"""

_FORM_HELP = """\
a form:
  A form is a name (python -m scalinglib forms lists them) or a text such as
    "E + A / N**alpha + B / D**beta"            numbers, names, + - * / ** ( ),
    "E + A / N**alpha + B / D**alpha"           exp log sqrt sigmoid minimum maximum
    "q = D / U; E + A / N**alpha + B / q**beta" definitions before the formula
  Names that are columns are variables, all others constants. N, D and C are the
  columns found as above. --column G=experts names the column of any variable.
"""

_WITH_FORM = ("fix", "tie", "bound", "prior", "start", "by", "shared", "weights", "noise", "space", "y", "column")
ONE_VARIABLE = "power-law-with-floor"
_MOST = 100_000  # resamples, held-out runs: beyond it a slip of the keys would take hours
_ABOVE_ZERO = typed(positive, "a number above zero")
_FLOP = typed(compute, "a number of FLOP above zero")


def parser():
    """The parser of the whole command line."""
    plain = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
    about = "Fit a neural scaling law to your own runs, plan with it, compare forms of it."
    program = Parser(prog=_PROGRAM, description=about, epilog=_EPILOG, **plain)
    program.add_argument("--version", action="version", version=_version())
    commands = program.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for name, usage, brief, description, epilog, add in _COMMANDS:
        usage = f"{_PROGRAM} {name} {usage}"
        made = commands.add_parser(name, usage=usage, help=brief, description=description, epilog=epilog, **plain)
        made.set_defaults(command=name)
        add(made)
    return program


def _version():
    from .. import __version__

    return f"{NAME} {__version__}"


def _add_table(parser):
    """The table, and the options that say how it is read."""
    parser.add_argument("table", metavar="TABLE", help="the file, or - for standard input")
    group = Group(parser.add_argument_group("reading the table"))
    for quantity, what in (("N", "parameters"), ("D", "training tokens"), ("C", "compute in FLOP"), ("loss", "loss")):
        words = f"column of {what}, or a formula of columns" + (", as 'steps * 524288'" if quantity == "D" else "")
        group.add(f"--{quantity}", "COLUMN", words)
    factor = assigned(positive, "N, D, C or loss and a factor, such as N=1e9")
    words = "multiply a column, as N=1e9 for billions (N=1: take it as it is); may be repeated"
    group.assign("--scale", "N=FACTOR", words, factor)
    words = "what the loss column holds (default: nats per token)"
    group.add("--loss-unit", None, words, choices=("nats", "bits", "perplexity", *OWN_UNITS))
    words = "bytes of text a token: turns bits per byte into nats per token"
    group.add("--bytes-per-token", "NUMBER", words, _ABOVE_ZERO)
    words = "keep the rows where it holds, as 'loss < 4' or 'status = finished'; may be repeated"
    group.many("--where", "CONDITION", words, condition)
    group.add("--group", "COLUMN", "column of the run that rows (its checkpoints) belong to: they count as one")
    words = "of rows that share N and D keep the one with the lowest loss, as of a search of learning rates"
    group.add_argument("--best-of-pair", action="store_true", help=words)
    group.add("--encoding", "NAME", "of the text, as latin-1 (default: utf-8)")
    words = "leave out rows with empty or wrong cells, and say how many (default: refuse the table)"
    group.add_argument("--drop-bad", action="store_true", help=words)


def how_read(options):
    """The options of `_add_table` as `reading.read` takes them, but for the table and its columns."""
    names = "group where scale loss_unit bytes_per_token best_of_pair drop_bad encoding".split()
    return {name: getattr(options, name) for name in names}


def how_read_for(options):
    """The options of ``fit`` and ``compare`` as `reading.form_table.read_for` takes them."""
    names = "column x y weights noise by".split()
    given = {name: getattr(options, name) for name in names if hasattr(options, name)}
    space, objective = getattr(options, "space", None), getattr(options, "objective", None)
    linear = space == "linear" or (space is None and objective == "least_squares")
    return {**how_read(options), "named": options.columns, "linear": linear, **given}


def _add_fit(parser):
    _add_table(parser)
    group = Group(parser.add_argument_group("fitting"))
    objectives = ("huber", "lad", "least_squares", "log_least_squares")
    words = "what is minimised (default: huber, of log residuals)"
    group.add("--objective", None, words, choices=objectives, default="huber")
    words = "corner of huber in log loss (default: 1e-3; with --form auto, from the residuals)"
    group.add("--delta", "NUMBER", words, typed(corner, "a number above zero or auto"))
    group.add("--counts", "TEXT", "what N counts, as 'without embeddings'; kept in law.json", default="")
    _add_form(Group(parser.add_argument_group("another form of law")))
    group = Group(parser.add_argument_group("how sure"))
    methods = ("runs", "residual", "wild", "none")
    group.add("--bootstrap", None, "what is resampled (default: runs)", choices=methods, default="runs")
    group.add("--resamples", "COUNT", "how many (default: 4000, fewer above 5000 rows)", whole(20, _MOST))
    words = "of the resamples; the same seed gives the same files (default: 0)"
    group.add("--seed", "NUMBER", words, whole(0, 2**63 - 1), default=0)
    _add_level(group)
    group.add("--budget", "FLOP", "a budget to plan for; report and figure reach to it", _FLOP)
    group = Group(parser.add_argument_group("writing"))
    words = "folder of the files (default: here, TABLE's name with -law, after the name of TABLE's folder if not this)"
    group.add("--out", "DIR", words)
    group.add_argument("--force", action="store_true", help="replace files of an earlier fit in that folder")
    group.add_argument("--no-figure", action="store_true", help="leave out figure.png; report.html has the figure")


def _add_form(group):
    """The options of ``fit`` that go with --form."""
    group.add("--form", "FORM", "a text or a name, in place of E + A / N^alpha + B / D^beta")
    for option, metavar, check, what, words in (
        ("--fix", "NAME=NUMBER", finite, "a constant and a number, such as E=1.69", "a constant that is not fitted"),
        ("--tie", "NAME=FORMULA", str, "a constant and what it is, such as beta=alpha",
         "a constant that is another one, or a formula of others"),
        ("--bound", "NAME=LOW:HIGH", span, "a constant and its range, such as alpha=0:1",
         "the range of a constant; one end may be left out"),
        ("--prior", "NAME=MEAN:SD", spread, "a constant with mean and sd, such as alpha=0.35:0.05",
         "what is known of a constant: a normal penalty"),
        ("--start", "NAME=NUMBER", finite, "a constant and a number, such as alpha=0.3",
         "where to begin, beside the starts that are found without"),
    ):  # fmt: skip
        group.assign(option, metavar, words, assigned(check, what))
    group.add("--by", "COLUMN", "column of families: each has constants of its own, but for those of --shared")
    group.many("--shared", "NAME[,NAME]", "constants that all families have in common", names)
    group.add("--weights", "COLUMN", "column of how much each row counts beside the others, as 1 / variance")
    group.add("--noise", "COLUMN", "column of each row's relative sd, or one number: known, not estimated")
    group.add("--space", None, "residuals of the logarithm or of the value itself", choices=("log", "linear"))
    words = f"column of what grows, for a law of one variable x ({ONE_VARIABLE} where --form names no other)"
    group.add("--x", "COLUMN", words)
    group.add("--y", "COLUMN", "column of what the form gives, where that is no loss")
    _add_column(group)


def _add_column(group):
    kind = assigned(str, "a variable and a column, such as G=experts")
    group.assign("--column", "NAME=COLUMN", "column of a variable, where it has another name; may be repeated", kind)


def _add_level(group):
    kind = typed(level, "a number between 0 and 1, such as 0.8")
    group.add("--level", "SHARE", "of the intervals (default: 0.8)", kind, default=0.8)


def _add_plan(parser):
    parser.add_argument("law", metavar="LAW", help="law.json of a fit, or a published law such as besiroglu2024")
    words = "budgets, as 1e24 or 5.76e23; with --cost in its unit"
    parser.add_argument("budgets", metavar="FLOP", nargs="+", type=_FLOP, help=words)
    here = Group(parser)
    here.add(
        "--N", "COUNT", "a size of model that is given, as 7B: its tokens, loss and cost at each budget", _ABOVE_ZERO
    )
    group = Group(parser.add_argument_group("another cost, or another form of law"))
    group.add("--cost", "FORMULA", "what a run costs, as '6 * N * D + 2 * N * 1e12' (default: 6 * N * D)")
    words = "variables that are chosen (default: those of the cost that are not given)"
    group.add("--over", "NAME[,NAME]", words, names)
    words = "a variable of the law or a name in the cost that is given, or a family; may be repeated"
    group.assign("--given", "NAME=VALUE", words, assigned(str, "a name and a value, such as K=8"))
    words = "the range of a variable, as D=0:1e12 where there are no more tokens; may be repeated"
    group.assign("--bound", "NAME=LOW:HIGH", words, assigned(span, "a variable and its range, such as D=0:1e12"))
    _add_level(here)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_compare(parser):
    _add_table(parser)
    here = Group(parser)
    here.add("--x", "COLUMN", "column of what grows, for points")
    here.add("--y", "COLUMN", "column of what falls (or rises), for points; of what forms give")
    group = parser.add_argument_group("comparing")
    split, cut = Group(group), Group(group.add_mutually_exclusive_group())
    words = (
        "a form to compare: 'Chinchilla' or 'broken' (a wrong one lists all), a name of the command forms, or a "
        "text such as 'E + A / N**alpha'; may be repeated"
    )
    split.add_argument("--form", "--forms", metavar="FORM", action="append", dest="forms", help=words)
    _add_column(split)
    split.add("--by", "SIZE", "what is large: a column or a formula (default: C = 6 N D)", default="C", dest="large")
    words = "share of the range, from the top, that is held out (default: a third)"
    cut.add("--held-out", "SHARE", words, typed(level, "a number between 0 and 1, such as 0.3"))
    cut.add("--largest", "COUNT", "how many of the largest are held out", whole(1, _MOST))
    cut.add("--beyond", "NUMBER", "hold out what is larger than this", _ABOVE_ZERO)
    words = "cut the held-out range into slices, each predicted from all below it (default: 1)"
    split.add("--splits", "COUNT", words, whole(1, _MOST), default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_forms(parser):
    parser.add_argument("names", metavar="NAME", nargs="*", help="a form, such as chinchilla")


_COMMANDS = (
    (
        "fit",
        "TABLE [options]",
        "fit a table of runs",
        "Fit L = E + A / N^alpha + B / D^beta, or with --form any other law, to a table of runs.\n"
        "Prints the report and writes law.json, figure.png and report.html.",
        f"{_TABLE_HELP}\n{_FORM_HELP}",
        _add_fit,
    ),
    (
        "plan",
        "LAW FLOP [FLOP ...] [options]",
        "the best N and D for a budget, and how sure",
        "Say what N, what D and what loss a budget of C = 6 N D FLOP gives, with intervals,\nand how far that lies "
        "outside the runs: over 100 times in C, or 10 in N or D, is a\nwarning; over 1e6 times in C, or 1000 in N or "
        "D, is not to be trusted. A law of\nanother form, or a budget under another cost, is planned for the same way.",
        None,
        _add_plan,
    ),
    (
        "compare",
        "TABLE [options]",
        "which form of law predicts the larger runs",
        "Fit several forms of law to the smaller runs and score them on the larger ones.\n"
        "With --x and --y a curve of points is compared, in place of runs of N and D.",
        f"{_TABLE_HELP}\n{_FORM_HELP}",
        _add_compare,
    ),
    (
        "forms",
        "[NAME ...]",
        "the published forms of law, by name",
        "List the forms that --form takes by name: formula, variables and source. With a name\n"
        "the whole entry: what its variables count, its source, and the constants printed there.",
        None,
        _add_forms,
    ),
)


def asks_for_form(options):
    """Whether ``fit`` is to fit a form, which --x is enough to say; ValueError for an option that needs --form."""
    if options.form is None and options.x is not None:
        options.form = ONE_VARIABLE
    if options.form is not None:
        return True
    given = [name for name in _WITH_FORM if getattr(options, name)]
    if given or options.delta == "auto":
        option = f"--{given[0]}" if given else "--delta auto"
        raise ValueError(f"{option} goes with --form; --form chinchilla is the law that is fitted without it")
    return False
