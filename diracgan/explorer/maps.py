"""The page's maps as Bokeh models: over two parameters, and of the fate of every start."""

from __future__ import annotations

from typing import Any

from diracgan.dynamics.fates import KINDS
from diracgan.explorer.figures import named_source, plain_figure
from diracgan.explorer.links import FATES as ROUNDS

# Okabe and Ito's colours, as in `plotting.basin`; they also differ in lightness.
FATES = dict(zip(KINDS, ("#999999", "#0072B2", "#F0E442", "#D55E00"), strict=True))


def fates(plot: Any, tag: str) -> None:
    """The fate of every start, by the codes of `KINDS`, so pale that paths and arrows stand out from it."""
    from bokeh.models import LinearColorMapper

    mapper = LinearColorMapper(palette=list(FATES.values()), low=-0.5, high=len(FATES) - 0.5)
    codes = named_source(f"fates{tag}", "image", "x", "y", "dw", "dh")
    plot.image("image", "x", "y", "dw", "dh", source=codes, color_mapper=mapper, global_alpha=0.4)


def times(plot: Any, tag: str) -> None:
    """After how many rounds a start has converged, on a logarithmic scale; nothing where it does not."""
    from bokeh.models import LogColorMapper

    colours: dict[str, Any] = {"name": f"timescolours{tag}", "palette": _blues(), "nan_color": "rgba(0, 0, 0, 0)"}
    mapper = LogColorMapper(low=1, high=ROUNDS, **colours)
    rounds = named_source(f"times{tag}", "image", "x", "y", "dw", "dh")
    plot.image("image", "x", "y", "dw", "dh", source=rounds, color_mapper=mapper, global_alpha=0.75)


def scale() -> list[str]:
    """The colours of `times` from the first round to the last, a few of them."""
    return _blues()[::12]


def _blues() -> list[str]:
    """From pale, the fastest, to dark: shades of what converges in the map of fates."""
    from bokeh.palettes import Blues256

    return list(Blues256[220::-1])


def _diverging(size: int = 255) -> list[str]:
    """Colours from blue over nearly white, the boundary of stability, to vermilion: legible for the colour-blind."""
    ends = ((0, 114, 178), (247, 247, 247), (213, 94, 0))
    colours = []
    for k in range(size):
        t = 2 * k / (size - 1)
        low, high = ends[int(t > 1)], ends[1 + int(t > 1)]
        share = t - int(t > 1)
        colours.append("#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high, strict=True)))
    return colours


def plane() -> Any:
    """The map over two parameters: what decides as colours, the boundaries of stability, the best and the present."""
    from bokeh.models import LinearColorMapper

    plot = plain_figure("plane", "γ", "h", sizing_mode="stretch_both")
    mapper = LinearColorMapper(name="planecolours", palette=_diverging(), low=0, high=2, nan_color="#bbbbbb")
    colours = named_source("planemap", "image", "x", "y", "dw", "dh")
    plot.image("image", "x", "y", "dw", "dh", source=colours, color_mapper=mapper)
    for kind, dash in (("neimark-sacker", "solid"), ("hopf", "solid"), ("flip", "dashed"), ("fold", "dotted")):
        plot.line(
            "x", "y", source=named_source(f"plane_{kind}", "x", "y"), line_color="#111111", line_width=2, line_dash=dash
        )
    names = named_source("planenames", "x", "y", "text")
    label = {"text_color": "#111111", "text_font_size": "13px", "text_baseline": "bottom", "text_align": "center"}
    plot.text("x", "y", text="text", source=names, background_fill_color="#ffffff", padding=2, y_offset=-6, **label)
    best = named_source("planebest", "x", "y")
    plot.scatter("x", "y", source=best, marker="star", size=17, fill_color="#F0E442", line_color="#111111")
    point = named_source("planepoint", "x", "y")
    plot.scatter("x", "y", source=point, size=14, fill_color="#111111", line_color="#ffffff", line_width=2.5)
    return plot
