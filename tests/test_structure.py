"""The order of the modules, the weight of the import, and the words on every public name."""

import ast
import importlib
import inspect
import json
import pathlib
import pkgutil
import re
import subprocess
import sys

import pytest

import diracgan as dg

PACKAGE = pathlib.Path(dg.__file__).parent
ROOT = PACKAGE.parent

SOURCES = sorted(PACKAGE.rglob("*.py"))
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
# The map in CONTRIBUTING.md, from the ground up: a room imports only from those before it.
ROOMS = re.findall(r"^- `(\w+)`:", GUIDE.partition("<!-- rooms -->")[2].partition("<!-- /rooms -->")[0], re.MULTILINE)
CORE = ROOMS[: ROOMS.index("dynamics") + 1]


def room(path):
    """The room that a file belongs to; "" for what stands at the top of the package."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


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


def test_the_map_shows_the_rooms_that_there_are():
    assert len(ROOMS) == len(set(ROOMS)) >= 10
    assert set(ROOMS) == {room(path) for path in SOURCES} - {""}


def test_only_rooms_stand_at_the_top():
    top = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert top - set(ROOMS) == {"__init__.py", "__main__.py", "py.typed"}


def test_the_tests_have_the_same_rooms():
    folders = {path.parent.relative_to(ROOT / "tests").as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    assert folders - {"."} <= set(ROOMS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_run_one_way(path):
    if not room(path):
        return
    before = set(ROOMS[: ROOMS.index(room(path))])
    assert rooms_used(path) <= before, f"{room(path)} may only import from {sorted(before)}"


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


def test_every_public_name_is_where_type_checkers_look_for_it():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    told = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module != "typing"]
    shown = {alias.name: node.module for node in told for alias in node.names if alias.name != "interrupt"}
    assert {name: f"diracgan.{place}" for name, place in dg._PLACES.items()} == shown
    assert set(dg.__all__) == set(shown) <= set(dir(dg))


def test_importing_the_package_imports_nothing_before_it_is_asked():
    script = "import sys, diracgan; print(sorted({name.split('.')[0] for name in sys.modules} & {'jax', 'numpy'}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


HEAVY = ("matplotlib", "diffrax", "optimistix", "optax", "scipy")


def test_every_name_that_draws_nothing_is_light_and_changes_no_configuration():
    script = """
import json, sys
import jax, jax.numpy
before, config = set(sys.modules), dict(jax.config.values)
import diracgan
drawn = ("plotting", "explorer")
names = [name for name, place in diracgan._PLACES.items() if place not in drawn]
[getattr(diracgan, name) for name in names]
new = sorted({name.split(".")[0] for name in set(sys.modules) - before})
changed = [key for key, value in jax.config.values.items() if config.get(key) != value]
print(json.dumps({"new": new, "changed": changed, "x64": bool(jax.config.jax_enable_x64)}))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=600)
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
