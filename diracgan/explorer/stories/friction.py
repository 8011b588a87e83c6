"""What pulls inwards, and how far a step may go: noise as a penalty, the limits of the learning rate."""

from __future__ import annotations

from diracgan.explorer.stories.step import Step, Story, view

NOISE = Story(
    "Noise is a penalty",
    (
        Step(
            "No penalty, but normal noise with σ = 0.7 on generated and real points alike; alternating steps, h = 0.2.",
            "Noise makes the discriminator's work harder. And the training?",
            ("It circles as before", "It converges", "It escapes"),
            1,
            "It converges. Averaged over the noise, the objective punishes a steep discriminator by itself: noise is a "
            "penalty that nobody wrote down.",
            view("instance-noise", "altgd", "1,1", 400, p_sigma=0.7, q_h=0.2, slide="p.sigma"),
            {"show": "arrows,nulls,fixed,locus"},
            ("Converges locally", r"spectral radius 0\.9752 < 1"),
            ("converged",),
        ),
        Step(
            "The penalty that this noise amounts to is R1 with γ = σ²/2 = 0.245. Here it is, without any noise.",
            "How do its multipliers compare with those of the noise?",
            ("They are the same", "Closer to the circle", "Farther inside"),
            0,
            "The same: at the equilibrium only the second moment of the noise counts. Farther out the two differ.",
            view("r1", "altgd", "1,1", 400, p_gamma=0.245, q_h=0.2, slide="p.gamma"),
            {"show": "arrows,nulls,fixed,locus"},
            ("Converges locally", r"spectral radius 0\.9752 < 1"),
            ("converged",),
        ),
    ),
)


LIMITS = Story(
    "How long a step may be",
    (
        Step(
            "R1 with γ = 0.3 and simultaneous steps of h = 1, just below their limit of 1.2.",
            "More penalty, up to γ = 1: may steps then be longer, or must they be shorter?",
            ("Longer", "Shorter", "The limit does not move"),
            0,
            "Longer: up to γ = 1 the limit is h = 4γ, since the penalty has to outweigh what the steps push outwards. "
            "Drag the point over the map.",
            view("r1", "simgd", "1,1", 300, p_gamma=0.3, q_h=1, slide="p.gamma", plane="p.gamma,a.h"),
            {"show": "arrows,nulls,fixed,locus"},
            ("Converges locally", r"spectral radius 0\.9747 < 1", r"1\.2"),
            ("converged",),
        ),
        Step(
            "The same penalty, γ = 0.3, with alternating steps of h = 2, which are well inside of their limit.",
            "More penalty lets simultaneous steps be longer. And alternating ones?",
            ("Longer, too", "Shorter", "The limit does not move"),
            1,
            "Shorter: the edge falls from h = 4 as γ grows. Alternating steps have nothing that pushes outwards to be "
            "outweighed. Drag the point across the edge.",
            view("r1", "altgd", "1,1", 300, p_gamma=0.3, q_h=2, slide="p.gamma", plane="p.gamma,a.h"),
            {"show": "arrows,nulls,fixed,locus"},
            ("Converges locally", r"spectral radius 0\.6325 < 1"),
            ("converged",),
        ),
    ),
)
