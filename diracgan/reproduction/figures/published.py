"""The figures of Mescheder, Geiger and Nowozin (2018) that show the Dirac-GAN, as data."""

from __future__ import annotations

from diracgan.algorithms import Algorithm, AltGD, SimGD
from diracgan.reproduction.figures.companions import companions
from diracgan.reproduction.figures.kinds import Figure, Locus, Mechanism, Panel, Portraits

_PAPER = "Mescheder et al. 2018"
_SUPPLEMENT = f"{_PAPER}, supplement"

# File stem: the method, and the title under which its catalogue entry keeps the published setting.
_MODELS = {
    "gan": ("gan", "GAN"),
    "nsgan": ("nsgan", "NSGAN"),
    "wgan": ("wgan", "WGAN"),
    "wgan-gp": ("wgan-gp", "WGAN-GP"),
    "instance-noise": ("instance-noise", "Instance noise"),
    "gradient-penalty": ("r1", "Gradient penalty"),
    "gradient-penalty-critical": ("r1", "Gradient penalty, critical"),
    "consensus": ("consensus", "Consensus optimisation"),
    "nsgan-gradient-penalty": ("nsgan-r1", "NSGAN + gradient penalty"),
}
_ALGORITHMS: dict[str, tuple[Algorithm, str]] = {
    "simgd": (SimGD(h=0.2), "SimGD, h = 0.2"),
    "altgd-1": (AltGD(h=0.2), "AltGD, h = 0.2, $n_d$ = 1"),
    "altgd-5": (AltGD(h=0.2, n_d=5), "AltGD, h = 0.2, $n_d$ = 5"),
}
PANELS = {
    (model, algorithm): Panel(*_MODELS[model], *_ALGORITHMS[algorithm])
    for algorithm in _ALGORITHMS
    for model in _MODELS
}

_KEY = (
    "Disc: the start (1, 1); square: after 500 rounds; triangle: the path leaves the picture. The centre is filled "
    "where linearisation says stable, open where unstable, half filled where neutral, a cross where there is none. The "
    "lengths of the arrows grow with the square root of the speed."
)
_ON_SHEETS = {
    "simgd": "Simultaneous updates: GAN spirals outwards, NSGAN, WGAN and WGAN-GP end on cycles, the rest converges.",
    "altgd-1": "Alternating updates: WGAN and WGAN-GP cycle, GAN circles with hardly a drift, NSGAN creeps inwards, "
    "the rest converges.",
    "altgd-5": "Five discriminator updates for each of the generator: the penalised methods converge fast, but "
    "consensus optimisation escapes from (1, 1), although its equilibrium is stable.",
}
# What to see in a panel, by the three algorithms.
_IN_PANELS = {
    "gan": (
        "The path spirals outwards and leaves the picture; after 500 rounds r = 3.10.",
        "Over 500 rounds the path keeps to an oval between r = 1.34 and r = 1.42; its drift outwards is very slow.",
        "Five discriminator updates stretch the oval: r runs from 1.03 to 2.43; its drift inwards is very slow.",
    ),
    "nsgan": (
        "The path spirals inwards onto a limit cycle of radius √(2h) = 0.63.",
        "The path creeps inwards like r² ≈ 8/(hn), slower than any exponential.",
        "The path creeps inwards on stretched ovals, ever more slowly.",
    ),
    "wgan": (
        "Clipping bends the outward spiral into a cycle along |ψ| = 1 that reaches |θ| = 1.17.",
        "Once inside, the path stays on the ellipse θ² + ψ² - hθψ = 1 - h²/4, which just touches |ψ| = 1.",
        "Once inside, the path stays on a narrow ellipse that just touches |ψ| = 1.",
    ),
    "wgan-gp": (
        "The path ends on a limit cycle with r between 1.62 and 1.97; at ψ = 0 the field jumps.",
        "The path ends on a limit cycle with r between 1.14 and 1.44; at ψ = 0 the field jumps.",
        "The path ends on a limit cycle with r between 0.68 and 1.50; at ψ = 0 the field jumps.",
    ),
    "instance-noise": (
        "The path spirals into the equilibrium: r < 0.001 from round 363 on.",
        "The path spirals into the equilibrium: r < 0.001 from round 293 on.",
        "The path converges: r < 0.001 from round 64 on.",
    ),
    "gradient-penalty": (
        "The path spirals into the equilibrium: r < 0.001 from round 273 on.",
        "The path spirals into the equilibrium: r < 0.001 from round 234 on.",
        "The path converges: r < 0.001 from round 54 on.",
    ),
    "gradient-penalty-critical": (
        "The path goes into the equilibrium without turning around it: r < 0.001 from round 90 on.",
        "The path goes into the equilibrium without turning around it: r < 0.001 from round 102 on.",
        "The discriminator nearly follows its optimum, which costs speed here: r < 0.001 from round 138 on.",
    ),
    "consensus": (
        "The path spirals into the equilibrium: r < 0.001 from round 169 on.",
        "The path spirals into the equilibrium: r < 0.001 from round 151 on.",
        "The path escapes (r = 10.97 after 500 rounds), although the equilibrium is stable: consensus optimisation is "
        "only locally convergent. The published code converges here, because it halves a term of the gradient.",
    ),
    "nsgan-gradient-penalty": (
        "The path spirals into the equilibrium: r < 0.001 from round 265 on.",
        "The path spirals into the equilibrium: r < 0.001 from round 227 on.",
        "The path converges: r < 0.001 from round 48 on.",
    ),
}
_FIGURE_3 = {
    "gan": "GAN",
    "nsgan": "NSGAN",
    "wgan": "WGAN ($n_d$ = 5)",
    "wgan-gp": "WGAN-GP ($n_d$ = 5)",
    "consensus": "Consensus optimisation",
    "instance-noise": "Instance noise",
    "gradient-penalty": "Gradient penalty",
    "gradient-penalty-critical": "Gradient penalty (critical)",
}


def _numbered() -> list[Figure]:
    return [
        Mechanism(
            "figure-1",
            "Why the Dirac-GAN does not come to rest",
            f"{_PAPER}, Figure 1",
            "The generated point moves down the discriminator's line (a); when it reaches the data (b), the slope is "
            "at its largest and carries it past. Thin arrows: the velocities, over two units of time.",
        ),
        Portraits(
            "figure-2",
            "Simultaneous and alternating gradient descent on the GAN",
            f"{_PAPER}, Figure 2",
            "Simultaneous updates spiral outwards; over these 500 rounds alternating updates keep to an oval: neither "
            f"converges. {_KEY}",
            (PANELS["gan", "simgd"], PANELS["gan", "altgd-1"]),
            columns=2,
            heading="GAN",
            titles=("SimGD, h = 0.2", "AltGD, h = 0.2"),
        ),
        Portraits(
            "figure-3",
            "Eight methods trained by alternating gradient descent",
            f"{_PAPER}, Figure 3",
            "Consensus optimisation, instance noise and the gradient penalties converge; NSGAN creeps inwards ever "
            "more slowly; WGAN and WGAN-GP cycle, and GAN circles. WGAN: c = 1; WGAN-GP: γ = 0.7, g₀ = 1; consensus: "
            f"γ = 1; noise: σ = 0.7; gradient penalty: γ = 0.3, critical γ = 1. {_KEY}",
            tuple(PANELS[model, "altgd-5" if "5" in title else "altgd-1"] for model, title in _FIGURE_3.items()),
            columns=4,
            heading="AltGD, h = 0.2",
            titles=tuple(_FIGURE_3.values()),
        ),
        Locus(
            "eigenvalues",
            "Eigenvalues of the GAN with a gradient penalty",
            _SUPPLEMENT,
            "With growing γ the eigenvalues of the flow move along the circle |μ| = 1/2 into the left half plane, meet "
            "at γ = 1 and part along the real axis, one of them back towards 0: more penalty is then slower. The "
            "published picture ends at γ = 1.5 and calls it twice the critical value, which is γ = 2.",
        ),
    ]


def _sheets() -> list[Figure]:
    return [
        Portraits(
            f"supplement-{key}",
            f"Nine methods trained by {label.replace('$', '')}",
            _SUPPLEMENT,
            f"{_ON_SHEETS[key]} {_KEY}",
            tuple(PANELS[model, key] for model in _MODELS),
            columns=3,
            heading=label,
        )
        for key, (_, label) in _ALGORITHMS.items()
    ]


def _panels() -> list[Figure]:
    return [
        Portraits(
            f"supplement-{key}-{model}",
            f"{panel.published} trained by {panel.label.replace('$', '')}",
            _SUPPLEMENT,
            _IN_PANELS[model][list(_ALGORITHMS).index(key)],
            (panel,),
            heading=panel.label,
        )
        for (model, key), panel in PANELS.items()
    ]


FIGURES: dict[str, Figure] = {figure.name: figure for figure in (*_numbered(), *_sheets(), *_panels(), *companions())}
