"""What every plot of the page is made from: a figure without tools, a source that the browser fills."""

from __future__ import annotations

from typing import Any

# Bokeh's own annotations know half of what its functions take: plots and sources are Any in this room.

# Okabe and Ito's colours, legible for the colour-blind.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#B0A000")


def named_source(name: str, *columns: str) -> Any:
    """An empty table of columns, which the browser finds by its name."""
    from bokeh.models import ColumnDataSource

    return ColumnDataSource({column: [] for column in columns}, name=name)


def plain_figure(name: str, x: str, y: str, x_range: Any = None, y_range: Any = None, **options: Any) -> Any:
    """A plot with two labelled axes."""
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
