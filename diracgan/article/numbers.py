"""Every number that the article states, computed when it is written."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

import diracgan.atlas as atlas
from diracgan.algorithms import AltGD, HeavyBall, SimGD
from diracgan.atlas.criticality import critical_step
from diracgan.catalogue import method
from diracgan.dynamics.arrivals import period
from diracgan.dynamics.compiling import in_float64
from diracgan.dynamics.spectrum import eigenvalues, spectral_radius
from diracgan.dynamics.trajectories import simulate

# The learning rate of the figures, and the penalty of the 2018 paper's own.
H, GAMMA = 0.2, 0.3


def real(value: Any, digits: int = 4) -> str:
    """A number for a reader, with a true minus sign."""
    return f"{float(value):.{digits}g}".replace("-", "−")


def count(value: float) -> str:
    """A whole number, in groups of three digits."""
    return f"{round(value):,}".replace(",", "\u202f")


@functools.cache
@in_float64
def numbers() -> dict[str, str]:
    """Name → number as the article prints it."""
    return {
        **_chase(),
        **_steps(),
        **_turns(),
        **_penalty(),
        **_limits(),
        **_kink(),
        **_noise(),
        **_beyond(),
        **_others(),
    }


def _chase() -> dict[str, str]:
    gan = method("gan")
    laps = [float(period(gan, (radius, 0.0))) for radius in (0.01, 1.0, 3.0)]
    return {
        "pull": real(abs(np.imag(eigenvalues(gan)[0]))),
        "lap": real(laps[0]),
        "lap_one": real(laps[1]),
        "lap_far": real(laps[2]),
        "slower": real(laps[2] / laps[0], 2),
    }


def _steps() -> dict[str, str]:
    growth = {h: float(spectral_radius(method("gan"), SimGD(h))) for h in (H, H / 10)}
    doubling = {h: math.log(2) / math.log(size) for h, size in growth.items()}
    return {
        "h": real(H),
        "h_small": real(H / 10),
        "growth": real(growth[H], 6),
        "doubling": count(doubling[H]),
        "doubling_small": count(doubling[H / 10]),
        "longer": count(doubling[H / 10] / doubling[H]),
        "drift": real(np.max(np.real(eigenvalues(method("drift", eta=H))))),
    }


def _turns() -> dict[str, str]:
    rounds, every = 200_000, 20
    path = np.asarray(simulate(method("gan"), AltGD(H), (1.0, 1.0), rounds, every))
    radius = np.hypot(*path.T)
    return {
        "turns_limit": real(critical_step(method("r1", gamma=1e-9), AltGD(H)).h),  # of a penalty that vanishes
        "drift_start": real(radius[: 1 + 200 // every].max()),
        "drift_rounds": count(rounds),
        "drift_end": real(radius[-200:].max()),
    }


def _penalty() -> dict[str, str]:
    found = {gamma: eigenvalues(method("r1", gamma=gamma)) for gamma in (GAMMA, 1.0, 2.0)}
    best = atlas.optimal(method("r1"), over="gamma")
    return {
        "gamma": real(GAMMA),
        "re": real(np.real(found[GAMMA][0])),
        "im": real(abs(np.imag(found[GAMMA][0]))),
        "critical": real(best.values["gamma"]),
        "fastest": real(best.rate),
        "two": real(np.max(np.real(found[2.0]))),
        "two_fast": real(np.min(np.real(found[2.0]))),
    }


def _limits() -> dict[str, str]:
    sim, alt = (
        {gamma: real(critical_step(method("r1", gamma=gamma), kind(H)).h) for gamma in (0.1, GAMMA, 1.0, 2.0)}
        for kind in (SimGD, AltGD)
    )
    names = {0.1: "weak", GAMMA: "usual", 1.0: "critical", 2.0: "strong"}
    return {f"sim_{names[g]}": value for g, value in sim.items()} | {
        f"alt_{names[g]}": value for g, value in alt.items()
    }


def _kink() -> dict[str, str]:
    found = atlas.cycle(method("wgan-gp", gamma=0.7), start=(1.0, 1.0))
    clipped = atlas.cycle(method("wgan", clip=1.0), SimGD(H), start=(0.3, 0.0))
    return {
        "gp_period": real(found.period),
        "gp_radius": real(found.mean_radius),
        "gp_multiplier": real(np.min(np.abs(found.multipliers)), 3),
        "clip_far": real(clipped.max_radius),
    }


def _noise() -> dict[str, str]:
    sigma = 0.7
    noisy = eigenvalues(method("instance-noise", sigma=sigma))
    gamma = -2 * float(np.real(noisy[0]))
    same = eigenvalues(method("r1", gamma=gamma))
    assert np.allclose(np.sort_complex(noisy), np.sort_complex(same)), "noise is not a penalty in first order"
    return {"sigma": real(sigma), "noise_gamma": real(gamma)}


def _share(map_: Any) -> str:
    share = 100 * map_.counts["converged"] / map_.codes.size
    return f"{share:.0f}" if share >= 10 else real(share, 2)


def _beyond() -> dict[str, str]:
    weak = method("r1", gamma=0.1)
    known = atlas.cycle(weak, AltGD(2.2), start=(0.03, 1.2))
    far = {h: atlas.basin(method("r1", gamma=1.0), SimGD(h), n=64, steps=5000) for h in (0.99, 2.0)}
    coded, true = (
        atlas.basin(method("consensus", gamma=1.0, legacy=legacy), SimGD(H), n=64, steps=5000, box=(-2.0, 2.0))
        for legacy in (True, False)
    )
    saddle = atlas.fixed_points(method("consensus", gamma=1.0), n=12)
    five = atlas.basin(method("consensus", gamma=1.0), AltGD(H, n_d=5), n=64, steps=5000, box=(-3.0, 3.0))
    return {
        "co_size": real(spectral_radius(weak, AltGD(2.2))),
        "co_period": real(known.period),
        "co_limit": real(critical_step(weak, AltGD(H)).h),
        "co_share": _share(atlas.basin(weak, AltGD(2.2), (-2.0, 2.0), 64, 5000)),
        "co_more": _share(atlas.basin(weak, AltGD(2.62), (-2.0, 2.0), 64, 5000)),
        "far_inside": _share(far[0.99]),
        "far_beyond": _share(far[2.0]),
        "saddle": f"({real(saddle.x[2][0])}, {real(saddle.x[2][1])})",
        "consensus_size": real(spectral_radius(method("consensus", gamma=1.0), AltGD(H, n_d=5)), 3),
        "consensus_share": _share(five),
        "coded_share": _share(coded),
        "true_share": _share(true),
    }


def _others() -> dict[str, str]:
    return {"ball_limit": real(critical_step(method("gan"), HeavyBall(H, -0.5, alternating=True)).h)}
