"""The command: what it prints, what it writes, and how it refuses."""

import json
import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest

import diracgan as dg
from diracgan.command import lists
from diracgan.command.main import main
from diracgan.reproduction import report  # noqa: F401  (it must bind the real checks before a test replaces them)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["spectrum", "r9"], "unknown method 'r9'"),
        (["spectrum", "r1", "--sigma", "1"], "unknown hyper-parameter 'sigma'"),
        (["spectrum", "r1", "--gamma", "-1e-3"], "gamma must be finite and >= 0; -0.001 was given"),
        (["spectrum", "r1", "--gamma", "nan"], "gamma must be finite"),
        (["spectrum", "r1", "--gamma", "lots"], "a number is needed; 'lots' was given"),
        (["spectrum", "r1", "--gam", "1"], "unrecognized arguments"),
        (["spectrum", "r1", "--algorithm", "simgd", "--h", "0"], "h must be finite and > 0; 0.0 was given"),
        (["spectrum", "r1", "--algorithm", "altgd", "--n-d", "0"], "n_d must be an integer and >= 1"),
        (["spectrum", "r1", "--algorithm", "altgd", "--n-d", "1.5"], "n_d must be an integer"),
        (["spectrum", "r1", "--algorithm", "simgd", "--n-d", "5"], "unknown parameter 'n_d'"),
        (["spectrum", "r1", "--algorithm", "sgd"], "unknown algorithm 'sgd' (did you mean 'simgd'?)"),
        (["spectrum", "r1", "--h", "0.2"], "the flow takes no h"),
        (["spectrum", "r1", "--algorithm", "simgd", "--h", "0.1", "--h-g", "0.1"], "either h, or both h_g and h_d"),
        (["trajectory", "r1", "--start", "nan", "0", "--out", "x.csv"], "start must be finite"),
        (["trajectory", "r1", "--out", "x.txt"], "must end in .csv or .npz"),
        (["trajectory", "r1", "--steps", "-5", "--out", "x.csv"], "steps must be an integer and >= 0"),
        (["trajectory", "instance-noise", "--nodes", "4", "--start", "1", "5", "--out", "x.csv"], "nodes=4"),
        (["portrait", "r1", "--out", "x.jpeg2000"], "formats must be among"),
        (["portrait", "r1", "--box", "0", "--out", "x.png"], "box must be finite and > 0"),
        (["reproduce", "--only", "figure-99"], "unknown figure 'figure-99'"),
        (["reproduce", "--format", "bmp2"], "formats must be among"),
        (["dance"], "invalid choice: 'dance'"),
        (["spectrum", "r1", "--algorithm", "altgd", "--n-d", "1e300"], "n_d must be an integer and >= 1 and <= 1e+06"),
        (["spectrum", "r1", "--algorithm", "lookahead", "--k", "999999999999"], "k must be an integer"),
        (["spectrum", "r1", "--algorithm", "averaged"], "choose another --algorithm"),
        (["trajectory", "r1", "--save-every", "1e300", "--out", "x.csv"], "save_every must be an integer"),
        (["portrait", "r1", "--out", "x.pgf"], "formats must be among"),
        (["portrait", "r1", "--box", "1e308", "--out", "x.png"], "box must be finite and > 0 and <= 1e+100"),
        (["atlas", "basin", "r1", "--box", "-1e308", "1e308", "--out", "x.png"], "box must be finite and >= -1e+100"),
        (["sweep", "r1", "--over", "gamma=0:inf:3", "--store", "s"], "the ends of an axis must be finite numbers"),
        (["sweep", "r1", "--over", "h=-1e308:1e308:3", "--store", "s"], "the ends of an axis must be finite numbers"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    printed = capsys.readouterr()
    assert code == 2
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_directory_leaves_earlier_output(tmp_path, capsys):
    (tmp_path / "results").write_text("mine")
    assert main(["reproduce", "--out", str(tmp_path / "results")]) == 2
    assert main(["trajectory", "r1", "--out", str(tmp_path / "results" / "x.csv")]) == 2
    assert (tmp_path / "results").read_text() == "mine"
    assert "can be written" in capsys.readouterr().err


def test_negative_numbers_in_scientific_notation(tmp_path):
    file = tmp_path / "x.npz"
    assert main(["trajectory", "gan", "--start", "-1e-3", "-2.5E+0", "--steps", "3", "--out", str(file)]) == 0
    with np.load(file) as saved:
        assert saved["theta"][0] == -1e-3
        assert saved["psi"][0] == -2.5


def test_spectrum_prints_the_closed_form(capsys):
    assert main(["spectrum", "r1", "--gamma", "0.5", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert np.allclose(record["eigenvalues"], [[-0.25, np.sqrt(3) / 4], [-0.25, -np.sqrt(3) / 4]], atol=1e-14)
    assert record["verdict"] == "stable"
    assert record["half_life"] == pytest.approx(np.log(2) / 0.25)
    assert main(["spectrum", "r1", "--gamma", "1", "--algorithm", "altgd", "--h", "0.2", "--n-d", "5"]) == 0
    assert "verdict            stable" in capsys.readouterr().out


def test_spectrum_at_a_kink_gives_both_sides(capsys):
    assert main(["spectrum", "wgan-gp", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["verdict"] == "not differentiable"
    assert np.allclose(record["jacobian above"], [[0, -1], [1, -0.7]])
    assert np.allclose(record["jacobian below"], [[0, -1], [1, -0.7]])


def test_trajectory_files_hold_the_path(tmp_path, capsys):
    file = tmp_path / "path.csv"
    assert main(["trajectory", "wgan", "--h", "0.5", "--start", "1", "0", "--steps", "2", "--out", str(file)]) == 0
    assert file.read_text().splitlines()[0] == "step,theta,psi"
    table = np.loadtxt(file, delimiter=",", skiprows=1)
    assert np.array_equal(table, [[0, 1, 0], [1, 1, 0.5], [2, 0.75, 1]])
    assert capsys.readouterr().out.startswith("bounded")


def test_trajectory_of_the_flow_keeps_the_energy(tmp_path):
    file = tmp_path / "path.npz"
    assert main(["trajectory", "gan", "--algorithm", "flow", "--time", "10", "--out", str(file)]) == 0
    with np.load(file) as saved:
        assert saved["time"][-1] == 10
        assert np.allclose(saved["theta"] ** 2 + saved["psi"] ** 2, 2, atol=1e-8)


def test_a_diverging_run_is_a_result(tmp_path, capsys):
    arguments = ["trajectory", "gan", "--h", "3", "--steps", "5000", "--out", str(tmp_path / "x.csv")]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    path = dg.simulate(dg.method("gan"), dg.SimGD(3.0), steps=5000)
    assert out.startswith(str(dg.outcome(path).kind))


def test_portrait_writes_a_picture(tmp_path):
    file = tmp_path / "p.png"
    assert main(["portrait", "wgan-gp", "--algorithm", "altgd", "--out", str(file)]) == 0
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "arguments",
    [
        ["stability", "r1", "--over", "gamma=0.1:3:12", "--over", "h=0.1:4:12"],
        ["basin", "r1", "--gamma", "1", "--h", "0.9", "--n", "8", "--steps", "300", "--box", "-2", "2"],
        ["bifurcation", "r1", "--over", "h=1:1.5:8"],
    ],
)
def test_atlas_charts_are_written(arguments, tmp_path, capsys):
    file = tmp_path / "chart.svg"
    assert main(["atlas", *arguments, "--out", str(file)]) == 0
    assert "<svg" in file.read_text()
    assert capsys.readouterr().out.strip() == str(file)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stability", "r1", "--over", "gamma=0:1:3"], "a stability chart has 2 axes; 1 were given"),
        (["basin", "r1", "--box", "2", "-2"], "box must be"),
        (["basin", "r1", "--n", "0"], "n must be an integer and >= 1"),
        (["stability", "r1", "--over", "gamma=0:1", "--over", "h=1:2:3"], "an axis is NAME=LOW:HIGH:COUNT"),
        (["stability", "r1", "--algorithm", "rmsprop", "--over", "gamma=0:1:3", "--over", "h=1:2:3"], "no multipliers"),
        (["bifurcation", "r1", "--algorithm", "flow", "--over", "h=1:2:3"], "the atlas needs an algorithm"),
    ],
)
def test_bad_charts_are_refused(arguments, said, tmp_path, capsys):
    try:
        code = main(["atlas", *arguments, "--out", str(tmp_path / "chart.png")])
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_verify_fails_when_a_check_fails(monkeypatch, capsys):
    from diracgan.reproduction import lemmas

    good = lemmas.Check("good", 1.0, 1.0, 0.0, 1e-12, True, "none")
    bad = lemmas.Check("bad", 1.0, 2.0, 1.0, 1e-12, False, "none")
    monkeypatch.setattr(lemmas, "checks", lambda: iter([good, bad]))
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "FAIL  bad: error 1 " in out
    assert "2 checks, 1 failed" in out
    monkeypatch.setattr(lemmas, "checks", lambda: iter([good]))
    assert main(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["ok"] is True


def test_no_argument_prints_help_and_python_m_works():
    run = subprocess.run([sys.executable, "-m", "diracgan"], capture_output=True, text=True, check=True)
    assert "reproduce" in run.stdout
    run = subprocess.run([sys.executable, "-m", "diracgan", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"diracgan {dg.__version__}"


def test_larger_states_are_written_whole(tmp_path, capsys):
    file = tmp_path / "path.csv"
    given = [
        "trajectory",
        "lecam",
        "--moving",
        "yes",
        "--start",
        "1",
        "1",
        "0",
        "0",
        "--steps",
        "3",
        "--out",
        str(file),
    ]
    assert main(given) == 0
    assert file.read_text(encoding="utf-8").splitlines()[0] == "step,theta,psi,x2,x3"
    assert main(["trajectory", "r1", "--start", "1", "1", "1", "--out", str(file)]) == 2
    assert "start must have shape (2,)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ("sweep r1 --over gamma=0:3:1000000000000 --store s", "axes of 1000000000000 values would need 37,252.9"),
        ("sweep r1 --over h=1:2:99999 --over gamma=0:3:99999 --chunk 99999 --store s", "--chunk makes it smaller"),
        ("sweep r1 --over h=1:2:99999 --over gamma=0:3:99999 --chunk 1 --store s", "--chunk makes them larger"),
        ("atlas stability r1 --over h=1:2:99999 --over gamma=0:3:99999 --out x.png", "a map of 9999800001 points"),
        ("atlas bifurcation r1 --over h=1:2:99999999 --out x.png", "a diagram of 99999999 values"),
        ("atlas basin r1 --n 16384 --out x.png", "a basin of 16384 × 16384 cells would need 30.0 GiB"),
        (
            "trajectory r1 --steps 2147483647 --out x.csv",
            "2147483648 states (--save-every keeps fewer) would need 144.0",
        ),
        ("portrait r1 --algorithm simgd --steps 2147483647 --out x.png", "--steps makes fewer"),
    ],
)
def test_work_that_cannot_fit_says_so_beforehand(arguments, size, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    # A machine with 16 GiB.
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PHYS_PAGES": 1 << 22, "SC_PAGE_SIZE": 4096}[name])
    assert main(arguments.split()) == 2
    said = capsys.readouterr().err
    assert size in said and "of memory, of which the machine has 16.0" in said and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_memory_that_is_lacking_all_the_same_is_one_line(monkeypatch, capsys):
    def lacking(options):
        np.empty(1 << 60, np.uint8)

    monkeypatch.setattr(lists, "methods", lacking)
    assert main(["methods"]) == 2
    said = capsys.readouterr().err
    assert "the memory does not suffice: Unable to allocate" in said and said.count("\n") == 1


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_output_survives_an_encoding_without_greek_letters(encoding):
    """Each process prints what would need another encoding: the words of a spectrum, JSON, help and an error."""
    script = """
import contextlib, sys
from diracgan.command.main import main
for words in (["spectrum", "r1"], ["trajectory", "--help"], ["spectrum", "μ"]):
    print("---", flush=True)
    with contextlib.suppress(SystemExit):
        main(words)
print("---", flush=True)
main(["spectrum", "instance-noise", "--json"])
"""
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=True)
    _, words, usage, _, record = done.stdout.decode(encoding).split("---")
    assert "max Re \\u03bc" in words and "\\u03b8 \\u03c8" in usage
    assert done.stderr.decode(encoding).startswith("diracgan: error: unknown method '\\u03bc'")
    assert json.loads(record)["verdict"] == "stable"


def test_a_warning_is_one_line_and_arithmetic_gives_none(tmp_path, monkeypatch, capsys):
    def warns(options):
        print(np.float64(1e308) * 10)
        warnings.warn("a run\nleft the range", RuntimeWarning, 1)
        return 0

    monkeypatch.setattr(lists, "methods", warns)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["methods"]) == 0
    assert capsys.readouterr() == ("inf\n", "diracgan: warning: a run left the range\n")


INTERRUPTED = """
import os, signal, sys, threading
import diracgan.command.interrupt as interrupt
interrupt._GRACE = 0.1
from diracgan.command import lists
from diracgan.command import main as cli

def computing(options):
    # A compiled program that cannot be interrupted, as long as nobody can wait for it.
    import jax
    print("begun", flush=True)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    jax.jit(lambda n: jax.lax.fori_loop(0, n, lambda k, x: x * 1.0001, 1.0))(1 << 60).block_until_ready()
lists.methods = computing
sys.exit(cli.main(["methods"]))
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process sends no Ctrl-C to itself")
def test_ctrl_c_ends_a_computation_that_python_cannot_interrupt():
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "begun\n", "diracgan: interrupted\n")


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process sends no Ctrl-C to itself")
@pytest.mark.parametrize("name", ["diracgan", "-m"])
def test_ctrl_c_during_the_import_is_one_line_and_only_in_the_command(name):
    """A finder that is asked for the first module of the package sends the signal: no clock is involved."""
    script = f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Finder:
    def find_spec(self, module, *_):
        if module == "diracgan.algorithms":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv[0] = {name!r}
import diracgan.command.main
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "diracgan: interrupted\n")
    other = script.replace(f"sys.argv[0] = {name!r}", "sys.argv[0] = 'thesis.py'")
    done = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True)
    assert "KeyboardInterrupt" in done.stderr and "diracgan: interrupted" not in done.stderr


def test_ctrl_c_is_a_keyboard_interrupt_where_python_runs(monkeypatch, capsys):
    before = signal.getsignal(signal.SIGINT)

    def pressed(options):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(lists, "methods", pressed)
    assert main(["methods"]) == 130
    assert capsys.readouterr().err == "diracgan: interrupted\n"
    assert signal.getsignal(signal.SIGINT) is before
