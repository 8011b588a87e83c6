"""Chapters 9 to 11: more parameters, smoothness, regret."""

import math

import numpy as np

from diracgan import theory
from diracgan.course.exercise import Exercise, Mistake
from diracgan.regret import node_threshold, one_sided
from diracgan.theory import regret as averages
from diracgan.theory import smoothness as responses


def _average(h: float, rounds: float) -> float:
    """|z̄|/|z₀| of the first iterates of SimGD on the WGAN."""
    return float(np.hypot(*averages.simgd_average((1.0, 0.0), h, round(rounds))))


def _square_feature(fourth: float) -> np.ndarray:
    """The eigenvalues of D = ψx² on U(-1, 1) at (1, 0), where E[d²] = `fourth`: f'(0) = ½, f''(0) = -¼."""
    across = 0.5 * 2 / 3
    return np.linalg.eigvals(np.array([[0.0, -across], [across, -fourth / 2]]))


EXERCISES = (
    Exercise(
        "spread-damping",
        9,
        "N(θ, s²) against N(0, s²), D = ψx, the GAN's loss, no penalty: what is the lower right entry of the Jacobian?",
        lambda s: -theory.instance_noise_gamma(s),
        (
            Mistake(
                "one of two points",
                lambda s: -theory.instance_noise_gamma(s) / 2,
                "Real and generated points both have this spread: 2f''(0)E[x²].",
            ),
            Mistake(
                "f'' of the WGAN",
                lambda s: 0.0,
                "Right for the WGAN, where f'' = 0. The GAN has f''(0) = -¼.",
            ),
            Mistake(
                "sign",
                theory.instance_noise_gamma,
                "f is concave: the discriminator, which maximises, is pulled back.",
            ),
            Mistake(
                "spread for variance",
                lambda s: -s / 2,
                "E[x²] = s² is the variance; you took the standard deviation.",
            ),
        ),
        "2f''(0)s² = -s²/2: data with a spread damp the discriminator by themselves.",
        arguments={"s": (0.3, 2.0)},
    ),
    Exercise(
        "square-feature",
        9,
        "U(-|θ|, |θ|) against U(-1, 1), D = ψx², the GAN's loss: what is the real part of the eigenvalues at (1, 0)?",
        lambda: float(np.max(_square_feature(1 / 5).real)),
        (
            Mistake(
                "trace for real part",
                lambda: 2 * float(np.max(_square_feature(1 / 5).real)),
                "That is the trace, the sum of both.",
            ),
            Mistake(
                "feature for its square",
                lambda: float(np.max(_square_feature(1 / 3).real)),
                "You took E[x²]. The damping is 2f''(0)E[d²] with d = x².",
            ),
            Mistake(
                "one of two points",
                lambda: float(np.max(_square_feature(1 / 10).real)),
                "Real and generated points both damp: 2f''(0)E[d²].",
            ),
            Mistake("Dirac's data", lambda: 0.0, "Right for data at one point, where d = 0. Here d = x² is not."),
        ),
        "-1/20: 2f''(0)E[x⁴] = -1/10 is the trace.",
    ),
    Exercise(
        "spare-parameter",
        9,
        "R1 on the Dirac-GAN whose generator puts its mass at θ = a + b: what are the three eigenvalues?",
        lambda gamma: np.array([0, *np.roots([1, gamma, 2 * 0.25])]),
        (
            Mistake(
                "speed of one parameter",
                lambda gamma: np.array([0, *np.roots([1, gamma, 0.25])]),
                "Those of one parameter. Two of them move θ, and |B|² is ¼ + ¼.",
            ),
            Mistake(
                "speed squared twice",
                lambda gamma: np.array([0, *np.roots([1, gamma, 1.0])]),
                "θ moves twice as fast, so that |B|² doubles. You took it four times.",
            ),
            Mistake(
                "no direction is free",
                lambda gamma: np.array([-gamma, *np.roots([1, gamma, 0.5])]),
                "Along a - b nothing changes: that direction has the eigenvalue 0.",
            ),
        ),
        "0 along the line of equilibria, and the roots of μ² + γμ + ½ across it.",
        arguments={"gamma": (0.2, 3.0)},
        ordered=False,
    ),
    Exercise(
        "smoothness-r1",
        10,
        "How smooth is J(θ) = max_ψ of the GAN's objective with (γ/2)ψ²? Give the Lipschitz constant L of J'.",
        lambda gamma: responses.response_smoothness(gamma),
        (
            Mistake(
                "f' of the WGAN",
                lambda gamma: responses.response_smoothness(gamma, 1.0),
                "Right for the WGAN, where f'(0) = 1.",
            ),
            Mistake(
                "response for smoothness",
                lambda gamma: 2 * responses.response_smoothness(gamma),
                "That is dψ/dθ = f'(0)/γ of the optimal discriminator. The slope J' = ψf' has f'(0) once more.",
            ),
            Mistake(
                "step for smoothness",
                lambda gamma: 2 / responses.response_smoothness(gamma),
                "That is 2/L, the largest stable step.",
            ),
            Mistake(
                "λ for γ",
                lambda gamma: responses.response_smoothness(2 * gamma),
                "Right for a penalty λψ², without the ½.",
            ),
        ),
        "f'(0)²/γ = 1/4γ: descent is stable below 2/L = 8γ.",
        arguments={"gamma": (0.1, 2.0)},
    ),
    Exercise(
        "newton-multiplier",
        10,
        "AltGD on the GAN with R1, one discriminator step with h_d = 1/γ per round: one multiplier is 0; what is the "
        "other one?",
        lambda h_g, gamma: responses.response_multiplier(h_g, gamma),
        (
            Mistake(
                "f' of the WGAN",
                lambda h_g, gamma: responses.response_multiplier(h_g, gamma, 1.0),
                "Right for the WGAN, where f'(0) = 1.",
            ),
            Mistake(
                "f'(0) once",
                lambda h_g, gamma: responses.response_multiplier(2 * h_g, gamma),
                "f'(0) occurs twice: in the answer of the discriminator, and in what the generator makes of it.",
            ),
            Mistake(
                "sign",
                lambda h_g, gamma: responses.response_multiplier(-h_g, gamma),
                "The generator descends: the distance to the data shrinks.",
            ),
            Mistake(
                "flow for map",
                lambda h_g, gamma: math.exp(-h_g * responses.response_smoothness(gamma)),
                "That is e^(-hL), of the flow. A step multiplies by 1 - hL.",
            ),
        ),
        "1 - h_g/4γ: at the linearisation this one step is the optimal discriminator.",
        arguments={"h_g": (0.1, 2.0), "gamma": (0.3, 2.0)},
    ),
    Exercise(
        "descent-cycle",
        10,
        "The GAN with R1, γ = ½, an optimal discriminator, and h > 4: between which ±θ does descent jump in the end?",
        lambda h: responses.response_two_cycle(h, 0.5),
        (
            Mistake(
                "onto 0",
                lambda h: responses.response_two_cycle(2 * h, 0.5),
                "From there one step lands on 0: hJ' = θ. Landing on -θ needs hJ' = 2θ.",
            ),
            Mistake(
                "score for place",
                lambda h: math.log(math.sqrt(h) - 1),
                "That is the score u = ψθ. The place is θ = √(γu(1 + e^u)).",
            ),
            Mistake(
                "λ for γ",
                lambda h: responses.response_two_cycle(h, 1.0) if h > 8 else 0.0,
                "Right for a penalty λψ² with λ = ½, that is γ = 1.",
            ),
            Mistake("linearisation", lambda h: 0.0, "0 is still a rest point, but for h > 4 it repels."),
        ),
        "θ² = ½√h log(√h - 1): it grows from 0 at h = 4.",
        arguments={"h": (4.5, 16.0)},
    ),
    Exercise(
        "duality-gap",
        11,
        "WGAN on the box |θ|, |ψ| <= B: what is the mean regret of both players together, when the averages of their "
        "iterates are (θ̄, ψ̄)?",
        lambda theta, psi, B: averages.bilinear_gap((theta, psi), B),
        (
            Mistake(
                "one player's share",
                lambda theta, psi, B: B * abs(psi),
                "That is what the best fixed θ would have won. The discriminator has a comparator as well.",
            ),
            Mistake(
                "payoff of the averages",
                lambda theta, psi, B: theta * psi,
                "That is L(θ̄, ψ̄). What was played cancels in the sum; what is left are the two comparators.",
            ),
            Mistake(
                "sign of the comparator",
                lambda theta, psi, B: B * (theta - psi),
                "The best fixed choice depends on the sign of the other's average: take absolute values.",
            ),
            Mistake(
                "ball for box",
                lambda theta, psi, B: B * math.hypot(theta, psi),
                "The comparators are chosen one by one: the sum of both sizes, not the length.",
            ),
        ),
        "B(|θ̄| + |ψ̄|): it is also the duality gap of the averages.",
        arguments={"theta": (-1.0, 1.0), "psi": (-1.0, 1.0), "B": (1.0, 5.0)},
    ),
    Exercise(
        "average-size",
        11,
        "SimGD on the WGAN from distance 1, T rounds with h = 1/√T: how far from 0 is the average of the first T "
        "iterates?",
        lambda T: _average(1 / math.sqrt(round(T)), T),
        (
            Mistake(
                "last iterate for average",
                lambda T: (1 + 1 / round(T)) ** (round(T) / 2),
                "That is the distance of the last iterate, about √e: it does not even shrink.",
            ),
            Mistake(
                "flow for map",
                lambda T: 2 * abs(math.sin(math.sqrt(round(T)) / 2)) / math.sqrt(round(T)),
                "You averaged the circle of the flow. The map turns by 1 + ih, which is longer than 1.",
            ),
            Mistake(
                "bound for value",
                lambda T: averages.simgd_average_bound((1.0, 0.0), round(T)),
                "That is the bound (√e + 1)/√T. The exact sum is a geometric series.",
            ),
            Mistake(
                "step of a fixed size",
                lambda T: _average(0.3, T),
                "You kept h = 0.3. With a fixed step the average diverges as well.",
            ),
        ),
        "|(1 + ih)^T - 1|/(hT), at most (√e + 1)/√T.",
        arguments={"T": (10.0, 200.0)},
    ),
    Exercise(
        "dragan-distance",
        11,
        "DRAGAN penalises λ(|∇D| - k)². How far from the data is the generated point at its one-sided rest point?",
        lambda lam, k: abs(one_sided(2 * lam, k).theta),
        (
            Mistake(
                "factor ½ of the penalty",
                lambda lam, k: abs(one_sided(lam, k).theta),
                "Right for (λ/2)(|∇D| - k)². The derivative of λ(ψ - k)² is 2λ(ψ - k).",
            ),
            Mistake(
                "f'(0) forgotten, and a ½",
                lambda lam, k: lam * k,
                "Two factors of two are missing: the derivative of the square, and θ f'(0) = θ/2.",
            ),
            Mistake(
                "target of the slope",
                lambda lam, k: abs(one_sided(2 * lam, 1.0).theta),
                "Right for k = 1 only: the push at ψ = 0+ is 2λk.",
            ),
            Mistake("no kink", lambda lam, k: 0.0, "At (0, 0) the penalty pushes with 2λk to either side: no rest."),
        ),
        "4λk: the published λ = 10, k = 1 rests 40 away from the data.",
        arguments={"lam": (0.5, 10.0), "k": (0.5, 2.0)},
    ),
    Exercise(
        "dragan-node",
        11,
        "From which weight γ of (γ/2)(|∇D| - k)² on is the one-sided rest point a node, with real eigenvalues?",
        lambda k: node_threshold(k),
        (
            Mistake(
                "curvature of the loss",
                lambda k: 1.0,
                "Right at (0, 0), with J₂₂ = -γ. At θ = -2γk the loss adds θ²f''(0) = -γ²k².",
            ),
            Mistake(
                "f' of the WGAN",
                lambda k: 2.0,
                "Right for WGAN-GP, whose f'(0) = 1 and f'' = 0: γ = 2.",
            ),
            Mistake(
                "stable for node",
                lambda k: 0.0,
                "It is stable for every γ > 0. But a focus turns, and turning leads across ψ = 0.",
            ),
        ),
        "2/(1 + √(1 + 4k²)): for k = 1 it is (√5 - 1)/2, the golden ratio.",
        arguments={"k": (0.3, 3.0)},
    ),
)
