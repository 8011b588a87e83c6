"""What the package is compared with: the same trajectories by plain loops, and the same fields by hand."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

STEPS, H, START = 500, 0.2, (1.0, 1.0)


def scalars() -> np.ndarray:
    """SimGD on the minimax GAN with NumPy scalars, the path written into an array."""
    theta, psi = (np.float64(x) for x in START)
    h = np.float64(H)
    path = np.empty((STEPS + 1, 2))
    path[0] = theta, psi
    for k in range(STEPS):
        slope = 1 / (1 + np.exp(theta * psi))
        theta, psi = theta - h * psi * slope, psi + h * theta * slope
        path[k + 1] = theta, psi
    return path


class TextbookGAN:
    """The usual notebook: one class per method with its activation and hand-derived velocity, on arrays."""

    def derivative(self, x: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(x))

    def velocity(self, theta: np.ndarray, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return -psi * self.derivative(theta * psi), theta * self.derivative(theta * psi)

    def step(self, theta: np.ndarray, psi: np.ndarray, h: float) -> tuple[np.ndarray, np.ndarray]:
        v_theta, v_psi = self.velocity(theta, psi)
        return theta + h * v_theta, psi + h * v_psi


def textbook() -> np.ndarray:
    """The same with arrays of length 1 and lists that grow, as the published notebooks do it."""
    gan = TextbookGAN()
    theta, psi = np.array([START[0]]), np.array([START[1]])
    thetas, psis = [theta], [psi]
    for _ in range(STEPS):
        theta, psi = gan.step(theta, psi, H)
        thetas.append(theta)
        psis.append(psi)
    return np.concatenate([np.stack(thetas), np.stack(psis)], axis=1)


def with_numba():
    """The scalar loop compiled by numba; ImportError says what to install."""
    try:
        import numba
    except ImportError:
        raise ImportError("numba is not installed: `pip install numba` adds this comparison") from None

    @numba.njit
    def loop(theta, psi, h, steps):
        path = np.empty((steps + 1, 2))
        path[0, 0], path[0, 1] = theta, psi
        for k in range(steps):
            slope = 1 / (1 + np.exp(theta * psi))
            theta, psi = theta - h * psi * slope, psi + h * theta * slope
            path[k + 1, 0], path[k + 1, 1] = theta, psi
        return path

    return lambda: loop(*START, H, STEPS)


def sigma(t):
    return 1 / (1 + jnp.exp(-t))


def gan(x):
    slope = sigma(-x[0] * x[1])
    return jnp.stack([-x[1] * slope, x[0] * slope])


def nsgan(x):
    u = x[0] * x[1]
    return jnp.stack([-x[1] * sigma(u), x[0] * sigma(-u)])


def r1(x, gamma=0.3):
    slope = sigma(-x[0] * x[1])
    return jnp.stack([-x[1] * slope, x[0] * slope - gamma * x[1]])


def wgan_gp(x, gamma=0.7, target=1.0):
    return jnp.stack([-x[1], x[0] - gamma * (jnp.abs(x[1]) - target) * jnp.sign(x[1])])


def consensus(x, gamma=1.0):
    theta, psi = x
    u = theta * psi
    slope, bend = sigma(-u), -sigma(u) * sigma(-u)
    square = theta**2 + psi**2
    return jnp.stack(
        [
            -psi * slope - gamma * (theta * slope**2 + psi * square * slope * bend),
            theta * slope - gamma * (psi * slope**2 + theta * square * slope * bend),
        ]
    )


FIELDS = {"gan": gan, "nsgan": nsgan, "r1": r1, "wgan-gp": wgan_gp, "consensus": consensus}
