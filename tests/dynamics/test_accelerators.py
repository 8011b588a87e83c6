"""Everything lowers for CPU, CUDA and TPU in float32, without host callbacks, and float32 agrees with float64.

The programs are lowered by `jax.export`, which needs no accelerator; what was exported is then run on the CPU.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from scipy.special import i0

import diracgan as dg
from diracgan.algorithms import ALGORITHMS as catalogue_of_algorithms
from diracgan.algorithms import algorithm_named
from diracgan.atlas import basins, runs, settings
from diracgan.dynamics import arrivals, flows, spectrum, trajectories
from diracgan.dynamics.matrices import eigenvalues_2x2, growth
from diracgan.dynamics.spectrum import update_jacobian
from diracgan.dynamics.system import system

PLATFORMS = ("cpu", "cuda", "tpu")
X = np.array([0.6, -0.8])
ALGORITHMS = {"sim": dg.SimGD(h=0.02), "alt5": dg.AltGD(h=0.02, n_d=5), "alt20": dg.AltGD(h=0.02, n_d=20)}


def in_float32(function, *args):
    """The exported program's result on float32 versions of `args`, and the program text, with x64 switched off."""
    leaves, structure = jax.tree.flatten(args)
    with jax.enable_x64(False):
        leaves = [jnp.asarray(leaf, jnp.float32) for leaf in leaves]
        exported = export.export(
            jax.jit(lambda *leaves: function(*jax.tree.unflatten(structure, leaves))), platforms=PLATFORMS
        )(*leaves)
        result = jax.jit(exported.call)(*leaves)
    assert exported.platforms == PLATFORMS
    text = exported.mlir_module()
    assert "callback" not in text
    assert "f64" not in text
    return jax.tree.map(np.asarray, result)


def check(function, *args, rtol=2e-5, atol=2e-6):
    single, double = in_float32(function, *args), jax.jit(function)(*args)
    assert single.dtype in (np.float32, np.complex64)
    assert double.dtype in (jnp.float64, jnp.complex128)
    np.testing.assert_allclose(single, double, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", dg.methods())
def test_fields_jacobians_spectra_and_trajectories(name):
    def everything(method, algorithm, x):
        matrix = jax.jacfwd(method)(x)
        pair = eigenvalues_2x2(matrix)
        path = trajectories._simulate(system(method, algorithm), x, 20, 1)
        return jnp.concatenate([matrix.ravel(), pair.real, pair.imag, growth(matrix)[None], path.ravel()])

    check(everything, dg.method(name), ALGORITHMS["sim"], X, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("algorithm", ["alt5", "alt20"])
def test_trajectories_of_alternating_descent(algorithm):
    for name in ("r1", "wgan"):
        run = lambda m, a, x: trajectories._simulate(system(m, a), x, 20, 5)
        check(run, dg.method(name), ALGORITHMS[algorithm], np.stack([X, 2 * X]))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_multipliers_and_the_spectral_radius(algorithm):
    def everything(gamma, algorithm, x):
        pair = dg.multipliers(dg.method("r1", gamma=gamma), algorithm, at=x)
        radius = lambda gamma: dg.spectral_radius(dg.method("r1", gamma=gamma), algorithm, at=x)
        return jnp.stack([*pair.real, *pair.imag, *jax.value_and_grad(radius)(gamma)])

    check(everything, np.asarray(0.3), ALGORITHMS[algorithm], X)


@pytest.mark.parametrize("name", ["r1", "wgan", "wgan-gp"])
def test_flows(name):
    times = np.array([0.0, 0.5, 1.0, 4.0])
    check(lambda m, x, t: flows._flow(m, x, t, 1e-5, 1e-6), dg.method(name), X, times, rtol=0, atol=5e-4)


def test_periods():
    run = lambda m, x: arrivals._period(m, x, jnp.zeros_like(x), 100.0, 1e-5, 1e-6)
    measured = in_float32(run, dg.method("gan"), X)
    assert measured.dtype == np.float32
    assert measured == pytest.approx(2 * np.pi * (1 + i0(X @ X / 2)), rel=1e-4)


def test_sweeps_lower_as_one_program():
    def stability(gamma, h):
        return dg.spectral_radius(dg.method("r1", gamma=gamma), dg.SimGD(h=h))

    sweep = jax.vmap(jax.vmap(stability, (None, 0)), (0, None))
    check(sweep, np.linspace(0.1, 2.5, 7), np.linspace(0.1, 1.5, 5))


EVERY = {name: algorithm_named(name) for name in catalogue_of_algorithms}


@pytest.mark.parametrize("name", EVERY)
def test_every_algorithm_lowers(name):
    check(
        lambda m, a, x: trajectories._simulate(system(m, a), x, 20, 1),
        dg.method("r1"),
        EVERY[name],
        X,
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_maps_of_the_atlas_lower():
    method, algorithm, starts = (
        dg.method("r1", gamma=1.0),
        dg.SimGD(0.5),
        np.array([[1.0, 1.0], [0.5, -1.0], [2.0, 0.0]]),
    )
    ends = lambda m, a, x: runs._final(system(m, a), x, jnp.zeros(2, x.dtype), 12, 2)[0]
    check(ends, method, algorithm, starts)
    fate = lambda m, a, x: basins._decided(system(m, a), x, jnp.zeros(2, x.dtype), 150, 2)[1]
    assert in_float32(fate, method, algorithm, starts).tolist() == [1, 1, 1]
    chart = lambda m, a, x, gamma: settings._map(system(m, a), x, {"gamma": gamma}, 150)[0]
    assert in_float32(chart, method, algorithm, starts[0], np.array([0.9, 1.0, 1.1])).tolist() == [1, 1, 1]


def test_without_x64_everything_is_float32():
    with jax.enable_x64(False):
        method = dg.method("r1", gamma=0.3)
        path = dg.simulate(method, dg.SimGD(h=0.02), (1, 1), steps=20)
        curve = dg.flow(method, (1.0, 1.0), [0.0, 0.5, 1.0, 4.0])
        results = [method((1.0, 1.0)), path, curve, dg.jacobian(method), dg.spectral_radius(method, dg.SimGD(h=0.2))]
        assert {result.dtype for result in results} == {jnp.dtype(jnp.float32)}
        assert dg.multipliers(method, dg.SimGD(h=0.2)).dtype == jnp.complex64
        assert dg.verdict(method, dg.SimGD(h=0.2)).kind == "stable"
        assert dg.verdict(dg.method("gan"), dg.AltGD(h=0.2)).kind == "neutral"
        assert dg.verdict(dg.method("wgan-gp")).kind == "not differentiable"
        assert dg.outcome(path).kind == "bounded"
    np.testing.assert_allclose(path, dg.simulate(method, dg.SimGD(h=0.02), (1, 1), steps=20), rtol=1e-5)


def test_larger_spectra_are_the_documented_exception():
    # `eig` has no lowering for a TPU: states of more than two entries have their spectra computed on the host.
    matrix = np.diag([1.0, 2.0, 3.0])
    with pytest.raises(NotImplementedError), jax.enable_x64(False):
        export.export(spectrum._spectrum, platforms=("tpu",))(jnp.asarray(matrix, jnp.float32))
    check(update_jacobian, dg.method("r1"), ALGORITHMS["sim"], X)
