"""Tests of the house: packages stand in one order, and imports go one way."""

import ast
import importlib
import inspect
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import scalinglib as sl

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "scalinglib"
# From the ground up: what stands later may import what stands earlier.
ORDER = (
    "arguments notices files parallel text results accounting laws forms published simulate engine fitting audit "
    "uncertainty coverage comparison planning reading runs allocation emergence limits strategies explore plots "
    "reports classroom command __main__"
).split()
# A result's method that hands work to a later package imports it when it is called.
UPWARD = {
    ("fitting.chinchilla", "ChinchillaFit.standing", "audit"),
    ("fitting.chinchilla", "ChinchillaFit.audit", "audit"),
    ("fitting.chinchilla", "ChinchillaFit.report", "audit"),
    ("fitting.chinchilla", "fit_chinchilla", "audit"),
    ("fitting.form_fit", "FormFit.audit", "audit"),
    ("fitting.form_fit", "FormFit.optimum", "allocation"),
    ("fitting.uncertain", "Uncertain.bootstrap", "uncertainty"),
    ("fitting.uncertain", "Uncertain.doubts", "audit"),
    ("fitting.uncertain", "Uncertain.profile", "uncertainty"),
    ("fitting.uncertain", "Uncertain.report_card", "reports"),
    ("fitting.uncertain", "Uncertain.speedup", "allocation"),
    ("fitting.uncertain", "Uncertain.strays", "audit"),
    ("uncertainty.profiles", "Profile.caution", "coverage"),
    ("uncertainty.resampling", "Bootstrap.caution", "coverage"),
}


def modules():
    """Dotted name inside the package -> its source, parsed; "" is the package itself."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        found[name] = path, ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = modules()


def imports(tree):
    """(where, statement) of every import; `where` is the dotted function or class around it, "" at module level."""

    def walk(node, around, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                yield ".".join(around) if inside else "", child
            elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue  # what only a reader of types imports, no run does
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from walk(child, (*around, child.name), True)
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, (*around, child.name), inside)
            else:
                yield from walk(child, around, inside)

    return walk(tree, (), False)


def targets(name, path, statement):
    """The modules of this package that an import in module `name` names, with the name taken from each."""
    if isinstance(statement, ast.Import):
        found = [(alias.name, None) for alias in statement.names]
    else:
        home = ["scalinglib", *name.split(".")] if name else ["scalinglib"]
        up = statement.level - (path.name == "__init__.py")
        base = ".".join(home[: len(home) - up]) if statement.level else ""
        found = [(".".join(filter(None, [base, statement.module])), alias.name) for alias in statement.names]
    for module, taken in found:
        inside = module.removeprefix("scalinglib").removeprefix(".")
        if module != "scalinglib" and not module.startswith("scalinglib."):
            continue
        deeper = f"{inside}.{taken}".lstrip(".")
        yield (deeper, None) if deeper in MODULES else (inside, taken)


EDGES = [
    (name, where, target, taken)
    for name, (path, tree) in MODULES.items()
    for where, statement in imports(tree)
    for target, taken in targets(name, path, statement)
]


def package(name):
    """The package or lone module at the top that a module belongs to."""
    return name.partition(".")[0]


def test_every_package_has_its_place():
    """Each package, and each module beside them, stands in the order."""
    there = {package(name) for name in MODULES} - {""}
    assert there <= set(ORDER), there - set(ORDER)


def test_imports_at_the_top_of_a_module_go_one_way():
    """No module imports, as it loads, what stands later; within a package there is no circle either."""
    place = {name: number for number, name in enumerate(ORDER)}
    drawn = [(a, b) for a, where, b, _ in EDGES if not where and a and b]
    wrong = [f"{a} imports {b}" for a, b in drawn if place[package(a)] < place[package(b)]]
    assert not wrong, wrong
    graph = TopologicalSorter()
    for a, b in drawn:
        if a != b:
            graph.add(a, b)
    graph.prepare()  # raises CycleError


def test_imports_inside_functions_that_go_up_are_those_listed():
    """A method reaches a later package in one place, and the list above names them all."""
    place = {name: number for number, name in enumerate(ORDER)}
    found = [
        (a, where, package(b)) for a, where, b, _ in EDGES if where and b and place[package(a)] < place[package(b)]
    ]
    assert len(found) == len(set(found))
    assert set(found) == UPWARD


def test_the_library_knows_nothing_of_the_course():
    """No module of the library imports the chapters, the study, the assignments, the tests or the book's scripts."""
    outside = {"chapters", "study", "assignments", "tests", "benchmarks", "_sphinx", "coursebook"}
    for name, (_, tree) in MODULES.items():
        for _, statement in imports(tree):
            named = [a.name for a in statement.names] if isinstance(statement, ast.Import) else [statement.module or ""]
            if not getattr(statement, "level", 0):
                assert not outside & {package(one) for one in named}, (name, named)


@pytest.mark.parametrize("folder", ["scalinglib", "tests", "benchmarks", "study", "_sphinx"])
def test_private_names_stay_at_home(folder):
    """No module imports a name that begins with an underscore from another module of this project."""
    ours = {"scalinglib", "benchmarks", "study", "coursebook", "_sphinx"}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for _, statement in imports(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(statement, ast.ImportFrom) and (statement.level or package(statement.module) in ours):
                private = [a.name for a in statement.names if a.name.startswith("_") and not a.name.endswith("__")]
                assert not private, f"{path.relative_to(ROOT)}, line {statement.lineno}: {private}"


def test_no_module_changes_what_belongs_to_the_process():
    """Filters of warnings, levels of loggers and numpy's way with errors are set by no library call: a thread would
    set them for all. `notices` warns and silences; the command, which owns its process, may do more."""
    state = {"catch_warnings", "simplefilter", "filterwarnings", "resetwarnings", "seterr", "setLevel", "basicConfig"}
    for name, (_, tree) in MODULES.items():
        if package(name) in ("command", "__main__"):
            continue
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not state & called, (name, state & called)
        imported = {target.name for _, statement in imports(tree) for target in statement.names}
        assert name == "notices" or "warnings" not in imported, f"{name}: warn with notices.warn"


def test_a_module_is_named_after_what_it_is():
    """No module or package is called utils, helpers, common or core."""
    nameless = {"utils", "helpers", "common", "core", "util", "helper", "misc"}
    assert not [name for name in MODULES if nameless & set(name.split("."))]


def public_functions(module):
    """(name, function) of what a public module lists: its functions, and the public methods of its classes."""
    loaded = importlib.import_module(f"scalinglib.{module}")
    for name in loaded.__all__:
        value = getattr(loaded, name)
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            for method, held in vars(value).items():
                held = getattr(held, "fget", None) or getattr(held, "func", None) or getattr(held, "__func__", held)
                if inspect.isfunction(held) and (not method.startswith("_") or method == "__call__"):
                    yield f"{name}.{method}", held


@pytest.mark.parametrize("module", [name for name in sl.__all__ if name in ORDER])
def test_public_signatures_say_their_types(module):
    """Every public function and method has a type on each parameter and on what it returns."""
    for name, function in public_functions(module):
        signature = inspect.signature(function)
        untyped = [
            parameter.name
            for parameter in signature.parameters.values()
            if parameter.annotation is parameter.empty and parameter.name not in ("self", "cls")
        ]
        assert not untyped, f"{module}.{name}: {untyped}"
        assert signature.return_annotation is not signature.empty, f"{module}.{name} returns"
