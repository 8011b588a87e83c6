"""The order of the modules, the weight of the import, and the words on every public name."""

import ast
import importlib
import inspect
import json
import pathlib
import pkgutil
import subprocess
import sys

import pytest

import diracgan as dg

PACKAGE = pathlib.Path(dg.__file__).parent
ROOT = PACKAGE.parent

# From what is known to what is shown: a module imports only from those before it. A package counts as one module.
ORDER = """
    interrupt files tracing expressions inputs
    parameters lanes measures losses divergences penalties fields games anchored transforms legacy methods references
    catalogue
    algorithms trajectories flows spectrum verdicts derivations latex errata atlas
    theory lemmas overview tables plotting figures page report explorer arguments console cli __main__
""".split()
CORE = ORDER[: ORDER.index("verdicts") + 1]
SOURCES = sorted(PACKAGE.rglob("*.py"))


def room(path):
    """The module or package directly under `diracgan` that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """What a file imports, at its top and inside its functions, as dotted names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative imports hide the arrow"
            if node.module == "diracgan":
                yield from (f"diracgan.{alias.name}" for alias in node.names if not alias.name.startswith("__"))
            else:
                yield node.module


def rooms_used(path):
    return {name.split(".")[1] for name in imports(path) if name.startswith("diracgan.")} - {room(path)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_run_one_way(path):
    if room(path) == "__init__":
        return
    assert room(path) in ORDER, "a new module needs its place in ORDER"
    before = set(ORDER[: ORDER.index(room(path))])
    assert rooms_used(path) <= before, f"{room(path)} may only import from {sorted(before)}"


def test_the_order_names_only_what_exists():
    assert set(ORDER) == {room(path) for path in SOURCES} - {"__init__"}


def test_theory_is_independent():
    for path in SOURCES:
        if room(path) == "theory":
            allowed = {"numpy", "scipy", "mpmath"} | sys.stdlib_module_names
            foreign = {name for name in imports(path) if name.split(".")[0] not in allowed}
            assert {name for name in foreign if not name.startswith("diracgan.theory")} == set()


@pytest.mark.parametrize("name", CORE)
def test_the_core_draws_nothing(name):
    files = [path for path in SOURCES if room(path) == name]
    assert files
    used = {imported.split(".")[0] for path in files for imported in imports(path)}
    assert not used & {"matplotlib", "bokeh", "plotly", "pandas"}


HEAVY = ("matplotlib", "diffrax", "optimistix", "optax", "scipy")


def test_importing_the_package_is_light_and_changes_no_configuration():
    script = """
import json, sys
import jax, jax.numpy
before, config = set(sys.modules), dict(jax.config.values)
import diracgan
new = sorted({name.split(".")[0] for name in set(sys.modules) - before})
changed = [key for key, value in jax.config.values.items() if config.get(key) != value]
print(json.dumps({"new": new, "changed": changed, "x64": bool(jax.config.jax_enable_x64)}))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert "diracgan" in told["new"]
    assert not set(told["new"]) & set(HEAVY)
    assert told["changed"] == []
    assert told["x64"] is False
    assert done.stderr == ""


def public():
    """Every public name of the package with its object, those that are loaded on demand included."""
    for name in dir(dg):
        thing = getattr(dg, name)
        if not name.startswith("_") and callable(thing) and getattr(thing, "__module__", "").startswith("diracgan"):
            yield name, thing


def documented(thing):
    """A docstring of its own: a dataclass without one gets its signature instead."""
    words = inspect.getdoc(thing) or ""
    return len(words) > 5 and not words.startswith(f"{getattr(thing, '__name__', '')}(")


def test_every_public_name_has_a_docstring():
    names = dict(public())
    assert {"simulate", "method", "SimGD", "DiracGAN", "verdict", "phase_portrait"} <= set(names)
    assert [name for name, thing in names.items() if not documented(thing)] == []


def test_every_public_method_has_a_docstring():
    silent = []
    for name, kind in public():
        if inspect.isclass(kind):
            for key, member in vars(kind).items():
                own = not key.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
                if own and not documented(member):
                    silent.append(f"{name}.{key}")
    assert silent == []


@pytest.mark.parametrize("name", sorted(m.name for m in pkgutil.walk_packages(dg.__path__, "diracgan.")))
def test_every_module_says_what_it_is_for(name):
    if name != "diracgan.__main__":
        assert importlib.import_module(name).__doc__


def texts():
    kinds = {".py", ".md", ".toml", ".ipynb", ".txt", ".yml", ".yaml", ".json", ".html", ".cfg", ".sh"}
    for place in ("diracgan", "tests", "benchmarks", "docs", "notebooks"):
        yield from (path for path in sorted((ROOT / place).rglob("*")) if path.suffix in kinds)
    yield from (path for path in sorted(ROOT.glob("*")) if path.suffix in kinds)


def test_no_file_contains_the_paths_of_a_machine():
    places = [f"/{place}/" for place in ("home", "work", "root", "Users", "tmp", "site-packages")]
    found = []
    for path in texts():
        if ".ipynb_checkpoints" not in path.parts:
            words = path.read_text(encoding="utf-8")
            found += [f"{path.relative_to(ROOT)}: {place}" for place in places if place in words]
    assert found == []
