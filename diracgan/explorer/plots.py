"""The page's plots as Bokeh models: what is drawn where. The data arrive in the browser."""

from __future__ import annotations

from typing import Any

from diracgan.explorer.figures import COLOURS, named_source, plain_figure
from diracgan.explorer.maps import fates, plane, times


def phase(tag: str) -> Any:
    """The phase plane of one side of the comparison."""
    from bokeh.models import PanTool, WheelZoomTool
    from bokeh.models.annotations import BoxAnnotation

    plot = plain_figure(f"phase{tag}", "θ  generator", "ψ  discriminator", frame_width=400, frame_height=400)
    plot.add_tools(PanTool(), WheelZoomTool(modifiers={"ctrl": True}))
    for end in ("above", "below"):
        plot.add_layout(BoxAnnotation(name=f"{end}{tag}", fill_color="#888888", fill_alpha=0.25, visible=False))
    fates(plot, tag)
    times(plot, tag)
    energy = named_source(f"energy{tag}", "xs", "ys")
    plot.multi_line("xs", "ys", source=energy, line_color="#999999", line_dash="dotted")
    streams = named_source(f"streams{tag}", "xs", "ys")
    plot.multi_line("xs", "ys", source=streams, line_color="#7f8894", line_alpha=0.55)
    arrows = named_source(f"arrows{tag}", "x0", "y0", "x1", "y1", "angle", "alpha", "size")
    plot.segment("x0", "y0", "x1", "y1", source=arrows, line_color="#7f8894", line_alpha="alpha", line_width=1.2)
    plot.scatter(
        "x1",
        "y1",
        source=arrows,
        marker="triangle",
        angle="angle",
        size="size",
        fill_color="#7f8894",
        fill_alpha="alpha",
        line_color=None,
    )
    for which, colour in (("theta", "#E69F00"), ("psi", "#009E73")):
        null = named_source(f"null_{which}{tag}", "x", "y")
        plot.line("x", "y", source=null, line_color=colour, line_dash="dashed", line_width=2)
    rest = named_source(f"restline{tag}", "x", "y")
    plot.line("x", "y", source=rest, line_color="#9aa3ad", line_width=7, line_alpha=0.7)
    _structures(plot, tag)
    paths = named_source(f"paths{tag}", "xs", "ys", "colour")
    plot.multi_line("xs", "ys", source=paths, line_color="colour", line_width=2)
    dots = named_source(f"dots{tag}", "x", "y", "colour")
    plot.scatter("x", "y", source=dots, size=4, fill_color="colour", line_color=None)
    starts = named_source(f"starts{tag}", "x", "y", "colour")
    plot.scatter("x", "y", source=starts, size=13, fill_color="#ffffff", line_color="colour", line_width=3)
    fixed = named_source(f"fixed{tag}", "x", "y", "marker", "fill", "line")
    plot.scatter("x", "y", source=fixed, marker="marker", size=13, fill_color="fill", line_color="line", line_width=2.5)
    now = named_source(f"now{tag}", "x", "y", "colour")
    plot.scatter("x", "y", source=now, size=13, fill_color="colour", line_color="#ffffff", line_width=2)
    return plot


def _structures(plot: Any, tag: str) -> None:
    """The manifolds of saddles, and the cycles: rounds as dots, in their order."""
    for which, colour in (("stable", "#2288CC"), ("unstable", "#D55E00")):
        branches = named_source(f"{which}{tag}", "xs", "ys")
        plot.multi_line("xs", "ys", source=branches, line_color=colour, line_width=1.6)
    rings = named_source(f"rings{tag}", "xs", "ys")
    plot.multi_line("xs", "ys", source=rings, line_color="#CC79A7", line_width=1.8)
    rounds = named_source(f"rounds{tag}", "x", "y", "size")
    plot.scatter("x", "y", source=rounds, size="size", marker="square", fill_color="#CC79A7", line_color=None)


def spectrum() -> Any:
    """The complex plane: unit disc or left half plane, the locus over a slider, the current eigenvalues."""
    from bokeh.models.annotations import BoxAnnotation
    from bokeh.palettes import Viridis256
    from bokeh.transform import linear_cmap

    plot = plain_figure("spectrum", "Re λ", "Im λ", frame_width=210, frame_height=210)
    plot.add_layout(BoxAnnotation(name="half", right=0, fill_color="#009E73", fill_alpha=0.1, visible=False))
    disc = named_source("disc", "x", "y")
    plot.patch("x", "y", source=disc, fill_color="#009E73", fill_alpha=0.1, line_color="#6b7685", line_width=1.5)
    locus = named_source("locus", "x", "y", "t")
    plot.scatter("x", "y", source=locus, size=4, color=linear_cmap("t", Viridis256[20:240], 0, 1))
    for tag, marker, colour, fill, size in (
        ("", "circle", COLOURS[0], COLOURS[0], 10),
        ("B", "square", COLOURS[1], None, 14),
    ):
        eigen = named_source(f"eigen{tag}", "x", "y")
        plot.scatter("x", "y", source=eigen, marker=marker, size=size, fill_color=fill, line_color=colour, line_width=2)
    return plot


def line() -> Any:
    """The discriminators over the data and the generated points; the second one is dashed."""
    plot = plain_figure("line", "x", "D(x)", sizing_mode="stretch_both")
    for tag, dash in (("", "solid"), ("B", "dashed")):
        score = named_source(f"score{tag}", "x", "y")
        plot.line("x", "y", source=score, line_color="#E69F00", line_width=3, line_dash=dash)
    diracs = named_source("diracs", "x", "y0", "y1", "colour", "label")
    plot.segment("x", "y0", "x", "y1", source=diracs, line_color="colour", line_width=7)
    plot.text(
        "x",
        "y1",
        text="label",
        source=diracs,
        text_color="colour",
        text_align="center",
        text_baseline="bottom",
        text_font_size="14px",
    )
    return plot


def _with_cursor(plot: Any) -> Any:
    from bokeh.models.annotations import Span

    for tag, dash in (("", "solid"), ("B", "dashed")):
        name = f"cursor_{plot.name}{tag}"
        plot.add_layout(Span(name=name, location=0, dimension="height", line_color="#888888", line_dash=dash))
    return plot


def series() -> Any:
    """θ and ψ over the steps."""
    plot = plain_figure("series", "step", "θ, ψ", sizing_mode="stretch_both")
    for tag, dash in (("", "solid"), ("B", "dashed")):
        source = named_source(f"track{tag}", "n", "theta", "psi")
        plot.line("n", "theta", source=source, line_color="#CC79A7", line_width=2, line_dash=dash)
        plot.line("n", "psi", source=source, line_color="#009E73", line_width=2, line_dash=dash)
    return _with_cursor(plot)


def distance() -> Any:
    """The distance to the equilibrium on a logarithmic axis, beside the predicted rate."""
    from bokeh.models import FixedTicker

    plot = plain_figure("distance", "step", "‖x − x*‖", sizing_mode="stretch_both", y_axis_type="log")
    plot.yaxis.ticker = FixedTicker(ticks=[])
    for tag, dash in (("", "solid"), ("B", "dashed")):
        source = named_source(f"gap{tag}", "xs", "ys", "colour")
        plot.multi_line("xs", "ys", source=source, line_color="colour", line_width=2, line_dash=dash)
        rate = named_source(f"rate{tag}", "x", "y")
        plot.line("x", "y", source=rate, line_color="#8a8f98", line_dash="dotted", line_width=2.5)
    return _with_cursor(plot)


def strip() -> Any:
    """What is left after a transient, over one parameter, and where that stands now."""
    from bokeh.models.annotations import Span

    plot = plain_figure("strip", "h", "r", sizing_mode="stretch_both")
    dots = named_source("stripdots", "x", "y")
    plot.scatter("x", "y", source=dots, size=2, fill_color="#3d9bd6", fill_alpha=0.8, line_color=None)
    plot.add_layout(Span(name="strip_now", location=0, dimension="height", line_color="#D55E00", line_width=1.5))
    return plot


def models() -> dict[str, Any]:
    """Every plot by its name."""
    plots = [phase(""), phase("B"), spectrum(), line(), series(), distance(), plane(), strip()]
    return {plot.name: plot for plot in plots}


def document() -> dict[str, Any]:
    """All plots as one Bokeh document in JSON, each a root of its own."""
    from bokeh.document import Document
    from bokeh.embed.util import standalone_docs_json

    document, plots = Document(), list(models().values())
    for plot in plots:
        for renderer in plot.renderers:
            # Nothing is ever selected or muted: what that would look like is a third of the document.
            renderer.nonselection_glyph = renderer.muted_glyph = None
        document.add_root(plot)
    return dict(next(iter(standalone_docs_json(plots).values())))
