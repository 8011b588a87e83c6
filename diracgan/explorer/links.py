"""The address of a view: which method, which algorithm, which start; what the page cannot show is refused here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import SupportsFloat
from urllib.parse import parse_qsl, urlencode

import numpy as np

from diracgan.algorithms import ALGORITHMS, Algorithm, SimGD, algorithm_named, as_algorithm
from diracgan.catalogue import entry
from diracgan.catalogue import method as build
from diracgan.catalogue.methods import OPTIONS, movable
from diracgan.games.fields import as_field
from diracgan.games.inputs import as_choice, as_text, told
from diracgan.games.parameters import DATA, Parameter, unknown
from diracgan.games.states import finite_state

# A hyper-parameter as it is given: its declaration converts it.
Value = SupportsFloat
# What a view may hold at most, and the rounds after which the fate of a start is decided; the page reads the same.
LARGEST, UPDATES, ROUNDS, STARTS, FATES = 1e6, 64, 5000, 8, 2000
# What a page of parts may show.
PARTS = {
    "plane": "the phase plane",
    "parameters": "the map over two parameters",
    "spectrum": "the eigenvalues",
    "verdict": "what is known of the equilibrium, in words",
    "distance": "the distance to the equilibrium over the steps",
    "series": "θ and ψ of the first path over the steps",
    "discriminator": "the discriminator over the line",
    "attractor": "what is left after a transient, over the slider in hand",
    "steps": "the buttons that play the steps",
}
LIMITS = {"largest": LARGEST, "updates": UPDATES, "rounds": ROUNDS, "starts": STARTS, "fates": FATES}
_STEPS = Parameter("steps", "n", "rounds of one trajectory on the page", 160, (1, ROUNDS), kind=int)


def said(algorithm: Algorithm) -> tuple[str, dict[str, Value]]:
    """The name of an algorithm and its parameters, as `explore` takes them."""
    name = next((name for name, kind in ALGORITHMS.items() if type(algorithm) is kind), None)
    inner = getattr(algorithm, "inner", algorithm)
    if name is None or (inner is not algorithm and type(inner) is not SimGD) or algorithm.scheduled:
        raise ValueError(
            f"the page has {', '.join(ALGORITHMS)}, the wrappers around SimGD; {algorithm!r} is none of them"
        )
    rates = {"h": inner.rate} if inner.rate is not None else {key: getattr(inner, key) for key in ("h_g", "h_d")}
    others = {p.name: getattr(algorithm, p.name) for p in algorithm.parameters if p.name not in ("h", "h_g", "h_d")}
    return name, {**rates, **others}


def fragment_of(
    method: str, algorithm: str, values: Mapping[str, Value], start: object = None, steps: int | None = None
) -> str:
    """The address of a view; `ValueError` for names and values that their owners refuse, or that the page lacks."""
    declared = {p.name: p for p in (*entry(method).parameters, *OPTIONS)}
    of_method = {name: value for name, value in values.items() if name in declared}
    of_algorithm = {name: value for name, value in values.items() if name not in declared}
    # Its field as well: data cannot be moved of a method that is made from no Dirac-GAN.
    as_field(build(method, **of_method).field)
    _check_algorithm(method, algorithm, declared, of_algorithm)
    for name, value in of_method.items():
        _check_shown(declared[name], value, f"the method {method!r}")
    state: dict[str, object] = {"m": method, "a": algorithm}
    state |= {f"p.{name}": float(value) for name, value in of_method.items()}
    state |= {f"q.{name}": float(value) for name, value in of_algorithm.items()}
    if start is not None:
        theta, psi = np.asarray(finite_state(start, 2, batch=False, name="start"), np.float64).tolist()
        if max(abs(theta), abs(psi)) > LARGEST:
            raise ValueError(f"a start on the page has entries of at most {LARGEST:g}; ({theta}, {psi}) was given")
        state["x"] = ",".join(repr(value).removesuffix(".0") for value in (theta, psi))
    if steps is not None:
        state["n"] = _STEPS.convert(steps)
    return "#" + urlencode(state, safe=",")


def parts_of(show: object, controls: object, method: str, algorithm: str) -> str:
    """The end of an address that asks for some parts of the page and some sliders; "" without any."""
    if show is None:
        if controls is not None:
            raise ValueError(
                "controls choose among the sliders of a page of parts: give show=, such as show=('plane',)"
            )
        return ""
    parts = [as_choice(name, "each of show", tuple(PARTS)) for name in _several(show, "show")]
    if not parts:
        raise ValueError(f"show must name at least one part, of {', '.join(PARTS)}; none was given")
    known = {p.name: p for p in entry(method).parameters} | ({"data": DATA} if movable(build(method).field) else {})
    if algorithm != "flow":
        known |= {**algorithm_named(algorithm).tunable, **{p.name: p for p in ALGORITHMS[algorithm].parameters}}
    names = [as_text(name, "each of controls") for name in _several(() if controls is None else controls, "controls")]
    for name in names:
        if name not in known:
            raise ValueError(unknown("parameter", name, known, f"of {method!r} and {algorithm!r} "))
    # Whoever asks for the attractor wants to see it.
    strip = {"strip": "radius"} if "attractor" in parts else {}
    given = strip | {"parts": ",".join(dict.fromkeys(parts))}
    if names:
        given["controls"] = ",".join(dict.fromkeys(names))
    return "&" + urlencode(given, safe=",")


def title_of(fragment: str) -> str:
    """A view in words, for those who hear a page: no two views of one page have the same.

    >>> title_of("#m=r1&a=altgd&p.gamma=0.3")
    'diracgan explorer: r1, altgd, gamma = 0.3'
    """
    said = parse_qsl(fragment.removeprefix("#"))
    words = [value if key in ("m", "a") else f"{key.rpartition('.')[2]} = {value}" for key, value in said]
    return f"diracgan explorer: {', '.join(words)}"


def _several(given: object, name: str) -> tuple[object, ...]:
    """One name or several."""
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"{name} must be a name or a tuple of names; {told(given)} was given")
    return tuple(given)


def _check_algorithm(method: str, algorithm: str, declared: dict[str, Parameter], given: Mapping[str, Value]) -> None:
    if algorithm == "flow":
        if given:
            raise ValueError(f"the flow takes no {next(iter(given))}; name an algorithm=, for example 'altgd'")
        return
    known = {**algorithm_named(algorithm).tunable, **{p.name: p for p in ALGORITHMS[algorithm].parameters}}
    for name in given:
        if name not in known:
            raise ValueError(unknown("parameter", name, {**declared, **known}, f"of {method!r} and {algorithm!r} "))
    made = as_algorithm(algorithm_named(algorithm, **given))
    if made.scheduled:
        raise ValueError(f"the page shows constant rates; those of {made!r} change with the round")
    for name, value in given.items():
        _check_shown(known[name], value, f"the algorithm {algorithm!r}")


def _check_shown(parameter: Parameter, value: Value, what: str) -> None:
    """`ValueError` with the reason where the page has no such value of a parameter."""
    from diracgan.explorer import kernels, updates

    name, number = parameter.name, float(value)
    if name in kernels.WITHOUT:
        if number != float(parameter.default):
            raise ValueError(f"the page does not show {name} = {number:g} for {what}: {kernels.WITHOUT[name]}")
    elif parameter.kind is float:
        if abs(number) > LARGEST:
            raise ValueError(f"the page shows values of at most {LARGEST:g}; {name} = {number:g} was given")
    elif name in updates.COUNTS:
        if number > UPDATES:
            raise ValueError(f"the page makes at most {UPDATES} inner updates; {name} = {number:g} was given")
    elif number not in (offered := kernels.choices(parameter)):
        names = " or ".join(map(str, offered))
        raise ValueError(
            f"the page has {what} compiled for {name} = {names}; {number:g} was given: "
            f"`diracgan export-js` compiles a method at other values"
        )
