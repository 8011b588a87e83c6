"""Every method with every algorithm: multipliers against closed forms and finite differences, or a reason why not."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from scipy.optimize import linear_sum_assignment

import diracgan as dg
from diracgan import theory
from diracgan.algorithms import ALGORITHMS
from diracgan.dynamics.spectrum import at_kink
from diracgan.games.transforms import Transform

H = 0.3

# Label: the algorithm, its name in the oracle and what the oracle takes beside the rates.
CASES = {
    "SimGD": (dg.SimGD(H), "simgd", {}),
    "SimGD, two rates": (dg.SimGD(h_g=0.1, h_d=0.4), "simgd", {}),
    "AltGD(1, 1)": (dg.AltGD(H), "altgd", {}),
    "AltGD(2, 3)": (dg.AltGD(H, n_g=2, n_d=3), "altgd", {"n_g": 2, "n_d": 3}),
    "extragradient": (dg.ExtraGradient(H), "extragradient", {}),
    "past extragradient": (dg.PastExtraGradient(H), "past-extragradient", {}),
    "optimistic": (dg.Optimistic(h_g=0.1, h_d=0.4), "optimistic", {}),
    "heavy ball": (dg.HeavyBall(H, 0.4), "heavy-ball", {"beta": 0.4}),
    "heavy ball, alternating": (dg.HeavyBall(H, -0.5, True), "heavy-ball", {"beta": -0.5, "alternating": True}),
    "Nesterov": (dg.Nesterov(H, 0.4), "nesterov", {"beta": 0.4}),
    "Nesterov, alternating": (dg.Nesterov(H, 0.4, True), "nesterov", {"beta": 0.4, "alternating": True}),
    "competitive": (dg.CompetitiveGradient(H), "competitive", {}),
    "implicit Euler": (dg.ImplicitEuler(H), "implicit-euler", {}),
    "Heun": (dg.RungeKutta(H, order=2), "runge-kutta", {"order": 2}),
    "Kutta": (dg.RungeKutta(H, order=3), "runge-kutta", {"order": 3}),
    "Runge-Kutta": (dg.RungeKutta(H, order=4), "runge-kutta", {"order": 4}),
    "lookahead": (dg.Lookahead(dg.SimGD(H), k=3), "lookahead", {"k": 3}),
    "lookahead on AltGD": (
        dg.Lookahead(dg.AltGD(H), k=2, alpha=0.3),
        "lookahead",
        {"k": 2, "alpha": 0.3, "inner": "altgd"},
    ),
    "moving average": (dg.Averaged(dg.SimGD(H), average=0.9), "averaged", {"average": 0.9}),
    "RMSProp": (dg.RMSProp(H), None, {}),
    "Adam": (dg.Adam(H), None, {}),
    "uniform mean": (dg.Averaged(dg.SimGD(H)), None, {}),
}
REFUSED = {"RMSProp": "s = 0", "Adam": "number of steps", "uniform mean": "depends on the round: give step="}
# Settings beside the defaults whose programs or spectra differ.
VARIANTS = {
    "sga": [{"aligned": True}],
    "unrolled": [{"unroll": 2, "through": False}],
    "drift": [{"alternating": True}],
    "lecam": [{"one_sided": True, "anchor_real": 0.4}, {"moving": True}],
    "r1": [{"data": 0.5}, {"data": 0.5, "bias": True}],
}
SETTINGS = [
    pytest.param(name, hyper, id="-".join([name, *(f"{key}={value}" for key, value in hyper.items())]))
    for name in dg.methods()
    for hyper in ({"unroll": 2} if name == "unrolled" else {}, *VARIANTS.get(name, ()))
]


class Compiled(Transform):
    """The same field with its velocity and derivative compiled once each; everything above them runs eagerly."""

    functions: tuple = ()

    def velocity(self, x):
        return self.functions[0](x)


def compiled(method):
    primal = jax.jit(lambda x: method.velocity(x))
    derivative = jax.jit(lambda x, t: jax.jvp(method.velocity, (x,), (t,)))

    @jax.custom_jvp
    def velocity(x):
        return primal(x)

    velocity.defjvp(lambda primals, tangents: derivative(primals[0], tangents[0]))
    return Compiled(method, (velocity,))


# Here every algorithm is crossed with the method: the published ones, and those whose programs differ from all others.
ALL = ("unrolled", "sga", "lola", "dragan", "spectral-norm")


def crossed(name, hyper):
    """The labels of the algorithms for one setting: all of them, or every fourth, in turn over the methods."""
    if hyper or dg.entry(name).published or name in ALL:
        return list(CASES)
    first = dg.methods().index(name) % 4
    return list(CASES)[first::4]


def test_all_algorithms_are_crossed():
    assert {type(algorithm) for algorithm, _, _ in CASES.values()} == set(ALGORITHMS.values())
    each = [crossed(name, {}) for name in dg.methods()]
    assert all(sum(label in labels for labels in each) >= 15 for label in CASES)


def distance(found, expected):
    """The largest distance of the best matching of two sets of numbers."""
    between = np.abs(np.subtract.outer(found, expected))
    return between[linear_sum_assignment(between**2)].max()


@pytest.mark.parametrize(("name", "hyper"), SETTINGS)
def test_multipliers(name, hyper):
    method, form = dg.method(name, **hyper), theory.CLOSED_FORMS[name]
    start = jnp.asarray(method.equilibrium)
    if at_kink(method, start):
        for algorithm, _, _ in CASES.values():
            with pytest.raises(ValueError, match=r"not differentiable|depends on the"):
                dg.multipliers(method, algorithm)
        return
    field = compiled(method)
    declared = [p.name for p in dg.entry(name).parameters]
    known = form.jacobian is not None and not set(hyper) & {"data", "bias", "moving"}
    values = {p.name: hyper.get(p.name, p.default) for p in dg.entry(name).parameters}
    if known:
        taken = form.jacobian.__code__.co_varnames[: form.jacobian.__code__.co_argcount]
        matrix = form.jacobian(**{key: values[key] for key in declared if key in taken})
    for label in crossed(name, hyper):
        algorithm, kind, counts = CASES[label]
        if label in REFUSED:
            with pytest.raises(ValueError, match=REFUSED[label]):
                dg.multipliers(method, algorithm)
            continue
        state, unravel = ravel_pytree(algorithm.init(field, start))

        def step(flat, algorithm=algorithm, unravel=unravel):
            return ravel_pytree(algorithm.step(field, unravel(flat)))[0]

        def both(flat, direction, step=step):
            return jax.jvp(step, (flat,), (direction,))

        # Its loop would be compiled anew at every call.
        if label == "implicit Euler":
            both = jax.jit(both)
            step = lambda flat, both=both: both(flat, jnp.zeros_like(flat))[0]
        units = np.eye(len(state))
        derived = np.stack([both(state, unit)[1] for unit in units], axis=1)
        # One direction with unequal parts along all the axes shows a wrong entry as well as every axis by itself.
        along = np.cos(1 + np.arange(len(state)))
        difference = (step(state + 1e-5 * along) - step(state - 1e-5 * along)) / 2e-5
        np.testing.assert_allclose(derived @ along, difference, rtol=0, atol=1e-6, err_msg=f"{name}: {label}")
        if known:
            rates = [getattr(getattr(algorithm, "inner", algorithm), key) for key in ("h_g", "h_d")]
            closed = theory.ALGORITHMS[kind].multipliers(matrix, *(float(h) for h in rates), **counts)
            gap = min(abs(a - b) for a, b in itertools.combinations(closed, 2))
            error = distance(np.linalg.eigvals(derived), np.array(closed))
            assert error <= (1e-12 if gap > 1e-3 else 1e-7), f"{name}: {label}: {error}"
