"""A still phase portrait of every method and algorithm: what is printed, and what is seen without JavaScript."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

import diracgan as dg
from diracgan import plotting
from diracgan.algorithms import algorithm_named
from diracgan.storage.files import whole

START = (1.0, 1.0)
# Where (1, 1) is a point at rest, a path begins elsewhere.
STARTS = {"lsgan": (1.0, 0.5)}
_ROUNDS = 500
_CALLED = {"kink": "not differentiable"}


def draw(method: str, algorithm: str, kind: str, file: Path) -> None:
    """Write `file`-light.png and `file`-dark.png: the field, 500 rounds from `STARTS`, and the verdict `kind`."""
    field, chosen = dg.method(method), algorithm_named(algorithm)
    path = dg.simulate(field, chosen, STARTS.get(method, START), _ROUNDS)
    for theme in ("light", "dark"):
        with plotting.theme(theme):
            figure = Figure(figsize=(3.6, 3.6), layout="constrained")
            ax = plotting.vector_field(field, figure.add_subplot(), n=12)
            plotting.trajectory(path, ax)
            # What `dg.phase_portrait` would compute again for every one of them.
            plotting.equilibrium(field, ax, chosen, _CALLED.get(kind, kind))
            with whole(file.with_name(f"{file.name}-{theme}.png")) as temporary:
                figure.savefig(temporary, dpi=130, format="png")


def shown(name: str, title: str, depth: int, kind: str = "still") -> str:
    """The two pictures in a page `depth` folders below the first; the theme hides one of them."""
    place = "../" * depth + f"_static/portraits/{name}"
    pictures = "".join(
        f'<img class="only-{theme}" src="{place}-{theme}.png" alt="{title}" width="360" height="360" loading="lazy">'
        for theme in ("light", "dark")
    )
    return f'<div class="{kind}">{pictures}</div>'
