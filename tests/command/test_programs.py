"""The programs that the command keeps between runs, each case in processes of its own."""

import os
import subprocess
import sys

import jax
import pytest

from diracgan.command import programs

# A run is compiled; the matrix of one system is not.
WORDS = "['trajectory', 'r1', '--steps', '5', '--out', '/dev/null']"
RUN = f"import sys; from diracgan.command.main import main; sys.exit(main({WORDS}))"
# How many programs XLA itself has compiled, told after the output of the command.
COUNTED = f"""
import jax
compiled = []
jax.monitoring.register_event_listener(lambda name, **_: compiled.append(name))
from diracgan.command.main import main
main({WORDS})
print(sum(name == "/jax/compilation_cache/cache_hits" for name in compiled),
    sum(name == "/jax/compilation_cache/cache_misses" for name in compiled))
"""


def ran(script, folder, **environment):
    given = {**os.environ, "XDG_CACHE_HOME": str(folder), "DIRACGAN_COMPILATION_CACHE": "on", **environment}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=given, check=True)
    assert done.stderr == ""
    return done.stdout


def kept(folder):
    return sorted(file for place in folder.glob("diracgan/programs-*") for file in place.glob("*-cache"))


def test_the_second_command_compiles_nothing(tmp_path):
    *_, first = ran(COUNTED, tmp_path).splitlines()
    *_, second = ran(COUNTED, tmp_path).splitlines()
    assert int(first.split()[1]) > 0
    assert second == f"{sum(map(int, first.split()))} 0"


def test_it_can_be_switched_off(tmp_path):
    assert "bounded" in ran(RUN, tmp_path, DIRACGAN_COMPILATION_CACHE="off")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"nonsense"])
def test_a_damaged_program_is_compiled(damage, tmp_path):
    whole = ran(RUN, tmp_path)
    assert kept(tmp_path)
    for file in kept(tmp_path):
        file.write_bytes(damage)
    assert ran(RUN, tmp_path) == whole


@pytest.mark.parametrize("obstacle", ["a file", "read only"])
def test_no_folder_is_needed(obstacle, tmp_path):
    folder = tmp_path / "cache"
    if obstacle == "a file":
        folder.write_text("mine")
    else:
        folder.mkdir()
        folder.chmod(0o500)
    assert "bounded" in ran(RUN, folder)


def test_importing_the_package_keeps_nothing(tmp_path):
    used = "import diracgan as dg; print(len(dg.simulate(dg.method('r1'), dg.SimGD(0.2), steps=5)))"
    assert ran(used, tmp_path) == "6\n"
    assert list(tmp_path.iterdir()) == []


def test_other_versions_and_the_oldest_programs_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(programs, "_BYTES", 100)
    here = tmp_path / "diracgan" / f"programs-{programs._version()}"
    other = tmp_path / "diracgan" / "programs-0.0.9-jax-0.7.0-0.7.0"
    for place in (here, other):
        place.mkdir(parents=True)
    (tmp_path / "diracgan" / "explorer-1.html").write_text("a page")
    for age, name in enumerate("abcd"):
        (here / f"{name}-cache").write_bytes(bytes(30))
        os.utime(here / f"{name}-cache", (1e9 - age, 1e9 - age))
    programs._clean(here)
    # 120 bytes are cut down to less than the half of 100: the oldest go.
    assert sorted(os.listdir(here)) == ["a-cache"]
    assert sorted(os.listdir(here.parent)) == ["explorer-1.html", here.name]


def test_the_folder_is_that_of_the_versions():
    assert jax.__version__ in programs._version()
