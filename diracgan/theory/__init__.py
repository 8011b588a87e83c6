"""Closed forms of the Dirac-GAN, derived by hand and in plain NumPy: the oracle of the derived values.

Nothing here is imported from the rest of the package, so that an agreement between the two is evidence. One entry of
`CLOSED_FORMS` per method, one entry of `ALGORITHMS` per training algorithm; what has no entry has no closed form known.

Conventions: L = f(ψθ) + f(0), f(t) = -log(1 + e^-t), c = f'(0) = 1/2 (1 for f(t) = t), u = ψθ,
v = (-∂L_G/∂θ, +∂L_D/∂ψ); `h` is a learning rate.
"""

from diracgan.theory.algorithms import (
    ALGORITHMS,
    AlgorithmForm,
    altgd_best_gamma,
    altgd_limit,
    altgd_multipliers,
    altgd_path,
    jury_margin,
    simgd_best_gamma,
    simgd_limit,
    simgd_multipliers,
    simgd_path,
)
from diracgan.theory.methods import (
    CLOSED_FORMS,
    NONE_KNOWN,
    ClosedForm,
    curvature,
    dragan_node_threshold,
    gamma_critical,
    instance_noise_gamma,
    pair,
    sigmoid,
    slope,
)
from diracgan.theory.orbits import (
    altgd_invariant,
    consensus_spurious_equilibrium,
    gan_period,
    nsgan_cycle_radius,
    nsgan_flow_radius,
    orbit_period,
    r1_altgd_two_cycle,
    r1_simgd_two_cycle,
    simgd_growth,
    wgan_clip_invariant,
    wgan_gp_crossing,
    wgan_gp_cycle,
    wgan_gp_period,
    wgan_return_rate,
)

__all__ = [
    "ALGORITHMS",
    "CLOSED_FORMS",
    "NONE_KNOWN",
    "AlgorithmForm",
    "ClosedForm",
    "altgd_best_gamma",
    "altgd_invariant",
    "altgd_limit",
    "altgd_multipliers",
    "altgd_path",
    "consensus_spurious_equilibrium",
    "curvature",
    "dragan_node_threshold",
    "gamma_critical",
    "gan_period",
    "instance_noise_gamma",
    "jury_margin",
    "nsgan_cycle_radius",
    "nsgan_flow_radius",
    "orbit_period",
    "pair",
    "r1_altgd_two_cycle",
    "r1_simgd_two_cycle",
    "sigmoid",
    "simgd_best_gamma",
    "simgd_growth",
    "simgd_limit",
    "simgd_multipliers",
    "simgd_path",
    "slope",
    "wgan_clip_invariant",
    "wgan_gp_crossing",
    "wgan_gp_cycle",
    "wgan_gp_period",
    "wgan_return_rate",
]
