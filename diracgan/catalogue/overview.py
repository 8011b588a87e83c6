"""The catalogue as a table: objective, field, Jacobian, eigenvalues and verdicts, derived beside closed form."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from diracgan import theory
from diracgan.algorithms import AltGD, SimGD
from diracgan.catalogue import entry, method, methods, references
from diracgan.catalogue.spectra import eigenvalues_of, spectrum_text
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.linearisation import linearised
from diracgan.dynamics.spectrum import eigenvalues
from diracgan.dynamics.system import system
from diracgan.dynamics.verdicts import judge, verdict
from diracgan.games.fields import Delegating, VectorField
from diracgan.games.module import attribute
from diracgan.games.parameters import plain, unknown
from diracgan.storage.files import place, write_text

H = 0.2
PROBE = (1.3, 0.4)
KINK = "kink"
FORMATS = ("table", "markdown", "json")
MARKERS = ("<!-- methods -->", "<!-- /methods -->")


class _Traced(Delegating):
    """A field as the list of operations that it consists of, so that a few more evaluations need no tracing."""

    field: VectorField
    program: Any = attribute(static=True)

    def velocity(self, x: jax.Array) -> jax.Array:
        return jax.core.eval_jaxpr(self.program.jaxpr, self.program.consts, x)[0]


@in_float64
def row(name: str) -> dict[str, Any]:
    """One method at the settings of the published figures, as a dictionary that JSON can hold.

    Under "field" (at (1.3, 0.4)), "jacobian", "eigenvalues", "flow", "simgd" and "altgd" (both at h = 0.2) are the
    "derived" value, from the objectives by autodiff, and the "closed_form". Where the field has a kink at its
    equilibrium these are "kink", and "one_sided" holds the eigenvalues beside it: derived at (0, 0±), and at the
    one-sided equilibrium (θ, 0+) of the closed form. What has no closed form is "none known".

    >>> row("r1")["flow"]
    {'derived': 'stable', 'closed_form': 'stable'}
    """
    # Every method is a program of its own: compiling it would take longer than carrying it out once.
    with jax.disable_jit():
        return _row(name)


def _row(name: str) -> dict[str, Any]:
    known, chosen = entry(name), method(name)
    form = theory.CLOSED_FORMS.get(name)
    program = jax.make_jaxpr(chosen.velocity)(jnp.asarray(chosen.equilibrium))
    field = _Traced(chosen, program)
    flow = system(field)
    found = linearised(flow)
    derived = found.matrix[0]
    verdicts = [judge(flow, found)[0].kind, verdict(field, SimGD(H)).kind, verdict(field, AltGD(H)).kind]
    kink = "not differentiable" in verdicts
    matrix = None if form is None else _closed(name, form.jacobian)
    values = None if form is None else _closed(name, form.eigenvalues)
    at_probe = None if form is None else _closed(name, lambda **hyper: form.field(*PROBE, **hyper), form.field)
    closed_verdicts = [theory.NONE_KNOWN] * 3 if matrix is None else _judge(matrix)
    return {
        "name": name,
        "title": known.title,
        "objective": known.objective,
        "convention": known.convention,
        "hyper_parameters": {p.name: p.default for p in known.parameters},
        "references": list(known.references),
        "field": {
            "at": list(PROBE),
            "derived": np.asarray(field.velocity(jnp.asarray(PROBE))).tolist(),
            "closed_form": theory.NONE_KNOWN if at_probe is None else [float(part) for part in at_probe],
        },
        "jacobian": {"derived": KINK if kink else derived.tolist(), "closed_form": _or_none(matrix, kink)},
        "eigenvalues": {
            "derived": KINK if kink else _pairs(eigenvalues_of(derived)),
            "closed_form": _or_none(None if values is None else _pairs(values), kink),
        },
        "one_sided": _one_sided(name, field, form) if kink else None,
    } | {
        key: {"derived": KINK if kink else derived, "closed_form": KINK if kink else closed}
        for key, derived, closed in zip(("flow", "simgd", "altgd"), verdicts, closed_verdicts, strict=True)
    }


def _closed(name: str, function: Callable[..., Any] | None, signature: Callable[..., Any] | None = None) -> Any:
    """A closed form at the defaults, of which it takes those that it knows."""
    if function is None:
        return None
    known = inspect.signature(signature or function).parameters
    return function(**{p.name: p.default for p in entry(name).parameters if p.name in known})


def _judge(matrix: Any, tolerance: float = 1e-9) -> list[str]:
    """The verdicts for the flow, SimGD and AltGD that a Jacobian implies by the closed forms of its spectrum."""
    (a, b), (c, d) = matrix
    growths = [max(z.real for z in theory.pair((a + d) / 2, ((a - d) / 2) ** 2 + b * c))]
    growths += [
        max(abs(z) for z in multipliers(matrix, H, H)) - 1
        for multipliers in (theory.simgd_multipliers, theory.altgd_multipliers)
    ]
    return ["stable" if g < -tolerance else "unstable" if g > tolerance else "neutral" for g in growths]


def _or_none(value: Any, kink: bool) -> Any:
    if kink:
        return KINK
    return theory.NONE_KNOWN if value is None else [list(part) for part in value]


def _one_sided(name: str, field: VectorField, form: theory.ClosedForm | None) -> dict[str, Any]:
    sided: dict[str, Any] = {
        "above": _pairs(eigenvalues(field, side=1)),
        "below": _pairs(eigenvalues(field, side=-1)),
        "equilibrium": theory.NONE_KNOWN,
    }
    found = None if form is None else _closed(name, form.side)
    if found is not None:
        theta, ((a, b), (c, d)) = found
        sided["equilibrium"] = {
            "at": [theta, 0.0],
            "derived": _pairs(eigenvalues(field, (theta, 0.0), side=1)),
            "closed_form": _pairs(theory.pair((a + d) / 2, ((a - d) / 2) ** 2 + b * c)),
        }
    return sided


def _pairs(values: Any) -> list[list[float]]:
    return [[float(value.real), float(value.imag)] for value in np.asarray(values)]


def rows() -> list[dict[str, Any]]:
    """`row` of every method, in the order of the catalogue."""
    return [row(name) for name in methods()]


def _agree(both: dict[str, Any]) -> bool:
    if any(isinstance(value, str) for value in both.values()):
        return False
    derived, closed = (np.sort_complex([complex(*pair) for pair in both[key]]) for key in ("derived", "closed_form"))
    # A double eigenvalue is known to the square root of the rounding.
    return bool(np.allclose(derived, closed, atol=1e-7))


def _eigenvalue_cell(one: dict[str, Any]) -> str:
    if one["one_sided"] is None:
        return spectrum_text(one["eigenvalues"]["derived"])
    sides = [spectrum_text(one["one_sided"][side]) for side in ("above", "below")]
    beside = sides[0] if sides[0] == sides[1] else " | ".join(sides)
    return f"{KINK}; beside it {beside}"


def _setting(one: dict[str, Any]) -> str:
    symbols = {p.name: p.symbol for p in entry(one["name"]).parameters if p.kind is float}
    return ", ".join(
        f"{symbols[key]} = {plain(float(v))}" for key, v in one["hyper_parameters"].items() if key in symbols
    )


def table(given: list[dict[str, Any]]) -> str:
    """The rows for a terminal, one line each; `=` says that the closed form agrees with the derived value."""
    head = ["method", "eigenvalues of the flow", "closed form", "flow", "SimGD", "AltGD", "objective"]
    body = []
    for one in given:
        closed = spectrum_text(one["eigenvalues"]["closed_form"])
        if one["one_sided"] is not None and isinstance(one["one_sided"]["equilibrium"], dict):
            place = one["one_sided"]["equilibrium"]
            closed = f"{KINK}; at ({place['at'][0]:g}, 0+) {spectrum_text(place['closed_form'])}"
        elif _agree(one["eigenvalues"]):
            closed = "="
        judged = [
            one[key]["derived"]
            if one[key]["derived"] == one[key]["closed_form"]
            else f"{one[key]['derived']} ({one[key]['closed_form']})"
            for key in ("flow", "simgd", "altgd")
        ]
        values = _setting(one)
        objective = one["objective"] + (f"   [{values}]" if values else "")
        body.append([one["name"], _eigenvalue_cell(one), closed, *judged, objective])
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in [head, *body]
    )


def markdown(given: list[dict[str, Any]]) -> str:
    """The rows as a Markdown table: method, objective, setting, eigenvalues, verdicts, source."""
    lines = [
        "| method | objective | at | eigenvalues of the flow | flow | SimGD | AltGD | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in given:
        sources = ", ".join(
            f"[{key}](https://arxiv.org/abs/{eprint})" if (eprint := references.value(key, "eprint")) else key
            for key in one["references"]
        )
        verdicts = [one[key]["derived"] for key in ("flow", "simgd", "altgd")]
        cells = [f"`{one['name']}`", one["objective"], _setting(one), _eigenvalue_cell(one), *verdicts, sources]
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines)


def section(given: list[dict[str, Any]]) -> str:
    """What stands between the markers of a document: a sentence and the Markdown table."""
    return (
        f"{MARKERS[0]}\nWritten by `diracgan methods --format markdown --write docs/catalogue.md`. The verdicts are\n"
        f"those of the linearisation at the equilibrium, SimGD and AltGD with h = {H:g}: local statements; “neutral”\n"
        f"says that linearisation cannot decide, “kink” that there is no Jacobian.\n\n{markdown(given)}\n{MARKERS[1]}"
    )


def written(text: str, given: list[dict[str, Any]]) -> str:
    """A document with the table between its markers brought up to date; `ValueError` when it has no markers."""
    begin, end = (text.find(marker) for marker in MARKERS)
    if begin < 0 or end < begin:
        raise ValueError(f"the file must hold the lines {MARKERS[0]} and {MARKERS[1]}, in this order")
    return text[:begin] + section(given) + text[end + len(MARKERS[1]) :]


def write(path: str) -> None:
    """Bring the table in a file up to date."""
    place(path)
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    write_text(path, written(text, rows()))


def shown(form: str) -> str:
    """The overview of all methods in one of `FORMATS`; `ValueError` for another one."""
    if form not in FORMATS:
        raise ValueError(unknown("format", form, FORMATS))
    given = rows()
    if form == "json":
        return json.dumps(given, indent=1, allow_nan=False)
    return table(given) if form == "table" else markdown(given)
