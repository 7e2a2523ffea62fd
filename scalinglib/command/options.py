"""Options: what the command line takes, and its help."""

import argparse

from .form_options import FORM_HELP, add_column, add_cost, add_form
from .kinds import at_least, compute, condition, corner, level, positive, scale, typed

__all__ = ["NAME", "parser"]

NAME = "scalinglib"
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
  130  stopped by Ctrl-C; no file is left half written
"""

_TABLE_HELP = """\
the table:
  A text file with a header line; cells split by commas, semicolons, tabs or |.
  Columns are found by name, without case:
    N     parameters  N, params, n_params, parameters, model_size ...
    D     tokens      D, tokens, n_tokens, training_tokens, tokens_seen ...
    C     compute     C, flop, flops, compute, training_flops ...
    loss  nats/token  loss, val_loss, eval_loss, final_loss, train_loss ...
  Without D (or N) it is taken from C = 6 N D. A quantity that two columns may
  hold has to be named. Counts may be written 1e9, 1.3B, 300M, 1,000,000 (quoted
  where commas split the cells) or 6.4 x 10^21; decimals take a point. A header
  that names a unit, as params (M) or tokens_B, needs --scale to say what it means.
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message):
        self.exit(2, f"{NAME}: {' '.join(message.split())} (see {self.prog} --help)\n")


def parser():
    """The parser of the whole command line."""
    whole = _Parser(
        prog=_PROGRAM,
        description="Fit a neural scaling law to your own runs, plan with it, compare forms of it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=_version())
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    _add_fit(commands)
    _add_plan(commands)
    _add_compare(commands)
    forms = _add(
        commands,
        "forms",
        "[NAME ...]",
        "the published forms of law, by name",
        "List the forms that --form takes by name: formula, variables and source. With a name\n"
        "the whole entry: what its variables count, its source, and the constants printed there.",
    )
    forms.add_argument("names", metavar="NAME", nargs="*", help="a form, such as chinchilla")
    return whole


def _version():
    from .. import __version__

    return f"{NAME} {__version__}"


def _add(commands, name, usage, say, description, epilog=None):
    parser = commands.add_parser(
        name,
        usage=f"{_PROGRAM} {name} {usage}",
        help=say,
        description=description,
        epilog=epilog,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=name)
    return parser


def _add_table(parser):
    """The options that say how a table is read."""
    group = parser.add_argument_group("reading the table")
    for quantity, what in (("N", "parameters"), ("D", "training tokens"), ("C", "compute in FLOP"), ("loss", "loss")):
        group.add_argument(f"--{quantity}", metavar="COLUMN", help=f"column of {what}")
    group.add_argument(
        "--scale",
        metavar="N=FACTOR",
        action="append",
        default=[],
        type=typed(scale, "N, D, C or loss and a factor, such as N=1e9"),
        help="multiply a column, as N=1e9 for billions (N=1: take it as it is); may be repeated",
    )
    group.add_argument(
        "--loss-unit",
        choices=("nats", "bits", "perplexity"),
        help="what the loss column holds, per token (default: nats)",
    )
    group.add_argument(
        "--where",
        metavar="CONDITION",
        action="append",
        default=[],
        type=condition,
        help="keep the rows where it holds, as 'loss < 4' or 'status = finished'; may be repeated",
    )
    group.add_argument(
        "--group", metavar="COLUMN", help="column of the run that rows (its checkpoints) belong to: they count as one"
    )
    group.add_argument(
        "--drop-bad",
        action="store_true",
        help="leave out rows with empty or wrong cells, and say how many (default: refuse the table)",
    )


def _add_fit(commands):
    parser = _add(
        commands,
        "fit",
        "TABLE [options]",
        "fit a table of runs",
        "Fit L = E + A / N^alpha + B / D^beta, or with --form any other law, to a table of runs.\n"
        "Prints the report and writes law.json, figure.png and report.html.",
        f"{_TABLE_HELP}\n{FORM_HELP}",
    )
    parser.add_argument("table", metavar="TABLE", help="the file, or - for standard input")
    _add_table(parser)
    fitting = parser.add_argument_group("fitting")
    fitting.add_argument(
        "--objective",
        choices=("huber", "lad", "least_squares", "log_least_squares"),
        default="huber",
        help="what is minimised (default: huber, of log residuals)",
    )
    fitting.add_argument(
        "--delta",
        metavar="NUMBER",
        type=typed(corner, "a number above zero or auto"),
        help="corner of huber in log loss (default: 1e-3; with --form auto, from the residuals)",
    )
    fitting.add_argument(
        "--counts", metavar="TEXT", default="", help="what N counts, as 'without embeddings'; kept in law.json"
    )
    add_form(parser)
    sure = parser.add_argument_group("how sure")
    sure.add_argument(
        "--bootstrap",
        choices=("runs", "residual", "wild", "none"),
        default="runs",
        help="what is resampled (default: runs)",
    )
    sure.add_argument(
        "--resamples",
        metavar="COUNT",
        type=typed(at_least(20), "a whole number, 20 or more"),
        help="how many (default: 4000, fewer above 5000 rows)",
    )
    sure.add_argument(
        "--seed",
        metavar="NUMBER",
        type=typed(at_least(0), "a whole number, 0 or more"),
        default=0,
        help="of the resamples; the same seed gives the same files (default: 0)",
    )
    _add_level(sure)
    sure.add_argument(
        "--budget",
        metavar="FLOP",
        type=typed(compute, "a number of FLOP above zero"),
        help="a budget to plan for; report and figure reach to it",
    )
    out = parser.add_argument_group("writing")
    out.add_argument("--out", metavar="DIR", help="folder of the files (default: TABLE's name with -law, here)")
    out.add_argument("--force", action="store_true", help="replace files of an earlier fit in that folder")


def _add_level(group):
    group.add_argument(
        "--level",
        metavar="SHARE",
        type=typed(level, "a number between 0 and 1, such as 0.8"),
        default=0.8,
        help="of the intervals (default: 0.8)",
    )


def _add_plan(commands):
    parser = _add(
        commands,
        "plan",
        "LAW FLOP [FLOP ...] [options]",
        "the best N and D for a budget, and how sure",
        "Say what N, what D and what loss a budget of C = 6 N D FLOP gives, with intervals,\n"
        "and how far that lies outside the runs: over 100 times in C, or 10 in N or D, is a\n"
        "warning; over 1e6 times in C, or 1000 in N or D, is not to be trusted. A law of\n"
        "another form, or a budget under another cost, is planned for the same way.",
    )
    parser.add_argument("law", metavar="LAW", help="law.json of a fit, or a published law such as besiroglu2024")
    parser.add_argument(
        "budgets",
        metavar="FLOP",
        nargs="+",
        type=typed(compute, "a number of FLOP above zero"),
        help="budgets, as 1e24 or 5.76e23; with --cost in its unit",
    )
    parser.add_argument(
        "--N",
        metavar="COUNT",
        type=typed(positive, "a number above zero"),
        help="a size of model that is given, as 7B: its tokens, loss and cost at each budget",
    )
    add_cost(parser)
    _add_level(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_compare(commands):
    parser = _add(
        commands,
        "compare",
        "TABLE [options]",
        "which form of law predicts the larger runs",
        "Fit several forms of law to the smaller runs and score them on the larger ones.\n"
        "With --x and --y a curve of points is compared, in place of runs of N and D.",
        f"{_TABLE_HELP}\n{FORM_HELP}",
    )
    parser.add_argument("table", metavar="TABLE", help="the file, or - for standard input")
    _add_table(parser)
    parser.add_argument("--x", metavar="COLUMN", help="column of what grows, for points")
    parser.add_argument("--y", metavar="COLUMN", help="column of what falls (or rises), for points; of what forms give")
    split = parser.add_argument_group("comparing")
    split.add_argument(
        "--form",
        "--forms",
        metavar="FORM",
        action="append",
        dest="forms",
        help="a form to compare: 'Chinchilla' or 'broken' (a wrong one lists all), a name of the command forms, or a "
        "text such as 'E + A / N**alpha'; may be repeated",
    )
    add_column(split)
    split.add_argument(
        "--by",
        metavar="SIZE",
        default="C",
        dest="large",
        help="what is large: a column or a formula (default: C = 6 N D)",
    )
    cut = split.add_mutually_exclusive_group()
    cut.add_argument(
        "--held-out",
        metavar="SHARE",
        type=typed(level, "a number between 0 and 1, such as 0.3"),
        help="share of the range, from the top, that is held out (default: a third)",
    )
    cut.add_argument(
        "--largest",
        metavar="COUNT",
        type=typed(at_least(1), "a whole number, 1 or more"),
        help="how many of the largest are held out",
    )
    cut.add_argument(
        "--beyond",
        metavar="NUMBER",
        type=typed(positive, "a number above zero"),
        help="hold out what is larger than this",
    )
    split.add_argument(
        "--splits",
        metavar="COUNT",
        type=typed(at_least(1), "a whole number, 1 or more"),
        default=1,
        help="cut the held-out range into slices, each predicted from all below it (default: 1)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
