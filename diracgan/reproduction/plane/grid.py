"""Which runs on the plane are made, and how each is kept on disk so that a killed reproduction goes on."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from diracgan.beyond.plane import METHODS, OPTIMISERS, TARGETS, PlaneRun, Setting, run
from diracgan.storage.files import save_table

_ARRAYS = ("states", "samples", "held", "w1", "floor", "spectrum")


@dataclasses.dataclass(frozen=True)
class Grid:
    """Every target × method × optimiser of these, with so many seeds and rounds of each."""

    name: str
    targets: tuple[str, ...] = tuple(TARGETS)
    methods: tuple[str, ...] = tuple(METHODS)
    optimisers: tuple[str, ...] = tuple(OPTIMISERS)
    seeds: int = 5
    rounds: int = 3000
    held: int = 512
    setting: Setting = dataclasses.field(default_factory=Setting)

    def __iter__(self) -> Iterator[Cell]:
        # The target last: all of them share the program of a method.
        for method, optimiser, target in itertools.product(self.methods, self.optimisers, self.targets):
            yield Cell(self, target, method, optimiser)

    def __len__(self) -> int:
        return len(self.targets) * len(self.methods) * len(self.optimisers)


FULL = Grid("plane")
QUICK = Grid(
    "plane-quick",
    targets=("line", "circle"),
    methods=("none", "r1"),
    seeds=3,
    rounds=200,
    held=128,
    setting=Setting(batch=32, points=512),
)


@dataclasses.dataclass(frozen=True)
class Cell:
    """One run of a grid: several seeds of a method on a target."""

    grid: Grid
    target: str
    method: str
    optimiser: str

    @property
    def stem(self) -> str:
        """The name of its file, without the ending."""
        return f"{self.target}--{self.method}--{self.optimiser}"

    @property
    def identity(self) -> str:
        """All that its numbers depend on but for versions, as JSON."""
        grid = self.grid
        return json.dumps(
            {
                "target": self.target,
                "method": [self.method, METHODS[self.method].title, repr(dict(METHODS[self.method].changes))],
                "optimiser": repr(OPTIMISERS[self.optimiser]),
                "seeds": grid.seeds,
                "rounds": grid.rounds,
                "held": grid.held,
                "setting": dataclasses.asdict(grid.setting),
            },
            ensure_ascii=False,
        )

    def computed(self) -> PlaneRun:
        """The run itself."""
        grid = self.grid
        return run(
            self.target, self.method, self.optimiser,
            seeds=grid.seeds, rounds=grid.rounds, held=grid.held, setting=grid.setting,
        )  # fmt: skip

    def save(self, folder: Path, made: PlaneRun) -> None:
        """Write the run into a file of its own, whole."""
        columns = {name: np.asarray(getattr(made, name)) for name in _ARRAYS}
        save_table(folder / f"{self.stem}.npz")({**columns, "identity": np.array(self.identity)})

    def read(self, folder: Path) -> PlaneRun | None:
        """The run from its file; None where there is none, it is damaged, or it is another run's."""
        try:
            # The bytes first: of a damaged file numpy leaves a handle open.
            with np.load(io.BytesIO((folder / f"{self.stem}.npz").read_bytes())) as kept:
                if str(kept["identity"]) != self.identity:
                    return None
                arrays: dict[str, Any] = {name: kept[name] for name in _ARRAYS}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        arrays["floor"] = float(arrays["floor"])
        optimiser = repr(OPTIMISERS[self.optimiser])
        return PlaneRun(self.target, self.method, optimiser, self.grid.setting, self.grid.rounds, **arrays)
