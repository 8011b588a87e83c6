"""Random command lines: each ends with what it promised, or with one line that says what is wrong with it."""

import random

import pytest

from diracgan.algorithms import ALGORITHMS
from diracgan.catalogue import entry, methods
from diracgan.catalogue.methods import OPTIONS
from diracgan.command.main import main
from diracgan.command.parsing import of_algorithms, of_methods

NUMBERS = "0 1 2 -1 0.3 1.5 -0.7 1e-3 1e3".split()
ODD = [*"nan inf -inf 1e300 -1e300 1e-320 1e400 999999999999 --1 0x10 1,5 ½ μ lots yes".split(), "", " ", "1 2"]
COUNTS = "0 1 2 5 12 -1 2.5 1e300 99999999999999999999 nan x".split()
AXES = """h=0.1:0.5:3 data=0:0.5:2 gamma=0.1:1:3 h=1:2:1 beta=0:0.5:2 gamma=0:3:1000000000000 h=0:inf:2 h=2:1:2
    h=1:2 =1:2:3 sigma=-1:1:2 n_d=1:3:3 gamma=-1e308:1e308:2 θ=0:1:2""".split()
AXES.append(f"h=1:2:{10**400}")
# More rounds than these are not wrong, but long.
FEW = {"--steps": "0 1 7 30 -1 2.5 nan 1e300".split(), "--n": "1 3 0 -2 1.5 20000 nan".split()}
ENDINGS = {
    "trajectory": (["csv", "npz"], ["txt", ""]),
    "portrait": (["png"], ["bmp", "pgf", ""]),
    "atlas": (["png"], ["bmp", ""]),
    "export-js": (["js", ""], ["js"]),
    "sweep": (["", "zarr"], ["csv"]),
}
KINDS = {"stability": 2, "basin": 0, "bifurcation": 1}


def value(draw, odd):
    return draw.choice(ODD if draw.random() < odd else NUMBERS)


def hyper_parameters(draw, method, algorithm, odd):
    own = [*entry(method).parameters, *OPTIONS] if method in methods() else []
    own += ALGORITHMS[algorithm].parameters if algorithm in ALGORITHMS else ()
    known = {p.name: p for p in own if p.name not in ("h_g", "h_d")}
    strange = [*of_methods(), *of_algorithms()] if draw.random() < odd / 2 else []
    for name in draw.sample([*known, *strange], min(len(known), draw.choice([0, 1, 2]))):
        yield f"--{name.replace('_', '-')}"
        parameter = known.get(name)
        if parameter is None or draw.random() < odd / 2:
            yield value(draw, 0.5)
        elif parameter.kind is bool:
            yield draw.choice(["yes", "no"])
        else:
            middle = sum(parameter.span) / 2
            yield str(
                int(middle) if parameter.kind is int and name != "order" else draw.choice([parameter.default, middle])
            )
    if draw.random() < odd / 5:
        yield draw.choice(["--gam", "--", "-x", "--out", "extra", "--help-me"])


def start(draw, odd):
    if draw.random() < 0.5:
        yield from (
            "--start",
            *(value(draw, odd) for _ in range(2 if draw.random() > odd / 2 else draw.choice([1, 4]))),
        )


def line(draw, folder, commands, chosen, algorithms, odd=0.15):
    """A command line, and the file that it promises (None: it prints)."""
    command = draw.choice(commands)
    words = [command]
    if command == "atlas":
        words.append(draw.choice([*KINDS, "map"] if draw.random() < odd / 2 else [*KINDS]))
    method = draw.choice(chosen) if draw.random() > odd / 5 else draw.choice(["r9", "", "μ"])
    algorithm = draw.choice(algorithms) if draw.random() > odd / 5 else draw.choice(["sgd", ""])
    words += [method, "--algorithm", algorithm, *hyper_parameters(draw, method, algorithm, odd)]
    if command in ("trajectory", "portrait", "sweep"):
        words += start(draw, odd)
    if command in ("trajectory", "portrait", "atlas", "sweep"):
        words += ["--steps", draw.choice(FEW["--steps"]) if draw.random() < odd else "20"]
    if command == "trajectory":
        words += ["--save-every", draw.choice(COUNTS if draw.random() < odd else ["1", "3"])]
        words += ["--time", value(draw, odd) if draw.random() < odd else "3"]
    if command == "portrait" and draw.random() < 0.5:
        words += ["--box", value(draw, odd)]
    if command == "atlas":
        words += ["--n", draw.choice(FEW["--n"]) if draw.random() < odd else "3"]
        words += ["--box", value(draw, odd), value(draw, odd)] if draw.random() < odd else []
    if command in ("atlas", "sweep"):
        wanted = KINDS.get(words[1], 1)
        axes = draw.sample(AXES[:2], wanted) if draw.random() > odd else draw.choices(AXES, k=draw.choice([0, 1, 2]))
        words += [word for axis in axes for word in ("--over", axis)]
    if command == "sweep":
        words += ["--quantity", draw.choice(["radius", "distance", "verdict"]) if draw.random() > odd / 5 else "area"]
        words += ["--chunk", draw.choice(COUNTS)] if draw.random() < odd else []
        words += draw.choice([["--process", "0"], ["--processes", "nan"]]) if draw.random() < odd / 3 else []
    if command == "spectrum":
        return words + draw.choice([[], ["--json"]]), None
    good, bad = ENDINGS[command]
    ending = draw.choice(good if draw.random() > odd / 2 else bad)
    name = draw.choice(["a", "θ ψ", "deep/er/b"]) + (f".{ending}" if ending else "")
    return [*words, "--store" if command == "sweep" else "--out", str(folder / name)], folder / name


def ends_well(words, promised, capsys):
    try:
        code = main(words)
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    assert code in (0, 2), words
    assert "Traceback" not in said.err, words
    assert "�" not in said.err
    if code == 2:
        assert said.err.startswith("diracgan: error: ") and len(said.err) > 30 and said.err.count("\n") == 1, (
            words,
            said.err,
        )
        assert said.out == "", words
    else:
        assert said.out, words
        # A sweep shows its progress where the machine takes longer than two seconds.
        expected = ("diracgan: warning: ", "sweep: ")
        assert all(one.startswith(expected) for one in said.err.splitlines() if one), (words, said.err)
        assert promised is None or promised.exists(), words
    return code


CHEAP = ["r1", "r1", "gan"], ["flow", "simgd", "simgd", "altgd", "averaged"]


@pytest.mark.parametrize("seed", range(2))
def test_every_command_line_ends_well(seed, tmp_path, capsys):
    draw, codes = random.Random(seed), []
    commands = "spectrum spectrum trajectory trajectory trajectory trajectory sweep atlas export-js portrait".split()
    for number in range(35):
        folder = tmp_path / str(number)
        words, promised = line(draw, folder, commands, *CHEAP)
        codes.append(ends_well(words, promised, capsys))
        if codes[-1] == 2:
            assert not folder.exists(), (words, "a refused command left something behind")
    assert set(codes) == {0, 2}
