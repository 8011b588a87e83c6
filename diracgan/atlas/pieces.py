"""The flow of a planar field in pieces: from one kink, clip face or section to the next.

Between events the field is smooth; each piece is integrated on its own, with the side of every kink held fixed.
"""

from __future__ import annotations

import math

import numpy as np

from diracgan.atlas.sides import Look, held, kinks_count, look
from diracgan.atlas.smooth import FAR, RELATIVE, Curve, Place, follow, rest_near, velocity_at
from diracgan.games.fields import VectorField

# Below the second speed a rest point is looked for; where there is one, the orbit is followed relative to it.
_REST, _SLOW = 1e-9, 1e-3
Pieces = list[tuple[float, Curve]]


class Flow:
    """The flow of one field; `x` is the position, `sides` the side of every kink, `face` ±1 while it slides there."""

    def __init__(self, field: VectorField, x: np.ndarray, rtol: float = RELATIVE) -> None:
        self.field, self.rtol = field, rtol
        self.known: dict[tuple[bytes, bytes], np.ndarray] = {}
        self.centre = np.asarray(field.equilibrium, np.float64)
        bound = field.domain.bound
        self.bound = math.inf if bound is None else float(bound)
        if bound is not None:
            x = np.append(x[:1], np.clip(x[1:], -self.bound, self.bound))
        self.y = np.concatenate([x, np.eye(2).ravel(), np.zeros(3)])
        self.jumps = 1.0
        self.rest: np.ndarray | None = None
        self.slow, self.first = _SLOW, 1e-4
        self.sides = np.zeros(kinks_count(field))
        seen = self._look(x)
        self.sides = np.sign(seen.values)
        for i in np.flatnonzero(np.abs(seen.values) <= 1e-14 * (1 + np.abs(x).max())).tolist():
            self.sides[i] = self._leaving(x, i, seen.slopes[i])
        self.face = 0
        self._land()
        if self.face:
            # What is moved off the face comes back to it: only the part along it stays.
            self.y[2:6] = [1, 0, 0, 0]
            self.jumps = 0.0

    @property
    def x(self) -> np.ndarray:
        """The position."""
        return self.y[:2]

    @property
    def determinant(self) -> float:
        """That of the monodromy matrix, by Liouville's formula: it keeps its digits however small it is."""
        return self.jumps * math.exp(self.y[8])

    def velocity(self, x: np.ndarray, face: int | None = None, sides: np.ndarray | None = None) -> np.ndarray:
        """The velocity on the present sides, or on given ones."""
        chosen = self.sides if sides is None else sides
        asked = (x.tobytes(), chosen.tobytes())
        if asked not in self.known:
            self._look(x, chosen)
        return held(self.known[asked], bool(self.face if face is None else face))

    def _look(self, x: np.ndarray, sides: np.ndarray | None = None) -> Look:
        seen = look(self.field, x, self.sides if sides is None else sides)
        # What an event asks for next is known by then.
        self.known |= {(x.tobytes(), on.tobytes()): v for on, v in zip(seen.sides, seen.speeds, strict=True)}
        return seen

    @property
    def before(self) -> np.ndarray:
        """The velocity at the end of the last piece, on its sides."""
        x, place = self.end
        return velocity_at(self.field, x, place)

    def _leaving(self, x: np.ndarray, i: int, slope: np.ndarray) -> float:
        """The side of kink `i` that the flow from a point of it moves into."""
        for side in (1.0, -1.0):
            sides = self.sides.copy()
            sides[i] = side
            if side * float(slope @ self.velocity(x, 0, sides)) > 0:
                return side
        raise ValueError(
            f"the orbit reaches a kink at {x.tolist()} which it leaves on neither side: it comes to rest or slides "
            "along the kink, which is not followed; give a start whose orbit avoids it"
        )

    def _land(self) -> None:
        """Slide on the clip face where the velocity points out of it."""
        if abs(self.x[1]) >= self.bound:
            outward = math.copysign(1, self.x[1])
            self.face = int(outward) if outward * self.velocity(self.x, 0)[1] > 0 else 0

    def piece(self, across: np.ndarray, direction: int) -> tuple[int | None, float, Curve]:
        """Go on to the next event: its number (0 the section, None neither kink nor face), the time and the curve.

        The section is the line through the equilibrium with the normal `across`.
        """
        y, boundaries = self.y.copy(), len(self.sides) + math.isfinite(self.bound)
        y[:2] -= 0 if self.rest is None else self.rest
        place = Place(
            sides=self.sides.copy(),
            face=float(self.face),
            centre=self.centre,
            rest=self.rest,
            across=across,
            direction=float(direction),
            slow=self.slow,
            near=2 * float(np.linalg.norm(y[:2])),
        )
        which, y, curve, done = follow(self.field, y, place, self.first, self.rtol)
        self.first, self.end, time = float(done.step), (done.y[:2], place), float(done.time)
        if self.rest is not None and which == boundaries + 2:
            raise ValueError(f"the orbit comes to rest at {self.rest.tolist()}: nothing brings it away from there")
        y[:2] += 0 if self.rest is None else self.rest
        self.y, beside, self.rest = y, self.rest is not None, None
        if which <= boundaries:
            self.slow = _SLOW
            return which, time, curve
        if not beside and which <= boundaries + 2:
            self._ended(which == boundaries + 2, time)
        return None, time, curve

    def _ended(self, far: bool, time: float) -> None:
        """Far away there is nothing more to follow; where the orbit is slow, a rest point may be near."""
        at = self.x.tolist()
        if far:
            raise ValueError(f"the orbit diverges: it leaves the disc of radius {FAR:g} around the equilibrium at {at}")
        if self.slow == _REST:
            raise ValueError(f"the orbit comes to rest at {at}: its speed is below {_REST:g} after time {time:.4g}")
        self.rest = rest_near(self.field, self.x, self.sides, bool(self.face), self.centre)
        self.slow = _REST if self.rest is None else _SLOW

    def cross(self, which: int) -> None:
        """Pass from one piece to the next, with the saltation matrix of the event."""
        if which <= len(self.sides):
            i = which - 1
            normal = self._look(self.x).slopes[i]
            self.sides[i] = 0.0
            self.sides[i] = self._leaving(self.x, i, normal)
        elif self.face:
            self.face = 0
            return
        else:
            normal = np.array([0.0, 1.0])
            self.y[1] = math.copysign(self.bound, self.y[1])
            # Where it only touches the face the cycle is that of the interior, and nothing is cut off.
            if abs(self.before[1]) <= 1e-6 * float(np.linalg.norm(self.before)):
                return
            self._land()
        after, before = self.velocity(self.x), self.before
        saltation = np.eye(2) + np.outer(after - before, normal) / (normal @ before)
        self.y[2:6] = (saltation @ self.y[2:6].reshape(2, 2)).ravel()
        self.jumps *= float(normal @ after / (normal @ before))

    def until(self, across: np.ndarray, direction: int) -> tuple[float, Pieces]:
        """Go on until the section is crossed in that direction; the time and the pieces."""
        total, pieces = 0.0, []
        which: int | None = None
        while which != 0:
            which, time, curve = self.piece(across, direction)
            total += time
            pieces.append((time, curve))
            if len(pieces) > 1000:
                raise ValueError(f"the orbit does not return: it chatters on a kink near {self.x.tolist()}")
            if which:
                self.cross(which)
        return total, pieces

    def turn(self, ray: np.ndarray) -> tuple[float, Pieces]:
        """Go on from a point of the ray until the angle about the equilibrium has changed by 2π, in either sense.

        The orbit may cross the ray to and fro before: counted are half turns, by the crossings of the whole line.
        """
        across = np.array([-ray[1], ray[0]])
        half = 0 if across @ self.velocity(self.x) > 0 else -1
        direction = -1 if half == 0 else 1
        total, pieces = 0.0, []
        while half not in (2, -3):
            time, more = self.until(across, direction)
            half += direction if ray @ (self.x - self.centre) > 0 else -direction
            direction = -direction
            total += time
            pieces += more
            if len(pieces) > 1000:
                raise ValueError(f"the orbit does not turn about the equilibrium {self.centre.tolist()}")
        return total, pieces
