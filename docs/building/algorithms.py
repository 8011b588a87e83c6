"""A page for every training algorithm, and the table of all."""

from __future__ import annotations

import inspect
import textwrap
from collections import Counter

import diracgan as dg
from diracgan import theory
from diracgan.algorithms import ALGORITHMS, algorithm_named

from building import docstrings, hyperparameters, live, portraits, stability
from building.words import number, paragraphs, plain, table, verdict

# Without a penalty the choice of the algorithm decides; with one, nearly all of them converge.
SHOWN = "gan"
# The explorer shows maps that are the same in every round; the uniform mean of `Averaged` is none.
_VALUES: dict[str, dict[str, float]] = {"averaged": {"average": 0.9}}


def title(name: str) -> str:
    """The name of the class, as users write it."""
    return ALGORITHMS[name].__name__


def pages() -> dict[str, str]:
    """Every page below `algorithms/`, by its name without an ending."""
    return {"index": index(), **{name: page(name) for name in ALGORITHMS}}


def _counts(name: str) -> Counter[str]:
    return Counter(local.kind for local in stability.under(name).values())


def index() -> str:
    """All of them with the number of methods that each makes stable."""
    rows = []
    for name in ALGORITHMS:
        counts = _counts(name)
        cells = [str(counts[kind]) if "no multipliers" not in counts else "–" for kind in _KINDS]
        summary = docstrings.read(ALGORITHMS[name]).summary
        rows.append([f"[`{title(name)}`]({name}.md)", plain(summary), *cells, number(_rotation(name))])
    links = "\n".join(ALGORITHMS)
    return paragraphs(
        [
            "# Algorithms",
            f"{len(ALGORITHMS)} update rules, each on an explicit state. The counts say for how many of the "
            f"{len(dg.methods())} methods the linearisation of one round, h = 0.2 and the defaults otherwise, is "
            "stable, neutral or unstable at the equilibrium; a kink there leaves no linearisation. The last column "
            "is a closed form: on the undamped rotation v(θ, ψ) = c(-ψ, θ) the equilibrium is not repelling for hc "
            "up to that value, 0 where it always repels.",
            table(["algorithm", "what it does", *_KINDS, "rotation: hc up to"], rows),
            f"```{{toctree}}\n:hidden:\n\n{links}\n```",
        ]
    )


_KINDS = ("stable", "neutral", "unstable", "kink")


def _rotation(name: str) -> float | None:
    form = theory.ALGORITHMS.get(name)
    return None if form is None or form.rotation is None else form.rotation()


def page(name: str) -> str:
    """One algorithm: its rule as text and as code, its live portrait, and which methods it makes stable."""
    kind = ALGORITHMS[name]
    made = algorithm_named(name)
    fragment = live.address(
        SHOWN, name, ("plane", "spectrum"), _sliders(name), portraits.START, **_VALUES.get(name, {})
    )
    return paragraphs(
        [
            f"# {title(name)}",
            f"`{made!r}`, on the command line `--algorithm {name}`.",
            docstrings.text(docstrings.read(kind)),
            "On the minimax GAN without any regulariser, where the algorithm alone decides:",
            live.frame(fragment, 1),
            portraits.shown(f"algorithm-{name}", f"500 rounds of {title(name)} on the minimax GAN", 1),
            _parameters(name),
            "## The rule as it is computed",
            _source(kind),
            "## Which methods it makes stable",
            _methods(name),
        ]
    )


def _sliders(name: str) -> tuple[str, ...]:
    own = [p.name for p in ALGORITHMS[name].parameters if p.kind is float and p.name not in ("h", "h_g", "h_d")]
    return ("h", *own)


def _parameters(name: str) -> str:
    parameters = ALGORITHMS[name].parameters
    return hyperparameters.listed(parameters) if parameters else ""


def _source(kind: type) -> str:
    code = textwrap.dedent(inspect.getsource(kind.step))
    return f"```python\n{code}```"


def _methods(name: str) -> str:
    found = stability.under(name)
    reasons = {local.reason for local in found.values() if local.kind == "no multipliers"}
    if reasons:
        return f"None can be decided by linearisation: {plain(reasons.pop())}."
    counts = _counts(name)
    said = ", ".join(f"{verdict(kind)} {counts[kind]}" for kind in _KINDS if counts[kind])
    rows = [
        [f"[`{method}`](../methods/{method}.md)", verdict(it.kind), number(it.number), number(it.limit), it.lost]
        for method, it in found.items()
    ]
    return paragraphs(
        [
            f"Of {len(found)} methods: {said}. At the defaults of both, h = 0.2; the limit is that of h with the rest "
            "as it is (`dg.critical_step`).",
            table(["method", "verdict", "max \\|λ\\|", "stable for h below", "lost by"], rows),
        ]
    ).rstrip()
