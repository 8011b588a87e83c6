"""Stories for a lecture: steps that ask for a prediction first, and then let the page compute the answer."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from diracgan.explorer.stories.basics import CIRCLES, CRITICAL, WHAT
from diracgan.explorer.stories.beyond import ADAPTIVE, CLIPPING, CONSENSUS, KINK, LOCAL
from diracgan.explorer.stories.friction import LIMITS, NOISE
from diracgan.explorer.stories.step import Step, Story

STORIES: Mapping[str, Story] = {
    "what": WHAT,
    "circles": CIRCLES,
    "critical": CRITICAL,
    "limits": LIMITS,
    "noise": NOISE,
    "local": LOCAL,
    "clipping": CLIPPING,
    "kink": KINK,
    "consensus": CONSENSUS,
    "adaptive": ADAPTIVE,
}


def described() -> dict[str, dict[str, object]]:
    """The stories as the page reads them, with the addresses of their views."""

    def step(one: Step) -> dict[str, object]:
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
