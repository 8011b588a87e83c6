"""Films of a trajectory: a GIF through pillow, an MP4 through ffmpeg."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from diracgan.algorithms import Algorithm, as_algorithm
from diracgan.dynamics.trajectories import SAVE_EVERY, simulate
from diracgan.games.fields import FieldLike, VectorField, as_planar
from diracgan.games.inputs import as_box, as_function, as_path, told
from diracgan.games.parameters import Parameter
from diracgan.plotting.canvas import palette
from diracgan.plotting.path import drawable, equilibrium
from diracgan.plotting.plane import vector_field
from diracgan.storage.files import place, whole

_FPS = Parameter("fps", "fps", "frames per second", 25.0, (0.01, 50.0))


_INCHES = Parameter("size", "size", "width and height of a frame in inches", bounds=(0.1, 100.0))


def animate(
    field: FieldLike,
    algorithm: Algorithm,
    start: ArrayLike = (1.0, 1.0),
    steps: int = 500,
    file: Any = "trajectory.gif",
    fps: float = 25.0,
    box: ArrayLike = 2.0,
    save_every: int = 1,
) -> Path:
    """A film of an algorithm's path over the vector field, one frame per `save_every` rounds, the start included.

    Args:
        field, algorithm, start, steps: as for `simulate`, with one start.
        file: the name ends in ".gif", or in ".mp4" where the program ffmpeg is installed.
        fps: frames per second, at most 50 (a GIF counts in hundredths of a second).
        box: what is shown, as for `vector_field`.
        save_every: rounds from one frame to the next.

    Returns the path of the file, which appears (or replaces an older one) only once it is complete. `ValueError` for
    another ending or a missing ffmpeg.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dg.animate(dg.method("gan"), dg.SimGD(0.2), steps=2, file=f"{folder}/gan.gif").name
    'gan.gif'
    """
    _checked(file, fps)
    field, algorithm, box = as_planar(field), as_algorithm(algorithm), as_box(box)
    every = SAVE_EVERY.convert(save_every)
    path = np.asarray(simulate(field, algorithm, start, steps, every), np.float64)
    if path.ndim != 2:
        raise ValueError(f"a film follows one start of shape (2,); shape {np.shape(start)} was given")
    return _written(_frames(field, algorithm, path, box, every), file, fps)


def film(
    draw: Callable[[Axes, Any], Any],
    values: Sequence[Any],
    file: Any = "film.gif",
    fps: float = 12.0,
    size: Any = (4, 4),
) -> Path:
    """A film over the values of anything: `draw(ax, value)` draws each frame on empty Axes.

    Args:
        draw: for example `lambda ax, gamma: phase_portrait(dg.method("r1", gamma=gamma), ax=ax)`.
        values: one frame each.
        file, fps: as for `animate`.
        size: width and height of a frame in inches.

    Returns the path of the file, which appears only once it is complete.

    >>> import pathlib, tempfile
    >>> from diracgan import plotting
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "gamma.gif"
    >>> portrait = lambda ax, gamma: plotting.vector_field(dg.method("r1", gamma=gamma), ax)
    >>> plotting.film(portrait, [0.0, 0.5, 1.0], file).name
    'gamma.gif'
    """
    _checked(file, fps)
    as_function(draw, "draw", "Axes and a value", "ax", "value")
    if not isinstance(values, (list, tuple, range)) and not (isinstance(values, np.ndarray) and values.ndim):
        raise TypeError(f"values must be a list of them, one for each frame; {told(values)} was given")
    inches = np.asarray(_INCHES.convert(size))
    if inches.shape != (2,):
        raise ValueError(f"size must be a width and a height in inches; {told(size)} was given")
    width, height = inches.tolist()
    if not len(values):
        raise ValueError("a film needs at least one value; none was given")

    def frames() -> Iterator[np.ndarray]:
        for value in values:
            figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
            canvas = FigureCanvasAgg(figure)
            draw(figure.add_subplot(), value)
            canvas.draw()
            yield np.asarray(canvas.buffer_rgba())[..., :3].copy()

    return _written(frames(), file, fps)


def _checked(file: Any, fps: float) -> str | None:
    """The program ffmpeg where the film needs it; `ValueError` for an ending or a rate that is impossible."""
    file = as_path(file)
    if file.suffix.lower() not in (".gif", ".mp4"):
        raise ValueError(f"the file of a film must end in .gif or .mp4; {file.name!r} was given")
    ffmpeg = shutil.which(mpl.rcParams["animation.ffmpeg_path"])
    if file.suffix.lower() == ".mp4" and ffmpeg is None:
        raise ValueError(f"an MP4 needs the program ffmpeg, which was not found; install it, or write {file.stem}.gif")
    _FPS.number(fps)
    place(file)
    return ffmpeg


def _written(frames: Iterator[np.ndarray], file: Any, fps: float) -> Path:
    file, ffmpeg = Path(file), _checked(file, fps)
    with whole(file) as partial:
        if file.suffix.lower() == ".gif":
            _write_gif(frames, partial, float(fps))
        else:
            _write_mp4(frames, partial, float(fps), str(ffmpeg))
    return file


def _frames(field: VectorField, algorithm: Algorithm, path: np.ndarray, box: Any, every: int) -> Iterator[np.ndarray]:
    """One picture after the other, uint8 `(height, width, 3)`: the background is drawn once."""
    figure = Figure(figsize=(4, 4), dpi=120, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    ax = equilibrium(field, vector_field(field, figure.add_subplot(), box), algorithm)
    shown, p = drawable(path, (*ax.get_xlim(), *ax.get_ylim())), palette(ax)
    keep: dict[str, Any] = {"scalex": False, "scaley": False, "color": p.path}
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)
    (trail,) = ax.plot([], [], linewidth=0.6, marker="o", markersize=2.2, markeredgewidth=0, **keep)
    (begin,) = ax.plot(*shown[0], marker="o", markersize=6, markeredgecolor=p.paper, **keep | {"color": p.start})
    (here,) = ax.plot([], [], marker="s", markersize=6, markeredgecolor=p.paper, **keep)
    counter = ax.text(0.03, 0.97, "", transform=ax.transAxes, va="top", bbox={"color": p.paper, "pad": 2})
    for k in range(len(path)):
        trail.set_data(*shown[: k + 1].T)
        here.set_data(*shown[k : k + 1].T)
        counter.set_text(f"k = {k * every}")
        canvas.restore_region(background)
        for artist in (trail, begin, here, counter):
            ax.draw_artist(artist)
        yield np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _write_gif(frames: Iterator[np.ndarray], file: Path, fps: float) -> None:
    from PIL import Image

    pictures = list(frames)
    colours, index = _common_colours(pictures[-1])
    indexed = [Image.fromarray(index[tuple(np.moveaxis(picture >> 3, -1, 0))]) for picture in pictures]
    for picture in indexed:
        picture.putpalette(colours.tobytes())
    indexed[0].save(file, format="GIF", save_all=True, append_images=indexed[1:], duration=round(1000 / fps), loop=0)


def _common_colours(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 256 commonest colours, and for every colour, by its upper five bits per channel, the number of one of them.

    The last frame shows everything, so that its colours serve the whole film. Pillow's own quantisation averages
    colours that are close, which turns a white background grey.
    """
    packed, often = np.unique(picture.astype(np.int32) @ (1 << 16, 1 << 8, 1), return_counts=True)
    packed = packed[np.argsort(-often, kind="stable")[:256], None]
    colours = (packed >> (16, 8, 0) & 255).astype(np.uint8)
    # Every number here is an integer below 2²⁴, which float32 holds exactly.
    cells = np.indices((32, 32, 32), np.float32).reshape(3, -1).T * 8 + 4
    wide = colours.astype(np.float32)
    index = np.argmin(np.sum(wide**2, axis=1) - 2 * cells @ wide.T, axis=1).astype(np.uint8).reshape(32, 32, 32)
    for number in reversed(range(len(colours))):
        index[tuple(colours[number] >> 3)] = number
    return colours, index


def _write_mp4(frames: Iterator[np.ndarray], file: Path, fps: float, ffmpeg: str) -> None:
    first = next(frames)
    height, width = (side - side % 2 for side in first.shape[:2])
    command = f"-y -loglevel error -f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {fps:g} -i -"
    command += " -pix_fmt yuv420p -f mp4"
    with subprocess.Popen([ffmpeg, *command.split(), str(file)], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdin is not None and run.stderr is not None
        try:
            for frame in (first, *frames):
                run.stdin.write(np.ascontiguousarray(frame[:height, :width]).tobytes())
            run.stdin.close()
        except BrokenPipeError:
            pass
        said = run.stderr.read().decode(errors="replace").strip()
    if run.returncode:
        raise OSError(f"ffmpeg failed with status {run.returncode}: {said}")
