"""Form options: what the command line takes about a form of law."""

from .kinds import assigned, finite, span, spread, typed

__all__ = ["FORM_HELP", "add_column", "add_cost", "add_form", "asks_for_form"]

_WITH_FORM = ("fix", "tie", "bound", "prior", "start", "by", "shared", "weights", "noise", "space", "y", "column")

FORM_HELP = """\
a form:
  A form is a name (python -m scalinglib forms lists them) or a text such as
    "E + A / N**alpha + B / D**beta"            numbers, names, + - * / ** ( ),
    "E + A / N**alpha + B / D**alpha"           exp log sqrt sigmoid minimum maximum
    "q = D / U; E + A / N**alpha + B / q**beta" definitions before the formula
  Names that are columns are variables, all others constants. N, D and C are the
  columns found as above. --column G=experts names the column of any variable.
"""


def add_form(parser):
    """The options of ``fit`` that go with --form."""
    group = parser.add_argument_group("another form of law")
    group.add_argument("--form", metavar="FORM", help="a text or a name, in place of E + A / N^alpha + B / D^beta")

    def named(option, metavar, check, what, words):
        group.add_argument(
            option, metavar=metavar, action="append", default=[], type=typed(assigned(check), what), help=words
        )

    named("--fix", "NAME=NUMBER", finite, "a constant and a number, such as E=1.69", "a constant that is not fitted")
    named(
        "--tie",
        "NAME=FORMULA",
        str,
        "a constant and what it is, such as beta=alpha",
        "a constant that is another one, or a formula of others",
    )
    named(
        "--bound",
        "NAME=LOW:HIGH",
        span,
        "a constant and its range, such as alpha=0:1",
        "the range of a constant; one end may be left out",
    )
    named(
        "--prior",
        "NAME=MEAN:SD",
        spread,
        "a constant with mean and sd, such as alpha=0.35:0.05",
        "what is known of a constant: a normal penalty",
    )
    named(
        "--start",
        "NAME=NUMBER",
        finite,
        "a constant and a number, such as alpha=0.3",
        "where to begin, beside the starts that are found without",
    )
    group.add_argument(
        "--by", metavar="COLUMN", help="column of families: each has constants of its own, but for those of --shared"
    )
    group.add_argument(
        "--shared",
        metavar="NAME[,NAME]",
        action="append",
        default=[],
        type=_names,
        help="constants that all families have in common",
    )
    group.add_argument("--weights", metavar="COLUMN", help="column of how often each row counts")
    group.add_argument(
        "--noise", metavar="COLUMN", help="column of each row's relative sd, or one number: known, not estimated"
    )
    group.add_argument("--space", choices=("log", "linear"), help="residuals of the logarithm or of the value itself")
    group.add_argument("--y", metavar="COLUMN", help="column of what the form gives, where that is no loss")
    add_column(group)


def add_column(group):
    """The option that names columns of variables."""
    group.add_argument(
        "--column",
        metavar="NAME=COLUMN",
        action="append",
        default=[],
        type=typed(assigned(str), "a variable and a column, such as G=experts"),
        help="column of a variable, where it has another name; may be repeated",
    )


def add_cost(parser):
    """The options of ``plan`` about other costs and other laws."""
    group = parser.add_argument_group("another cost, or another form of law")
    group.add_argument(
        "--cost", metavar="FORMULA", help="what a run costs, as '6 * N * D + 2 * N * 1e12' (default: 6 * N * D)"
    )
    group.add_argument(
        "--over",
        metavar="NAME[,NAME]",
        type=_names,
        help="variables that are chosen (default: those of the cost that are not given)",
    )
    group.add_argument(
        "--given",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=typed(assigned(str), "a name and a value, such as K=8"),
        help="a variable of the law or a name in the cost that is given, or a family; may be repeated",
    )
    group.add_argument(
        "--bound",
        metavar="NAME=LOW:HIGH",
        action="append",
        default=[],
        type=typed(assigned(span), "a variable and its range, such as D=0:1e12"),
        help="the range of a variable, as D=0:1e12 where there are no more tokens; may be repeated",
    )


def _names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def asks_for_form(options):
    """Whether ``fit`` is to fit a form; raises ValueError for an option that goes with --form alone."""
    if options.form is not None:
        return True
    given = [name for name in _WITH_FORM if getattr(options, name)]
    if given or options.delta == "auto":
        option = f"--{given[0]}" if given else "--delta auto"
        raise ValueError(f"{option} goes with --form; --form chinchilla is the law that is fitted without it")
    return False
