"""The figures of the article: each asks for a prediction, and then computes the answer in front of the reader."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from diracgan.explorer.stories.basics import CIRCLES, CRITICAL, WHAT
from diracgan.explorer.stories.beyond import ADAPTIVE, CONSENSUS, KINK, LOCAL
from diracgan.explorer.stories.friction import LIMITS, NOISE
from diracgan.explorer.stories.step import Step


@dataclasses.dataclass(frozen=True)
class Figure:
    """A question about a view of the explorer: which parts of it are seen, and which sliders stand beside them.

    `asked` are the parts in sight while the question is open, `answered` those with the answer.
    """

    step: Step
    answered: str
    controls: str = ""
    height: int = 520
    asked: str = "plane,steps"

    def address(self, answered: bool) -> str:
        """The end of the page's address, with the question open or answered."""
        state: dict[str, Any] = {**self.step.view, **(self.step.then if answered else {})}
        if answered:
            state.pop("k", None)
        state["parts"] = self.answered if answered else self.asked
        if self.controls and answered:
            state["controls"] = self.controls
        return "#" + urlencode(state, safe=",;")


def _told(step: Step, reveal: str, **changed: Any) -> Step:
    """A step of a story, with words of its own for a figure that stands in a text."""
    return dataclasses.replace(step, reveal=reveal, **changed)


FIGURES: Mapping[str, Figure] = {
    "meet": Figure(
        _told(
            WHAT.steps[0],
            "The right side, where generated points are: ψ grows, and the line tilts. The generator flees to the "
            "left, and the chase begins. Drag the start elsewhere, and play it again.",
        ),
        "plane,discriminator,steps",
    ),
    "circles": Figure(
        _told(
            CIRCLES.steps[0],
            "It circles, at a distance that never changes. Start it farther out, and it circles there, only more "
            "slowly.",
        ),
        "plane,distance,steps",
    ),
    "simultaneous": Figure(
        _told(
            CIRCLES.steps[1],
            "Outwards, for every h. Make it as small as you like: the multipliers stay outside of the unit circle.",
        ),
        "plane,spectrum,steps",
        "h",
    ),
    "alternating": Figure(
        _told(
            CIRCLES.steps[2],
            "Neither, as far as one can see: both multipliers lie on the unit circle, up to h = 4. Try h = 3, and "
            "see what a neutral map may look like.",
        ),
        "plane,spectrum,steps",
        "h",
    ),
    "penalty": Figure(
        _told(
            CRITICAL.steps[2],
            "Slower again: a discriminator that is held down so hard no longer drives the generator. Move γ through 1, "
            "and watch the two eigenvalues meet and part.",
            text="The flow with R1, which charges γψ²/2. With γ = 1 it arrives sooner than with less. We take γ = 2.",
        ),
        "plane,spectrum,steps",
        "gamma",
    ),
    "limits": Figure(LIMITS.steps[1], "plane,parameters,steps", "gamma,h"),
    "kink": Figure(
        _told(
            KINK.steps[0],
            "Both onto one cycle, which is proved to be the fate of every start with ψ ≠ 0 for γ < 2. Raise γ past "
            "2: the cycle is gone, and the flow comes to rest beside the solution.",
        ),
        "plane,distance,steps",
        "gamma",
    ),
    "noise": Figure(NOISE.steps[0], "plane,spectrum,steps", "sigma,h"),
    "local": Figure(
        _told(
            LOCAL.steps[1],
            "It never rests: it visits the same six points for ever, beside an equilibrium that attracts. The "
            "colours show where every start of the view ends; thin bands of them end on the cycle.",
            then={"show": "fixed,cycles,fates"},
        ),
        "plane,spectrum,steps",
        "h",
    ),
    "consensus": Figure(
        _told(
            CONSENSUS.steps[0],
            "Only the near one. The crosses are saddles, and what starts behind the curves that lead into them is "
            "lost.",
            then={"show": "fixed,saddles,fates"},
        ),
        "plane,steps",
        "gamma,h",
    ),
    "adaptive": Figure(
        _told(
            ADAPTIVE.steps[1],
            "It does not arrive. Near the solution gradients are small, and dividing by them keeps the steps long. "
            "There is no linearisation at such a point: this is observed, not proved.",
        ),
        "plane,distance,steps",
        "h",
    ),
}
