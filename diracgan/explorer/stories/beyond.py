"""What the verdict at the equilibrium does not say: far starts, bounds, kinks, adaptive steps."""

from __future__ import annotations

from diracgan.explorer.stories.step import Step, Story, view

_ON_CYCLE = "0.03263182,1.19772335"

LOCAL = Story(
    "Local is not global",
    (
        Step(
            "R1 with a weak penalty, γ = 0.1, and long alternating steps, h = 2.2. The equilibrium is stable: the "
            "spectral radius is below 1.",
            "We start near it. Where does this path go?",
            ("To the equilibrium", "Onto a circle", "Away"),
            0,
            "To the equilibrium: a start that is close enough converges. That is what local stability promises, and no "
            "more than that.",
            view("r1", "altgd", "0.3,0.3", 400, p_gamma=0.1, q_h=2.2, slide="a.h"),
            {"show": "arrows,fixed,locus"},
            ("Converges locally", r"spectral radius 0\.\d+ < 1"),
            ("converged",),
        ),
        Step(
            "The same rule and the same numbers, but a second start farther out.",
            "Will the second path reach the equilibrium?",
            ("Yes, later", "No, it escapes", "No, and it never rests"),
            2,
            "It never rests: it visits the same six points for ever. A computer-assisted proof shows that this cycle "
            "exists and attracts, beside the equilibrium that attracts, too (diracgan prove coexistence).",
            view("r1", "altgd", f"0.3,0.3;{_ON_CYCLE}", 400, p_gamma=0.1, q_h=2.2, slide="a.h"),
            {"show": "arrows,fixed,cycles,locus"},
            ("Converges locally", r"cycle of 6 rounds"),
            ("converged", "bounded"),
        ),
        Step(
            "Now every start of this view at once: where does each of them end?",
            "Which share of the starts ends on the cycle?",
            ("That one orbit only", "A few per cent", "More than half"),
            1,
            "A few per cent, in thin bands that reach far outwards. A random start may well be one of them.",
            view("r1", "altgd", f"0.3,0.3;{_ON_CYCLE}", 400, p_gamma=0.1, q_h=2.2, slide="a.h"),
            {"show": "fixed,cycles,locus,fates"},
            (r"Converges locally; 9[0-7] % of this view converges", r"cycle of 6 rounds"),
            ("converged", "bounded"),
        ),
        Step(
            "We make the steps longer still: h = 2.3. The equilibrium remains stable, less so than before.",
            "What do longer steps do to the share that converges?",
            ("Less converges", "The same", "All of this view converges"),
            2,
            "The cycle is gone, and all of this view converges again: the cycle attracts for h up to 2.2066 only.",
            view("r1", "altgd", f"0.3,0.3;{_ON_CYCLE}", 400, p_gamma=0.1, q_h=2.3, slide="a.h"),
            {"show": "fixed,cycles,locus,fates"},
            (r"Converges locally; 100 % of this view converges",),
            ("converged", "converged"),
        ),
        Step(
            "One more turn of the same knob: h = 2.62. The spectral radius is still below 1.",
            "Is everything well from here on?",
            ("Yes, up to the limit of h", "No, another cycle waits"),
            1,
            "Another cycle waits, of four rounds, and it catches about a third of this view. A verdict at the "
            "equilibrium says nothing of this: it has to be asked of every start.",
            view("r1", "altgd", "0.3,0.3", 400, p_gamma=0.1, q_h=2.62, slide="a.h"),
            {"show": "fixed,cycles,locus,fates"},
            (r"Converges locally; 6[0-9] % of this view converges", r"cycles? of 4 rounds"),
        ),
    ),
)


CLIPPING = Story(
    "Clipping bounds, it does not damp",
    (
        Step(
            "The Wasserstein GAN clips its discriminator: |ψ| ≤ 1. Simultaneous steps with h = 0.2 start inside.",
            "Where does this path end?",
            ("At the equilibrium", "At the clipping bound, at rest", "On a closed curve"),
            2,
            "On a closed curve that touches the bound: clipping stops the growth, but nothing pulls inwards.",
            view("wgan", "simgd", "0.3,0", 500, p_clip=1, q_h=0.2, slide="p.clip"),
            {"show": "arrows,nulls,fixed,cycles,locus"},
            ("Unstable: small deviations grow", "SimGD converges for no h", "Path 1 ends on a closed curve"),
            ("bounded",),
        ),
        Step(
            "The same loss without clipping, with R1 instead: γ = 0.3.",
            "And now?",
            ("A smaller closed curve", "It arrives", "It escapes"),
            1,
            "It arrives, slowly, as long as h < γ/f'(0)² = 0.3: for this loss f'(0) = 1.",
            view("wgan-r1", "simgd", "0.3,0", 1200, p_gamma=0.3, q_h=0.2, slide="a.h"),
            {"show": "arrows,nulls,fixed,cycles,locus"},
            ("Converges locally", r"= 0\.3\."),
            ("converged",),
        ),
    ),
)


KINK = Story(
    "WGAN-GP and its kink",
    (
        Step(
            "WGAN-GP pulls |ψ| towards 1, not towards 0: its penalty has a kink at ψ = 0, where the equilibrium is. "
            "One path starts near it, the other far out.",
            "Where do they go?",
            ("Both to the equilibrium", "Both onto the same cycle", "The near one in, the far one out"),
            1,
            "Both onto one cycle. There is no Jacobian at the kink that could have warned of it; for γ < 2 it is "
            "proved that every start with ψ ≠ 0 ends there (diracgan prove wgan-gp).",
            view("wgan-gp", "flow", "0.1,0.1;1.8,1.5", 400, p_gamma=0.7, slide="p.gamma"),
            {"show": "arrows,nulls,fixed,cycles"},
            ("Observed: keeps going round", "Paths 1, 2 end on a cycle", "No Jacobian here: a kink"),
            ("bounded", "bounded"),
        ),
        Step(
            "A strong penalty, γ = 2.5, leaves no cycle.",
            "Does the flow now find the equilibrium?",
            ("Yes", "No, it rests beside it", "No, it escapes"),
            1,
            "It comes to rest at (−2.5, 0): beside the equilibrium, by exactly γ. That, too, is proved for every γ "
            "≥ 2.",
            view("wgan-gp", "flow", "0.5,0.5", 600, p_gamma=2.5, slide="p.gamma", box="-4,4,-4,4"),
            {"show": "arrows,nulls,fixed"},
            ("Observed: comes to rest", r"2\.5 away from the equilibrium"),
            ("bounded",),
        ),
    ),
)


CONSENSUS = Story(
    "Consensus, seen from far out",
    (
        Step(
            "Consensus optimisation also descends on the squared norm of the field. It damps strongly: the spectral "
            "radius is 0.857. Five discriminator steps a round; one start is near, one is at (1, 1).",
            "Do both arrive?",
            ("Both", "Only the near one", "Neither"),
            1,
            "Only the near one. Far out the squared norm has other places to go: two saddles off the solution exist "
            "for every γ (diracgan prove consensus).",
            view("consensus", "altgd", "0.4,0.4;1,1", 500, p_gamma=1, q_h=0.2, q_n_d=5, box="-3,3,-3,3"),
            {"show": "arrows,fixed,locus,saddles"},
            ("Converges locally", r"spectral radius 0\.857\d* < 1"),
            ("converged", "bounded"),
        ),
        Step(
            "All starts of this view at once.",
            "Which share of them arrives?",
            ("Nearly all", "About half", "About a quarter"),
            2,
            "About a quarter. The best verdict at the equilibrium, and most of the view is lost.",
            view("consensus", "altgd", "0.4,0.4;1,1", 500, p_gamma=1, q_h=0.2, q_n_d=5, box="-3,3,-3,3"),
            {"show": "fixed,locus,fates"},
            (r"Converges locally; 2[0-9] % of this view converges",),
            ("converged", "bounded"),
        ),
    ),
)


ADAPTIVE = Story(
    "Adaptive steps",
    (
        Step(
            "R1 with γ = 0.3 and plain simultaneous steps, h = 0.1.",
            "This is the case that R1 cures. Does it arrive?",
            ("It arrives", "It circles"),
            0,
            "It arrives: h is far below the limit.",
            view("r1", "simgd", "1,1", 800, p_gamma=0.3, q_h=0.1, slide="a.h"),
            {"show": "arrows,nulls,fixed,locus"},
            ("Converges locally", "Stable if and only if h is below the limit"),
            ("converged",),
        ),
        Step(
            "RMSProp divides every step by the size of recent gradients: same game, same penalty, same h = 0.1.",
            "Faster, slower, or something else?",
            ("It arrives faster", "It arrives slower", "It does not arrive"),
            2,
            "It does not arrive. Close to the equilibrium gradients are small, and dividing by them keeps the steps "
            "long: the path ends on a closed curve around it. There is no linearisation there, so that this is "
            "observed.",
            view("r1", "rmsprop", "1,1", 500, p_gamma=0.3, q_h=0.1, slide="a.h"),
            {"show": "arrows,nulls,fixed,cycles"},
            ("Observed: ", "Path 1 ends on a closed curve", "No multipliers"),
            ("bounded",),
        ),
    ),
)
