"""What the companions' figures show, one Axes at a time."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from diracgan import regret, smoothness
from diracgan.algorithms import AltGD
from diracgan.beyond import problems
from diracgan.catalogue import method
from diracgan.dynamics.trajectories import simulate
from diracgan.plotting import palette, trajectory, vector_field

_DASHES = (0, (4, 2))
_THETA = np.linspace(-3, 3, 241)


def landscape(*divergences: tuple[str, smoothness.Divergence]) -> Callable[[Axes], None]:
    """J(θ) of some divergences; one that is infinite off the data is a mark."""

    def draw(ax: Axes) -> None:
        p = palette(ax)
        for (label, J), colour in zip(divergences, (p.path, p.start, p.psi), strict=False):
            points = _THETA if J.attained else _THETA[_THETA != 0]
            value = J.value(points)
            if not np.all(np.isfinite(value)):
                ax.plot([0], [J.value(0.0)], "s", color=colour, markersize=4, label=f"{label}, ∞ elsewhere")
                continue
            ax.plot(points, value, color=colour, linewidth=1.2, label=label)
            if not J.attained:
                ax.plot([0], [J.value(0.0)], "o", color=colour, markersize=4)
        ax.set_xlabel("θ", style="italic", labelpad=1)
        ax.legend(fontsize=6.5, loc="best")

    return draw


def conditions(ax: Axes) -> None:
    """The table of losses and conditions as text."""
    ax.set_axis_off()
    text = str(smoothness.table()).rsplit("\n", 1)[0]
    ax.text(0, 1, text, family="DejaVu Sans Mono", fontsize=6.2, va="top", linespacing=1.6, transform=ax.transAxes)


def descent(J: smoothness.Divergence, rounds: int = 60) -> Callable[[Axes], None]:
    """|θ| along gradient descent at the three steps; for W₁, which has none of them, at three plain ones."""

    def draw(ax: Axes) -> None:
        p = palette(ax)
        if isinstance(J, smoothness.Wasserstein1):
            runs = {f"h = {h:g}": smoothness.descend(J, h, 1.03, rounds) for h in (0.5, 0.2, 0.1)}
        else:
            runs = smoothness.descents(J, 1.03, rounds)
        styles = zip(runs.items(), (p.psi, p.path, p.start), strict=True)
        for (name, run), colour in styles:
            ax.semilogy(np.abs(run.path) + 1e-17, color=colour, linewidth=1, label=name.replace("L_true", "L*"))
        ax.set(ylim=(1e-8, 3), xlabel="step", ylabel="|θ|")
        ax.legend(fontsize=6.5)

    return draw


def multipliers(ax: Axes) -> None:
    """The larger multiplier of AltGD against n_d, for three steps of the generator."""
    p, counts = palette(ax), (1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30)
    for share, colour in ((0.5, p.psi), (0.9, p.path), (1.05, p.start)):
        limit = smoothness.chain(0.5, h=1.0, n_d=(1,)).limit
        made = smoothness.chain(0.5, h=share * limit, n_d=counts)
        ax.plot(counts, np.abs(made.multipliers), ".-", color=colour, linewidth=0.8, markersize=3)
        ax.axhline(abs(made.expected), color=colour, linestyle=_DASHES, linewidth=0.8)
        ax.annotate(
            f"h = {share:g}·2/L", (30, abs(made.expected)), (29, abs(made.expected) + 0.03), ha="right", size=6.5
        )
    ax.axhline(1.0, color=p.ink, linewidth=0.5)
    ax.set(xlabel="discriminator steps $n_d$", ylabel="|λ|", ylim=(-0.05, 1.35))


def steps(ax: Axes) -> None:
    """β₂ of the score and the largest stable step against γ, derived and closed form."""
    p, weights = palette(ax), np.geomspace(0.05, 3, 9)
    for loss, c, colour in (("linear", 1.0, p.path), ("log", 0.5, p.start)):
        made = [smoothness.chain(gamma, loss=loss, n_d=(1,)) for gamma in weights]
        ax.loglog(weights, [one.response for one in made], "o", color=colour, markersize=3)
        ax.loglog(weights, c / weights, color=colour, linewidth=0.8, label=f"β₂ = {c:g}/γ ({loss})")
        ax.loglog(weights, [one.limit for one in made], "s", color=colour, markersize=3)
        line = 2 * weights / c**2
        ax.loglog(weights, line, color=colour, linewidth=0.8, linestyle=_DASHES, label=f"h < {2 / c**2:g}γ ({loss})")
    ax.set_xlabel("γ", style="italic", labelpad=1)
    ax.legend(fontsize=6.5)


def game_descent(ax: Axes) -> None:
    """The least |∇J|² so far along descent at 1/L on the circle, and 2LJ₀/k, what the theorem promises."""
    p, divergence = palette(ax), smoothness.MMD(1.0)
    game = next(problem.game for problem in problems() if problem.name == "circle")
    bound = smoothness.generator_bound(game, divergence, box=(-1, 1), samples=16).bound
    start = np.asarray(game.generator.flat) + np.array([0.3, -0.2, 0.4, 0.1])
    run = smoothness.descend_generator(game, divergence, 1 / bound, start, 1000)
    assert run.values is not None
    k = np.arange(1, len(run.values) + 1)
    least = np.minimum.accumulate(np.sum(run.slopes**2, axis=1))
    ax.loglog(k, least, color=p.path, linewidth=1.2, label="descent at 1/L")
    ax.loglog(k, 2 * bound * run.values[0] / k, color=p.ink, linewidth=0.8, linestyle=_DASHES, label="2LJ₀/k")
    ax.set(xlabel="step k", ylabel="least |∇J|² so far", ylim=(1e-14, 10))
    ax.legend(fontsize=6.5, loc="lower left")


def game_sharpness(ax: Axes) -> None:
    """The largest |∇ₓD| at a datum along AltGD on the circle, with R1 and without."""
    p = palette(ax)
    for penalties, label, colour in ((None, "R1, γ = 1", p.path), ((), "no penalty", p.start)):
        game = next(problem.game for problem in problems(penalties) if problem.name == "circle")
        start = np.asarray(game.equilibrium) + np.array([0.2, 0.1, -0.2, 0.3, 0.4, -0.3, 0.5])
        path = simulate(game, AltGD(h=0.2), start, 400)
        ax.semilogy(regret.sharpness(game, path), color=colour, linewidth=1.2, label=label)
    ax.set(xlabel="round", ylabel="largest |∇ₓD| at a datum", ylim=(1e-4, 10))
    ax.legend(fontsize=6.5, loc="lower left")


def repair(name: str, **values: float) -> Callable[[Axes], None]:
    """A run of AltGD from (2, 2) over the field of a method."""

    def draw(ax: Axes) -> None:
        field = method(name, **values)
        vector_field(field, ax, 2.2)
        trajectory(np.asarray(simulate(field, AltGD(h=0.01), (2.0, 2.0), 10_000, 10)), ax)

    return draw


def rates(game: str) -> Callable[[Axes], None]:
    """Duality gaps of averages against rounds, with fitted slopes."""

    def draw(ax: Axes) -> None:
        p = palette(ax)
        looks = zip(regret.rates(game), (p.start, p.path, p.psi, p.theta, p.ink), "osv^D", strict=True)
        for rate, colour, marker in looks:
            label = f"{rate.algorithm.split(',')[0]}: {rate.slope:.2f}"
            ax.loglog(
                rate.rounds, rate.gaps, marker, linestyle="-", color=colour, linewidth=0.8, markersize=3, label=label
            )
        ax.set(xlabel="rounds T", ylabel="gap of the averages", ylim=(2e-4, 2))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.legend(fontsize=6.5, title="fitted slope", title_fontsize=6.5)

    return draw


def capture(ax: Axes) -> None:
    """The range of ψ at the end of a run, against γ."""
    p, weights = palette(ax), np.linspace(0.4, 1.0, 31)
    for name, label, colour in (("dragan", "minimax", p.path), ("dragan-ns", "non-saturating", p.start)):
        sizes = []
        for gamma in weights:
            late = np.asarray(simulate(method(name, gamma=gamma), AltGD(h=0.005), (1.0, 1.0), 60_000, 20))[-1000:]
            sizes.append(np.ptp(late[:, 1]))
        ax.plot(weights, sizes, ".-", color=colour, linewidth=0.8, markersize=3, label=label)
    ax.axvline(regret.node_threshold(), color=p.ink, linewidth=0.6, linestyle=_DASHES, label="node from here: 0.618")
    ax.set_xlabel("γ", style="italic", labelpad=1)
    ax.set_ylabel("range of ψ in the end")
    ax.legend(fontsize=6.5)


@functools.lru_cache(maxsize=8)
def _runs(particles: int) -> list[regret.Collapse]:
    return regret.mode_collapse(seeds=40, particles=particles)


def collapse(*quantities: str) -> Callable[[Axes], None]:
    """One number of `mode_collapse` for each penalty, as bars."""

    def draw(ax: Axes) -> None:
        p = palette(ax)
        for particles, colour, shift in ((2, p.path, 0.2), (4, p.psi, -0.2)):
            found = _runs(particles)
            places = np.arange(len(found))[::-1] + shift
            values = [getattr(one, quantities[0]) for one in found]
            spread = [one.error for one in found] if quantities[0] == "covered" else None
            bars = {"color": colour, "height": 0.36, "xerr": spread, "error_kw": {"linewidth": 0.7, "ecolor": p.ink}}
            ax.barh(places, values, label=f"{particles} particles", **bars)  # type: ignore[arg-type]
            ax.set_yticks(np.arange(len(found))[::-1], [one.name for one in found], fontsize=6.5)
        ax.set_xlabel(quantities[1])
        if quantities[0] == "covered":
            ax.set_yticklabels([])
        else:
            ax.legend(fontsize=6.5, loc="center right")

    return draw
