"""Figures for the two papers beside the 2018 one: smoothness (c20-*), and regret and DRAGAN (k17-*); what is proved.

None of them is a figure of those papers, whose bodies could not be read here: they show what is derived and simulated.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Page

from diracgan import smoothness as S
from diracgan.plotting import proved_plane
from diracgan.reproduction.figures import panels
from diracgan.reproduction.figures.kinds import Figure

_ASSUMED = "Everything assumes an optimal discriminator at every step of the generator."
_C20 = "companion to Chu, Minami and Fukumizu 2020"
_K17 = "companion to Kodali et al. 2017"


@dataclasses.dataclass(frozen=True, eq=False)
class Drawn(Figure):
    """A figure of several Axes side by side, each drawn by a function; `size` is that of one, in inches."""

    panels: tuple[tuple[str, Callable[[Axes], object]], ...] = ()
    columns: int = 3
    size: tuple[float, float] = (2.6, 2.3)

    def compose(self) -> Page:
        """One Axes for each panel, lettered when there are several."""
        rows = -(-len(self.panels) // self.columns)
        figure = Page(figsize=(self.columns * self.size[0], rows * self.size[1]), layout="constrained")
        axes = figure.subplots(rows, self.columns, squeeze=False)
        letters = [""] if len(self.panels) == 1 else [f"({letter}) " for letter in "abcdefgh"]
        for letter, (title, draw), ax in zip(letters, self.panels, axes.flat, strict=False):
            draw(ax)
            ax.set_title(letter + title, loc="left", fontsize=8)
        return figure


def _landscapes() -> Drawn:
    free = panels.landscape(("minimax", S.Minimax()), ("non-saturating", S.NonSaturating()))
    weights = (0.1, 0.5, 2.0)
    return Drawn(
        "c20-landscapes",
        "The generator's objective with an optimal discriminator",
        _C20,
        "J on the pair (δ_θ, δ_0). (a) A free discriminator: the minimax loss jumps, the non-saturating one is "
        "infinite off the data. (b) W₁ has a kink. (c) to (f) are smooth: MMD, the penalised log-loss, W₁ "
        f"inf-convolved with a quadratic, and with a squared RKHS norm and a bound on the curvature. {_ASSUMED}",
        (
            ("free discriminator", free),
            ("Wasserstein-1", panels.landscape(("W₁", S.Wasserstein1()))),
            ("½MMD²", panels.landscape(("τ = 1", S.MMD(1.0)), ("τ² = 1/2π", S.MMD.published()))),
            ("log-loss + R1", panels.landscape(*((f"γ = {g:g}", S.LinearR1(g)) for g in weights))),
            (
                "W₁ ⊕ quadratic",
                panels.landscape(*((f"γ = {g:g}", S.ClippedQuadratic(1.0, g)) for g in weights)),
            ),
            (
                "inf-convolutions",
                panels.landscape(
                    ("KR", S.InfConvolution(lipschitz=0.5)),
                    ("KR, RKHS", S.InfConvolution(lipschitz=0.5, gamma=0.5)),
                    ("all three", S.InfConvolution(lipschitz=0.5, smooth=0.5, gamma=0.5)),
                ),
            ),
        ),
    )


def _conditions() -> Drawn:
    return Drawn(
        "c20-conditions",
        "Which loss satisfies which condition",
        _C20,
        "Suprema over pairs (δ_θ, δ_0) with θ and x in [-3, 3]. A ✗ has a sequence of pairs or of scores along "
        "which the quotient grows without bound. The last column is what the paper is reported to say; it was not "
        f"checked. {_ASSUMED}",
        (("", panels.conditions),),
        columns=1,
        size=(7.6, 2.0),
    )


def _descent() -> Drawn:
    return Drawn(
        "c20-descent",
        "Gradient descent at three steps",
        _C20,
        "Steps 1/L (L the theorem's bound) and 1.99/L* (L* the true smoothness) reach stationarity, 2.01/L* ends "
        f"on a 2-cycle; W₁ chatters at the size of its step, whatever it is. {_ASSUMED}",
        (
            ("log-loss + R1, γ = 0.5", panels.descent(S.LinearR1(0.5), 400)),
            ("½MMD², τ = 1", panels.descent(S.MMD(1.0), 400)),
            ("W₁ ⊕ quadratic, γ = 0.5", panels.descent(S.ClippedQuadratic(1.0, 0.5), 400)),
            ("Wasserstein-1", panels.descent(S.Wasserstein1())),
        ),
        columns=2,
    )


def _chain() -> Drawn:
    return Drawn(
        "c20-chain",
        "From the penalty to the limit of alternating training",
        _C20,
        "(a) The larger multiplier of AltGD on R1 (γ = 0.5) against the number of discriminator steps, and 1 - hL "
        "(dashed), what gradient descent with an optimal discriminator has: they meet. (b) β₂ of the score and the "
        f"largest stable step against the penalty: derived (marks) and closed form (lines). {_ASSUMED}",
        (("AltGD, $n_d$ → ∞", panels.multipliers), ("penalty, β₂, largest step", panels.steps)),
        columns=2,
        size=(3.3, 2.7),
    )


def _games() -> Drawn:
    return Drawn(
        "c20-games",
        "A game of the plane: what the theorem promises, and what a penalty does to the slope",
        _C20,
        "32 points of a circle, generated by centre, radius and phase. (a) Descent on ½MMD² (τ = 1) at 1/L, with "
        "L = αB + A²(β₁ + β₂), A and B found over a box: the least |∇J|² so far stays below the theorem's 2LJ₀/k "
        "(dashed). (b) The same generator against its own D = (r² - 1) ψ·(1, x, y), AltGD, h = 0.2: "
        "R1 takes the slope at the data to 0, without a penalty it stays. "
        "(a) assumes an optimal discriminator at every step of the generator.",
        (("descent at 1/L", panels.game_descent), ("sharpness at the data", panels.game_sharpness)),
        columns=2,
        size=(3.3, 2.7),
    )


def _repairs() -> Drawn:
    return Drawn(
        "k17-repairs",
        "Three steps to DRAGAN's penalty",
        _K17,
        "AltGD, h = 0.01, from (2, 2), γ = k = 1. The zero-centred penalty converges; the dead zone leaves circles "
        "r ≤ 1 neutral; the two-sided penalty jumps at ψ = 0 and stops at (-2, 0+).",
        (
            ("zero-centred", panels.repair("dragan-zero-centred", gamma=1.0)),
            ("dead zone", panels.repair("dragan-dead-zone", gamma=1.0, target=1.0)),
            ("two-sided", panels.repair("dragan", gamma=1.0)),
        ),
        size=(2.4, 2.6),
    )


def _capture() -> Drawn:
    return Drawn(
        "k17-capture",
        "Where DRAGAN's one-sided points capture the training",
        _K17,
        "The range of ψ over the end of a run from (1, 1), h = 0.005, k = 1: a cycle across ψ = 0 below the "
        "threshold, rest above. From γ = 0.618 on the point is a node; a cycle coexists with it for some while.",
        (("from the cycle to the point", panels.capture),),
        columns=1,
        size=(4.2, 2.8),
    )


def _rates() -> Drawn:
    return Drawn(
        "k17-rates",
        "The duality gap of averaged iterates",
        _K17,
        "SimGD with h = 1/√T, the others with h = 0.3, comparators in |x| ≤ 5. On the bilinear game theory gives "
        "the slopes -1/2 and -1. The log-loss is concave in θ: no theorem applies to its generator, whose regret "
        "per round does not vanish, and yet its averages go to the equilibrium.",
        (("bilinear", panels.rates("bilinear")), ("log-loss", panels.rates("log-loss"))),
        columns=2,
        size=(3.3, 2.9),
    )


def _modes() -> Drawn:
    return Drawn(
        "k17-modes",
        "Mode collapse on the line over 40 seeds",
        _K17,
        "Modes at ±1, particles that begin near -1, a discriminator of five bumps, AltGD with h = 0.1; "
        "lines are standard errors. A penalty on the slope at the data makes D far less sharp there, and two "
        "particles collapse as often as before, four somewhat less. Zero-centred around the data every run covers "
        "both modes, though not always evenly. DRAGAN's two-sided penalty makes new attracting equilibria, and is "
        "no better than none. In "
        "this family sharpness at the data is not what decides.",
        (
            ("sharpness", panels.collapse("sharpness", "mean |∂D/∂x| at the data")),
            ("cure", panels.collapse("covered", "share of runs with both modes")),
        ),
        columns=2,
        size=(3.4, 2.8),
    )


def _theorems() -> Drawn:
    return Drawn(
        "theorems",
        "What is proved of the GAN with R1",
        "docs/global-convergence.md",
        "The plane of penalty γ and learning rate h. In the blue regions every start converges, under (a) simultaneous "
        "and (b) alternating descent. The latter has an attracting cycle beside its attracting equilibrium in the "
        "orange windows: below the curve not every start converges; the known cycles begin on the dotted line. Both "
        "diverge from far out for hγ > 1. `diracgan prove` runs the proofs again; the curve is a closed form.",
        (("SimGD", proved_plane), ("AltGD", lambda ax: proved_plane(ax, alternating=True))),
        columns=2,
        size=(3.6, 4.0),
    )


def companions() -> list[Figure]:
    """The figures of both companions, in order, and that of the theorems."""
    smooth = (_landscapes, _conditions, _descent, _chain, _games)
    return [figure() for figure in (*smooth, _repairs, _capture, _rates, _modes, _theorems)]
