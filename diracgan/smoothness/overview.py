"""Loss × condition: which of (D1)-(D3) hold on the line, with the number and the pair that shows it."""

from __future__ import annotations

import dataclasses
import math

from diracgan.smoothness.conditions import Constants, constants, limits
from diracgan.smoothness.convolutions import InfConvolution
from diracgan.smoothness.divergences import ASSUMPTION, Divergence
from diracgan.smoothness.free import Minimax, NonSaturating
from diracgan.smoothness.kernels import MMD
from diracgan.smoothness.responses import ClippedQuadratic, LinearR1
from diracgan.smoothness.transport import Wasserstein1

CONDITIONS = ("D1", "D2", "D3")
_NAMES = ("alpha", "beta1", "beta2")


@dataclasses.dataclass(frozen=True, eq=False)
class Row:
    """One loss, the `divergence` with its `title`: `holds` says of (D1), (D2), (D3) whether each holds; `reported` what
    the paper is reported to say.

    `reported` is None where nothing is reported. The numbers and their witnesses are those of `constants`.
    """

    title: str
    divergence: Divergence
    constants: Constants
    reported: tuple[bool, bool, bool] | None

    @property
    def holds(self) -> tuple[bool, bool, bool]:
        """Whether α, β₁ and β₂ are finite."""
        return tuple(math.isfinite(getattr(self.constants, name)) for name in _NAMES)  # type: ignore[return-value]

    def cells(self) -> tuple[str, ...]:
        """The row as texts: title, one cell per condition, the bound, the truth, and what is reported."""
        marks = [
            f"{'✓' if holds else '✗'} {getattr(self.constants, name):.4g}"
            for name, holds in zip(_NAMES, self.holds, strict=True)
        ]
        said = "not reported" if self.reported is None else "".join("✓" if one else "✗" for one in self.reported)
        return (self.title, *marks, f"{self.constants.bound:.4g}", f"{self.constants.true:.4g}", said)


class Table(tuple[Row, ...]):
    """The rows; printed as a table, with the witnesses in `witnesses()`."""

    head = ("loss", "D1: α", "D2: β₁", "D3: β₂", "bound L", "true", "reported")
    note = f"J on pairs (δ_θ, δ_0), θ and x in the box; {ASSUMPTION}; 'reported' is not checked against the paper."

    def __str__(self) -> str:
        rows = [self.head, *(row.cells() for row in self)]
        widths = [max(len(row[k]) for row in rows) for k in range(len(self.head))]
        lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([*lines, self.note])

    def witnesses(self) -> str:
        """Where each supremum is attained, and the sequence that shows an infinite one."""
        lines = []
        for row in self:
            lines.append(row.title)
            lines += [
                f"  {condition}: {row.constants.witnesses[name]}"
                for condition, name in zip(CONDITIONS, _NAMES, strict=True)
            ]
        return "\n".join(lines)


def table(box: tuple[float, float] = (-3, 3)) -> Table:
    """Every loss of this room against (D1), (D2) and (D3): ✓ or ✗ with the constant, beside what is reported.

    Takes some ten seconds, nearly all of it for the inf-convolutions. Raises `ValueError` for an empty box and one
    without the datum 0.
    """
    box = limits(box)
    reported = {True: (True, True, True), False: (False, False, False)}
    rows = (
        (Minimax(), reported[False]),
        (NonSaturating(), reported[False]),
        (Wasserstein1(), (True, False, False)),
        (MMD(1.0), reported[True]),
        (MMD.published(), reported[True]),
        (LinearR1(0.5), None),
        (ClippedQuadratic(1.0, 0.5), None),
        (InfConvolution(lipschitz=1.0), None),
        (InfConvolution(gamma=0.5), None),
        (InfConvolution(lipschitz=0.5, gamma=0.5), None),
        (InfConvolution(lipschitz=0.5, smooth=0.5, gamma=0.5), None),
    )
    return Table(Row(_titled(J), J, _constants(J, box), said) for J, said in rows)


def _constants(divergence: Divergence, box: tuple[float, float]) -> Constants:
    # Each pair of an inf-convolution is an optimisation of its own.
    return constants(divergence, box, 25, 5) if isinstance(divergence, InfConvolution) else constants(divergence, box)


def _titled(divergence: Divergence) -> str:
    """The divergence and its parameters with four digits."""
    declared = {field.name: getattr(divergence, field.name) for field in dataclasses.fields(divergence)}
    if isinstance(divergence, InfConvolution) and divergence.gamma is None:
        del declared["tau"]
    given = {name: value for name, value in declared.items() if value is not None and name not in ("link", "span")}
    shown = ", ".join(f"{name} = {float(value):.4g}" for name, value in given.items())
    return f"{divergence.title}; {shown}" if shown else divergence.title
