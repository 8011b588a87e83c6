"""Stories for a lecture: steps that ask for a prediction first, and then let the page compute the answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode


@dataclasses.dataclass(frozen=True)
class Step:
    """One question about one view.

    `view` is the address of what is seen while the question is open, `then` what changes in it with the answer;
    `right` is the index of the answer that is right. `said` are regular expressions that the page's own verdict must
    match once it is shown, and `fates` is what becomes of the paths there, so that no claim stands on its own.
    """

    text: str
    question: str
    answers: tuple[str, ...]
    right: int
    reveal: str
    view: Mapping[str, Any]
    then: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    said: tuple[str, ...] = ()
    fates: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Story:
    """Steps in their order, under a title."""

    title: str
    steps: tuple[Step, ...]


def _view(method: str, algorithm: str, start: str, steps: int, **values: Any) -> dict[str, Any]:
    """A view whose paths wait at their starts; `p_gamma` and `q_h` are hyper-parameters of method and algorithm."""
    given = {(f"{key[0]}.{key[2:]}" if key[:2] in ("p_", "q_") else key): value for key, value in values.items()}
    return {"m": method, "a": algorithm, "x": start, "n": steps, "k": 1, "show": "arrows", **given}


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
            _view("gan", "flow", "1,1", 300),
            {"show": "arrows,fixed,cycles,locus"},
            ("Linearisation cannot decide", r"neutral for the flow", r"max Re μ = 0"),
            ("bounded",),
        ),
        Step(
            "A computer takes steps. Simultaneous gradient descent moves both players at once, here with h = 0.2.",
            "What becomes of the circle?",
            ("It stays a circle", "It turns inwards", "It turns outwards"),
            2,
            "Outwards, and for every learning rate: near the equilibrium each step multiplies the distance by "
            "√(1 + h²f'(0)²) > 1. Smaller steps only take longer.",
            _view("gan", "simgd", "0.5,0", 160, q_h=0.2, slide="a.h"),
            {"show": "arrows,fixed,cycles,locus"},
            ("Unstable: small deviations grow", "SimGD converges for no h"),
            ("bounded",),
        ),
        Step(
            "Alternating steps: the discriminator answers to the place where the generator has already gone.",
            "Inwards, outwards, or neither?",
            ("Inwards", "Outwards", "Neither"),
            2,
            "Neither. Both multipliers lie on the unit circle, |λ| = 1, and do so for every h below 4. The path stays, "
            "and it never arrives.",
            _view("gan", "altgd", "1,1", 300, q_h=0.2, slide="a.h"),
            {"show": "arrows,fixed,locus"},
            ("Linearisation cannot decide", "neutral below the limit", r"spectral radius 1 to rounding"),
            ("bounded",),
        ),
        Step(
            "R1 punishes the slope of the discriminator at the data: it costs ψ the amount γψ²/2. We take γ = 0.3.",
            "And now?",
            ("It still circles", "It arrives", "It escapes"),
            1,
            "It arrives. The penalty takes away energy in every round, and both multipliers move into the unit circle.",
            _view("r1", "altgd", "1,1", 300, p_gamma=0.3, q_h=0.2, slide="p.gamma"),
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
            _view("r1", "simgd", "1,1", 500, p_gamma=0.3, q_h=0.2, slide="a.h"),
            {"show": "arrows,nulls,fixed,locus,fates"},
            ("Converges locally; 100 % of this view converges", r"Stable if and only if h is below the limit", r"1\.2"),
            ("converged",),
        ),
    ),
)

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
            _view("r1", "altgd", "0.3,0.3", 400, p_gamma=0.1, q_h=2.2, slide="a.h"),
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
            _view("r1", "altgd", f"0.3,0.3;{_ON_CYCLE}", 400, p_gamma=0.1, q_h=2.2, slide="a.h"),
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
            _view("r1", "altgd", f"0.3,0.3;{_ON_CYCLE}", 400, p_gamma=0.1, q_h=2.2, slide="a.h"),
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
            _view("r1", "altgd", f"0.3,0.3;{_ON_CYCLE}", 400, p_gamma=0.1, q_h=2.3, slide="a.h"),
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
            _view("r1", "altgd", "0.3,0.3", 400, p_gamma=0.1, q_h=2.62, slide="a.h"),
            {"show": "fixed,cycles,locus,fates"},
            (r"Converges locally; 6[0-9] % of this view converges", r"cycles? of 4 rounds"),
        ),
    ),
)

STORIES: Mapping[str, Story] = {"circles": CIRCLES, "local": LOCAL}


def described() -> dict[str, Any]:
    """The stories as the page reads them, with the addresses of their views."""

    def step(one: Step) -> dict[str, Any]:
        address = lambda view: "#" + urlencode(view, safe=",;")
        shown = {key: value for key, value in {**one.view, **one.then}.items() if key != "k"}
        return {
            "text": one.text,
            "question": one.question,
            "answers": list(one.answers),
            "right": one.right,
            "reveal": one.reveal,
            "view": address(one.view),
            "then": address(shown),
        }

    return {
        name: {"title": story.title, "steps": [step(one) for one in story.steps]} for name, story in STORIES.items()
    }
