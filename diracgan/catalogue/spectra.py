"""The linearisation at an equilibrium as a record that JSON can hold, and as a person reads it."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from diracgan.algorithms import Algorithm
from diracgan.dynamics.linearisation import linearised
from diracgan.dynamics.spectrum import eigenvalues, jacobian
from diracgan.dynamics.system import system
from diracgan.dynamics.verdicts import judge
from diracgan.games.fields import VectorField


def spectrum_record(field: VectorField, algorithm: Algorithm | None = None) -> dict[str, object]:
    """What `diracgan spectrum` prints: Jacobian, eigenvalues (of the flow or of the update) and verdict.

    >>> spectrum_record(dg.method("r1", gamma=0.5))["jacobian"]
    [[-0.0, -0.5], [0.5, -0.5]]
    """
    chosen = system(field, algorithm)
    found = linearised(chosen, slope=algorithm is not None)
    (judged,) = judge(chosen, found)
    record: dict[str, object] = {"method": repr(field), "algorithm": chosen.rule}
    if judged.kind == "not differentiable":
        for side, name in ((1, "above"), (-1, "below")):
            record[f"jacobian {name}"] = np.asarray(jacobian(field, side=side)).tolist()
            record[f"eigenvalues {name}"] = _pairs(eigenvalues(field, side=side))
    else:
        chosen.check_linear()
        slope = (found.matrix if found.slope is None else found.slope)[0]
        record["jacobian"] = slope.tolist()
        if algorithm is None:
            record["eigenvalues"] = _pairs(eigenvalues_of(slope))
        else:
            record["update_jacobian"] = found.matrix[0].tolist()
            record["multipliers"] = _pairs(eigenvalues_of(found.matrix[0]))
    return record | {
        "verdict": judged.kind,
        "number": _jsonable(judged.number),
        "condition": judged.condition,
        "reason": judged.reason,
        "half_life": _jsonable(judged.half_life),
    }


def _jsonable(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _pairs(values: Any) -> list[list[float]]:
    return [[float(value.real), float(value.imag)] for value in np.asarray(values)]


def eigenvalues_of(matrix: np.ndarray) -> np.ndarray:
    """Of two the closed form, as in `eigenvalues`: a double one keeps all its digits."""
    if matrix.shape != (2, 2):
        return np.linalg.eigvals(matrix)
    # Squares of the largest floats would overflow.
    scale = max(1.0, float(np.max(np.abs(matrix))))
    (a, b), (c, d) = (matrix / scale).tolist()
    mean, root = (a + d) / 2, cmath.sqrt(((a - d) / 2) ** 2 + b * c)
    return np.array([complex(mean + root.real, root.imag), complex(mean - root.real, -root.imag)]) * scale


def record_text(record: dict[str, object]) -> str:
    """The record for a terminal: complex numbers as such, nothing where there is no number."""
    lines = []
    for name, value in record.items():
        if name.startswith(("eigenvalues", "multipliers")):
            value = spectrum_text(value, digits=6)
        elif "jacobian" in name:
            value = np.array2string(np.array(value), precision=6, separator=", ").replace("\n", "")
        elif name in ("number", "half_life"):
            if value in ("nan", "inf"):
                continue
            name = {"half_life": "half-life", "number": "max |λ|" if "multipliers" in record else "max Re μ"}[name]
            value = f"{value:.6g}"
        words = name.replace("update_jacobian", "round Jacobian").replace("jacobian", "Jacobian").replace("_", " ")
        lines.append(f"{words:18} {value}")
    return "\n".join(lines)


def spectrum_text(pairs: Any, digits: int = 4) -> str:
    """Two eigenvalues as a person writes them.

    >>> spectrum_text([[-0.15, 0.477], [-0.15, -0.477]])
    '-0.15 ± 0.477i'
    >>> spectrum_text([[0.0, 0.5], [0.0, -0.5]]), spectrum_text([[-0.5, 0.0], [-0.5, 0.0]]), spectrum_text("none known")
    ('±0.5i', '-0.5 (double)', 'none known')
    """
    if isinstance(pairs, str):
        return pairs
    shown = [complex(round(re, digits) + 0.0, round(im, digits) + 0.0) for re, im in pairs]
    if len(shown) == 2 and shown[0].imag and shown[0] == shown[1].conjugate():
        imaginary = f"{abs(shown[0].imag):g}i".replace("1i", "i" if abs(shown[0].imag) == 1 else "1i")
        return f"±{imaginary}" if shown[0].real == 0 else f"{shown[0].real:g} ± {imaginary}"
    if len(shown) == 2 and shown[0] == shown[1]:
        return f"{shown[0].real:g} (double)"
    return ", ".join(f"{z.real:g}" if z.imag == 0 else f"{z.real:g}{z.imag:+g}i" for z in shown)
