"""The stationary spread of training under gradient noise."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from diracgan.algorithms import Algorithm, ready
from diracgan.fields import as_field
from diracgan.parameters import Parameter, cast
from diracgan.spectrum import jacobian, update_jacobian
from diracgan.verdicts import verdict


def stationary_covariance(field: Any, algorithm: Algorithm | None = None, noise: Any = (0.0, 1.0)) -> np.ndarray:
    """The covariance of the parameters around the equilibrium when every round adds gradient noise.

        x ← F(x) + h σ ξ,  ξ standard normal:   Σ = M Σ Mᵀ + h² diag(σ²),  M the Jacobian of F

    to first order in the noise. For the flow (`algorithm` None) dx = v dt + σ dW: JΣ + ΣJᵀ + diag(σ²) = 0; one round of
    size h then corresponds to hΣ.

    Args:
        field: as in `simulate`.
        algorithm: its rates multiply the noise; with memory, the noise enters the position.
        noise: standard deviations of the gradients of the entries of the state, shape `(n,)`.

    Returns shape `(n, n)`. `ValueError` when the equilibrium is not locally stable.

    >>> float(dg.stationary_covariance(dg.method("r1", gamma=0.5), dg.SimGD(0.2))[0, 0].round(10))
    0.2228054826
    """
    from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

    field = as_field(field)
    sigma = np.asarray(Parameter("noise", "σ", "standard deviations").convert(noise))
    if sigma.shape != (field.dimension,):
        raise ValueError(f"noise must have {field.dimension} entries, one per parameter; {noise!r} was given")
    judged = verdict(field, algorithm)
    if judged.kind != "stable":
        raise ValueError(f"a stationary spread needs a stable equilibrium; this one is {judged}")
    with jax.enable_x64(True):
        if algorithm is None:
            return solve_continuous_lyapunov(np.asarray(jacobian(field)), -np.diag(sigma**2))
        M = np.asarray(update_jacobian(field, algorithm))
        x = jnp.asarray(field.equilibrium, jnp.float64)
        cast_field, algorithm = cast(field, x.dtype), ready(algorithm, x.dtype)
        state, unravel = ravel_pytree(algorithm.init(cast_field, x))
        place = np.asarray(jax.jacfwd(lambda flat: algorithm.position(unravel(flat)))(state))
        rates = _rates(algorithm, cast_field, x)
    push = place.T * (rates * sigma)
    return place @ solve_discrete_lyapunov(M, push @ push.T) @ place.T


def _rates(algorithm: Any, field: Any, x: jax.Array) -> np.ndarray:
    inner = getattr(algorithm, "inner", None)
    return np.asarray(algorithm.rates(field, x, 0)) if inner is None else _rates(inner, field, x)
