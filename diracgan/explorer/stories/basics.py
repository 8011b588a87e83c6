"""What a Dirac-GAN is, why it circles, and what a penalty does to that."""

from __future__ import annotations

from diracgan.explorer.stories.step import Step, Story, view

WHAT = Story(
    "What a Dirac-GAN is",
    (
        Step(
            "The smallest GAN there is: the data is the point 0, the generator puts one point at θ, and the "
            "discriminator scores a point x by D(x) = ψx, the higher the more it takes it for generated. Here θ = "
            "1.5, and ψ = 0: the discriminator knows nothing yet.",
            "What does the discriminator learn first?",
            ("To score the right side higher", "To score the left side higher", "Nothing: ψ = 0 is optimal"),
            0,
            "The right side, where the generated point is: ψ grows. The generator then flees to the left, and the "
            "chase begins. The tab D(x) shows the scores.",
            view("gan", "flow", "1.5,0", 120),
            {"show": "arrows,nulls,fixed"},
            (r"neutral for the flow",),
            ("bounded",),
            holds=lambda paths: paths[0][1:20, 1].min() > 0 and paths[0][20, 0] < 1.5,
        ),
        Step(
            "At (0, 0) the generated point is the data, and the discriminator scores both alike.",
            "If the players start exactly there, what happens?",
            ("They stay", "They leave slowly", "They circle"),
            0,
            "They stay: it is the equilibrium, and the only one. Whether training ever gets there is another question: "
            "the eigenvalues at this point decide it for starts nearby.",
            view("gan", "flow", "0,0", 120),
            {"show": "arrows,nulls,fixed,locus"},
            (r"μ = 0 \+ 0\.5i",),
            ("converged",),
        ),
    ),
)


CIRCLES = Story(
    "Circles for ever",
    (
        Step(
            "Two numbers play against each other: θ is where the generator puts its point, ψ is the slope of the "
            "discriminator D(x) = ψx. The data is at 0. There is no penalty, and learning rates are infinitely small.",
            "Does the path from (1, 1) reach the equilibrium (0, 0)?",
            ("It arrives", "It circles for ever", "It escapes"),
            1,
            "It circles: along this flow θ² + ψ² never changes. Both eigenvalues are imaginary, so that linearisation "
            "cannot decide; the conserved distance does.",
            view("gan", "flow", "1,1", 300),
            {"show": "arrows,fixed,cycles,locus"},
            ("Linearisation cannot decide", r"neutral for the flow", r"max Re μ = 0"),
            ("bounded",),
            holds=lambda paths: abs((paths[0] ** 2).sum(1) - 2).max() < 1e-6,
        ),
        Step(
            "A computer takes steps. Simultaneous gradient descent moves both players at once, here with h = 0.2.",
            "What becomes of the circle?",
            ("It stays a circle", "It turns inwards", "It turns outwards"),
            2,
            "Outwards, and for every learning rate: near the equilibrium each step multiplies the distance by "
            "√(1 + h²f'(0)²) > 1. Smaller steps only take longer.",
            view("gan", "simgd", "0.5,0", 160, q_h=0.2, slide="a.h"),
            {"show": "arrows,fixed,cycles,locus"},
            ("Unstable: small deviations grow", "SimGD converges for no h"),
            ("bounded",),
            holds=lambda paths: ((paths[0][1:] ** 2).sum(1) > (paths[0][:-1] ** 2).sum(1)).all(),
        ),
        Step(
            "Alternating steps: the discriminator answers to the place where the generator has already gone.",
            "Inwards, outwards, or neither?",
            ("Inwards", "Outwards", "Neither"),
            2,
            "Neither. Both multipliers lie on the unit circle, |λ| = 1, and do so for every h below 4. The path stays, "
            "and it never arrives.",
            view("gan", "altgd", "1,1", 300, q_h=0.2, slide="a.h"),
            {"show": "arrows,fixed,locus"},
            ("Linearisation cannot decide", "neutral below the limit", r"spectral radius 1 to rounding"),
            ("bounded",),
            holds=lambda paths: (paths[0] ** 2).sum(1).min() > 1.5 and (paths[0] ** 2).sum(1).max() < 2.5,
        ),
        Step(
            "R1 punishes the slope of the discriminator at the data: it costs ψ the amount γψ²/2. We take γ = 0.3.",
            "And now?",
            ("It still circles", "It arrives", "It escapes"),
            1,
            "It arrives. The penalty takes away energy in every round, and both multipliers move into the unit circle.",
            view("r1", "altgd", "1,1", 300, p_gamma=0.3, q_h=0.2, slide="p.gamma"),
            {"show": "arrows,nulls,fixed,locus,fates"},
            ("Converges locally; 100 % of this view converges", r"spectral radius 0\.9695 < 1"),
            ("converged",),
        ),
        Step(
            "Back to simultaneous steps, with the same penalty γ = 0.3 and h = 0.2.",
            "Does the penalty cure these, too?",
            ("Yes, for small h", "Yes, for every h", "No"),
            0,
            "Yes, as long as h stays below γ/f'(0)² = 1.2. Drag h across it, and see the multipliers leave the circle.",
            view("r1", "simgd", "1,1", 500, p_gamma=0.3, q_h=0.2, slide="a.h"),
            {"show": "arrows,nulls,fixed,locus,fates"},
            ("Converges locally; 100 % of this view converges", r"Stable if and only if h is below the limit", r"1\.2"),
            ("converged",),
        ),
    ),
)


CRITICAL = Story(
    "R1 and its critical weight",
    (
        Step(
            "R1 adds γψ²/2 to what the discriminator pays. We take γ = 0.3 and follow the flow.",
            "How does the path arrive?",
            ("Straight", "On a spiral", "Not at all"),
            1,
            "On a spiral: the eigenvalues are a complex pair with negative real part, a stable focus.",
            view("r1", "flow", "1,1", 300, p_gamma=0.3, slide="p.gamma"),
            {"show": "arrows,nulls,fixed,locus"},
            ("Converges locally", r"max Re μ = −0\.15 < 0", "a focus"),
        ),
        Step(
            "We turn the penalty up, to γ = 1.",
            "Is this faster?",
            ("Faster", "Slower", "The same"),
            0,
            "It is the fastest of all: at γ = 2f'(0) = 1 both eigenvalues meet at −½.",
            view("r1", "flow", "1,1", 300, p_gamma=1, slide="p.gamma"),
            {"show": "arrows,nulls,fixed,locus"},
            ("Converges locally", r"max Re μ = −0\.5 < 0", "critical, the fastest flow"),
            ("converged",),
        ),
        Step(
            "If one is good, two should be better: γ = 2.",
            "Faster still?",
            ("Faster", "Slower again", "Unstable"),
            1,
            "Slower again. One eigenvalue runs away to the left, and the other one comes back to 0: the discriminator "
            "is held down so hard that it no longer drives the generator.",
            view("r1", "flow", "1,1", 300, p_gamma=2, slide="p.gamma"),
            {"show": "arrows,nulls,fixed,locus"},
            ("Converges locally", r"max Re μ = −0\.134 < 0", "a node, slower again"),
        ),
    ),
)
