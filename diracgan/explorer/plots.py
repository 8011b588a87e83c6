"""The page's plots as Bokeh models: what is drawn where. The data arrive in the browser."""

from __future__ import annotations

from typing import Any

# Okabe and Ito's colours, legible for the colour-blind.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#B0A000")


def _source(name: str, *columns: str) -> Any:
    from bokeh.models import ColumnDataSource

    return ColumnDataSource({column: [] for column in columns}, name=name)


def _figure(name: str, x: str, y: str, x_range: Any = None, y_range: Any = None, **options: Any) -> Any:
    from bokeh.models.ranges import Range1d
    from bokeh.plotting import figure

    plot = figure(
        name=name,
        x_range=x_range or Range1d(start=-2, end=2),
        y_range=y_range or Range1d(start=-2, end=2),
        x_axis_label=x,
        y_axis_label=y,
        toolbar_location=None,
        tools="",
        min_border=4,
        min_border_right=16,
        **options,
    )
    for axis in plot.axis:
        axis.axis_label_text_font_style = "italic"
        axis.minor_tick_line_color = None
    plot.grid.grid_line_alpha = 0.25
    plot.outline_line_alpha = 0.4
    return plot


def phase(tag: str) -> Any:
    """The phase plane of one side of the comparison."""
    from bokeh.models import PanTool, WheelZoomTool
    from bokeh.models.annotations import BoxAnnotation

    plot = _figure(f"phase{tag}", "θ  generator", "ψ  discriminator", frame_width=400, frame_height=400)
    plot.add_tools(PanTool(), WheelZoomTool(modifiers={"ctrl": True}))
    for end in ("above", "below"):
        plot.add_layout(BoxAnnotation(name=f"{end}{tag}", fill_color="#888888", fill_alpha=0.25, visible=False))
    energy = _source(f"energy{tag}", "xs", "ys")
    plot.multi_line("xs", "ys", source=energy, line_color="#999999", line_dash="dotted")
    streams = _source(f"streams{tag}", "xs", "ys")
    plot.multi_line("xs", "ys", source=streams, line_color="#7f8894", line_alpha=0.55)
    arrows = _source(f"arrows{tag}", "x0", "y0", "x1", "y1", "angle", "alpha", "size")
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
        null = _source(f"null_{which}{tag}", "x", "y")
        plot.line("x", "y", source=null, line_color=colour, line_dash="dashed", line_width=2)
    rest = _source(f"restline{tag}", "x", "y")
    plot.line("x", "y", source=rest, line_color="#9aa3ad", line_width=7, line_alpha=0.7)
    paths = _source(f"paths{tag}", "xs", "ys", "colour")
    plot.multi_line("xs", "ys", source=paths, line_color="colour", line_width=2)
    dots = _source(f"dots{tag}", "x", "y", "colour")
    plot.scatter("x", "y", source=dots, size=4, fill_color="colour", line_color=None)
    starts = _source(f"starts{tag}", "x", "y", "colour")
    plot.scatter("x", "y", source=starts, size=13, fill_color="#ffffff", line_color="colour", line_width=3)
    fixed = _source(f"fixed{tag}", "x", "y", "marker", "fill", "line")
    plot.scatter("x", "y", source=fixed, marker="marker", size=13, fill_color="fill", line_color="line", line_width=2.5)
    now = _source(f"now{tag}", "x", "y", "colour")
    plot.scatter("x", "y", source=now, size=13, fill_color="colour", line_color="#ffffff", line_width=2)
    return plot


def spectrum() -> Any:
    """The complex plane: unit disc or left half plane, the locus over a slider, the current eigenvalues."""
    from bokeh.models.annotations import BoxAnnotation
    from bokeh.palettes import Viridis256
    from bokeh.transform import linear_cmap

    plot = _figure("spectrum", "Re λ", "Im λ", frame_width=210, frame_height=210)
    plot.add_layout(BoxAnnotation(name="half", right=0, fill_color="#009E73", fill_alpha=0.1, visible=False))
    disc = _source("disc", "x", "y")
    plot.patch("x", "y", source=disc, fill_color="#009E73", fill_alpha=0.1, line_color="#6b7685", line_width=1.5)
    locus = _source("locus", "x", "y", "t")
    plot.scatter("x", "y", source=locus, size=4, color=linear_cmap("t", Viridis256[20:240], 0, 1))
    for tag, marker, colour, fill, size in (
        ("", "circle", COLOURS[0], COLOURS[0], 10),
        ("B", "square", COLOURS[1], None, 14),
    ):
        eigen = _source(f"eigen{tag}", "x", "y")
        plot.scatter("x", "y", source=eigen, marker=marker, size=size, fill_color=fill, line_color=colour, line_width=2)
    return plot


def line() -> Any:
    """The discriminators over the data and the generated points; the second one is dashed."""
    plot = _figure("line", "x", "D(x)", height=200, sizing_mode="stretch_width")
    for tag, dash in (("", "solid"), ("B", "dashed")):
        score = _source(f"score{tag}", "x", "y")
        plot.line("x", "y", source=score, line_color="#E69F00", line_width=3, line_dash=dash)
    diracs = _source("diracs", "x", "y0", "y1", "colour", "label")
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
    plot = _figure("series", "step", "θ, ψ", height=210, sizing_mode="stretch_width")
    for tag, dash in (("", "solid"), ("B", "dashed")):
        source = _source(f"track{tag}", "n", "theta", "psi")
        plot.line("n", "theta", source=source, line_color="#CC79A7", line_width=2, line_dash=dash)
        plot.line("n", "psi", source=source, line_color="#009E73", line_width=2, line_dash=dash)
    return _with_cursor(plot)


def distance() -> Any:
    """The distance to the equilibrium on a logarithmic axis, beside the predicted rate."""
    plot = _figure("distance", "step", "‖x − x*‖", height=210, sizing_mode="stretch_width", y_axis_type="log")
    for tag, dash in (("", "solid"), ("B", "dashed")):
        source = _source(f"gap{tag}", "xs", "ys", "colour")
        plot.multi_line("xs", "ys", source=source, line_color="colour", line_width=2, line_dash=dash)
        rate = _source(f"rate{tag}", "x", "y")
        plot.line("x", "y", source=rate, line_color="#8a8f98", line_dash="dotted", line_width=2.5)
    return _with_cursor(plot)


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

    plot = _figure("plane", "γ", "h", height=300, sizing_mode="stretch_width")
    mapper = LinearColorMapper(name="planecolours", palette=_diverging(), low=0, high=2, nan_color="#bbbbbb")
    colours = _source("planemap", "image", "x", "y", "dw", "dh")
    plot.image("image", "x", "y", "dw", "dh", source=colours, color_mapper=mapper)
    for kind, dash in (("neimark-sacker", "solid"), ("hopf", "solid"), ("flip", "dashed"), ("fold", "dotted")):
        plot.line(
            "x", "y", source=_source(f"plane_{kind}", "x", "y"), line_color="#111111", line_width=2, line_dash=dash
        )
    names = _source("planenames", "x", "y", "text")
    label = {"text_color": "#111111", "text_font_size": "13px", "text_baseline": "bottom", "text_align": "center"}
    plot.text("x", "y", text="text", source=names, background_fill_color="#ffffff", padding=2, y_offset=-6, **label)
    best = _source("planebest", "x", "y")
    plot.scatter("x", "y", source=best, marker="star", size=17, fill_color="#F0E442", line_color="#111111")
    point = _source("planepoint", "x", "y")
    plot.scatter("x", "y", source=point, size=14, fill_color="#111111", line_color="#ffffff", line_width=2.5)
    return plot


def models() -> dict[str, Any]:
    """Every plot by its name."""
    plots = [phase(""), phase("B"), spectrum(), line(), series(), distance(), plane()]
    return {plot.name: plot for plot in plots}


def document() -> dict[str, Any]:
    """All plots as one Bokeh document in JSON, each a root of its own."""
    from bokeh.document import Document
    from bokeh.embed.util import standalone_docs_json

    document, plots = Document(), list(models().values())
    for plot in plots:
        document.add_root(plot)
    return dict(next(iter(standalone_docs_json(plots).values())))
