"""A generative image model from the same game: every method of `beyond.images` on a set of pictures, and what it shows.

Nothing here is a claim of a paper: small networks, few seeds, and one statement about them, which the numbers decide.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from diracgan.beyond.features import Classifier, coverage, frechet, split, trained_classifier
from diracgan.beyond.images import METHODS, ImageSet, Plan, digits, game, samples, starts, whole_game
from diracgan.beyond.leading import leading_spectrum
from diracgan.beyond.training import train
from diracgan.games.general import GAN
from diracgan.games.inputs import as_choice, as_kind, as_path
from diracgan.reproduction.sheets import draw_curves, draw_sheet
from diracgan.storage.durable import write_whole
from diracgan.storage.files import directory, write_text

SAMPLES = 1000
# Whose spectra are compared at the end of training.
SPECTRA = ("none", "r1")
_EIGENVALUES = 4


def default_plan(average: float = 0.0) -> Plan:
    """What minutes on two cores allow; on an accelerator larger networks, larger minibatches and more rounds."""
    if jax.default_backend() == "cpu":
        return Plan(rounds=3000, average=average)
    return Plan(rounds=40_000, width=512, latent=64, batch=256, h=2e-4, average=average)


def reproduce_images(
    out: str | Path,
    images: ImageSet | None = None,
    plan: Plan | None = None,
    methods: Sequence[str] = tuple(METHODS),
    average: float = 0.0,
) -> int:
    """Train every method on a set of images and write `images/` into the directory `out`; returns the exit code 0.

    Args:
        out: where to write; what an interrupted call has trained is gone on with.
        images: the set, by default the handwritten digits of scikit-learn.
        plan: networks, rounds and seeds, `default_plan(average)` by default.
        methods: names of `beyond.images.METHODS`.
        average: the rate of a running mean of the weights for the default plan, 0 for none.

    Written are a sheet of samples over training, the Fréchet distance and the class coverage over the rounds, the
    leading eigenvalues at the end with and without R1 (those that ARPACK found, with their residuals), and
    `results.json`; printed is whether R1 did no worse than each other method. One fifth of the images is held out.

    Raises `TypeError` and `ValueError` for arguments that do not fit and for a directory with a run of another plan.
    """
    began = time.perf_counter()
    for name in methods:
        as_choice(name, "a method", tuple(METHODS))
    images = digits() if images is None else as_kind(images, "images", ImageSet, "digits()")
    plan = default_plan(average) if plan is None else as_kind(plan, "plan", Plan, "Plan(rounds=1000)")
    target = directory(as_path(out, "out") / "images")
    _same(target / "plan.json", images, plan)
    # In float32, as networks are trained, whatever the command's default is.
    with jax.enable_x64(False):
        training, held_out = split(images)
        classifier = trained_classifier(training, held_out)
        floor = frechet(classifier.features(training.flat), classifier.features(held_out.flat))
        print(f"classifier  accuracy {classifier.accuracy:.3f}, distance of held-out images {floor:.3f}", flush=True)
        games = {name: game(name, training, plan) for name in methods}
        states = {name: trained(name, games[name], training, plan, target / name) for name in methods}
        rows = [row for name in methods for row in _judged(name, games[name], states[name], training, classifier, plan)]
        shown = {name: samples(games[name], states[name][:, 0], 12) for name in methods}
    spectra = {name: _spectrum(whole_game(games[name], training), states[name]) for name in SPECTRA if name in methods}
    results = {
        "set": images.name,
        "plan": {field: getattr(plan, field) for field in plan.__dataclass_fields__},
        "classifier": {"accuracy": classifier.accuracy, "distance of held-out images": floor},
        "rows": rows,
        "spectra": spectra,
        "statement": statement(rows),
        "seconds": round(time.perf_counter() - began, 1),
    }
    write_text(target / "results.json", json.dumps(results, indent=1, allow_nan=False))
    print(draw_sheet(target / f"{images.name}-samples.png", shown, training, plan))
    print(draw_curves(target / f"{images.name}-distances.png", rows, spectra, floor, plan))
    print(results["statement"])
    return 0


def _same(file: Path, images: ImageSet, plan: Plan) -> None:
    """Note the set and the plan of a directory; `ValueError` where it holds those of others."""
    here: dict[str, Any] = {field: getattr(plan, field) for field in plan.__dataclass_fields__}
    here |= {"set": images.name, "images": hashlib.sha256(images.images.tobytes()).hexdigest()}
    if not file.exists():
        write_text(file, json.dumps(here, indent=1))
        return
    there = json.loads(file.read_text(encoding="utf-8"))
    for name in here:
        if there.get(name) != here[name]:
            raise ValueError(
                f"{str(file.parent)!r} holds runs with {name} = {there.get(name)}, here it is {here[name]}: give "
                "another directory"
            )


def trained(method: str, played: GAN, images: ImageSet, plan: Plan, store: Path) -> np.ndarray:
    """The states of every milestone and seed, shape `(milestones, seeds, n)`; what the store has is not done again."""
    start, states = starts(method, images, plan), []
    for rounds in plan.milestones:
        # The store never is beyond a milestone whose states are not kept: a call for it then returns at once.
        file = store / f"states-{rounds:09d}.npy"
        if not file.exists():
            done = train(
                played,
                plan.trainer(),
                start,
                rounds,
                save_every=max(1, plan.rounds // 50),
                store=store / "run",
                resume=True,
            )
            buffer = io.BytesIO()
            np.save(buffer, np.asarray(done.x))
            write_whole(file, buffer.getvalue())
            print(f"{method}  {rounds} rounds of {plan.seeds} seeds", flush=True)
        states.append(np.load(file))
    return np.stack(states)


def _judged(
    name: str, played: GAN, states: np.ndarray, images: ImageSet, classifier: Classifier, plan: Plan
) -> list[dict[str, Any]]:
    """Distance and coverage of every milestone and seed, as records."""
    known, rows = classifier.features(images.flat), []
    for rounds, several in zip(plan.milestones, states, strict=True):
        for seed, made in enumerate(samples(played, several, SAMPLES)):
            distance = frechet(known, classifier.features(made))
            classes = classifier.classes(made) if np.isfinite(distance) else np.full(len(made), images.classes)
            rows.append(
                {
                    "method": name,
                    "rounds": rounds,
                    "seed": seed,
                    "distance": distance if np.isfinite(distance) else None,
                    "coverage": coverage(classes, images.labels),
                }
            )
    return rows


def _spectrum(fixed: GAN, states: np.ndarray) -> dict[str, Any]:
    """The leading eigenvalues of a game on fixed points where the first seed ended, those that were found."""
    at = states[-1, 0]
    if not np.all(np.isfinite(at)):
        return {"eigenvalues": [], "residuals": [], "converged": False}
    found = leading_spectrum(fixed, at, _EIGENVALUES, "LR", tolerance=1e-6, restarts=2)
    return {
        "eigenvalues": [[float(value.real), float(value.imag)] for value in found.values],
        "residuals": [float(value) for value in found.residuals],
        "converged": found.converged,
    }


def medians(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The median over the seeds of the distance after the last round, by method; infinite for runs that diverged."""
    last = max(row["rounds"] for row in rows)
    names = dict.fromkeys(row["method"] for row in rows)
    of = lambda name: [row["distance"] for row in rows if row["method"] == name and row["rounds"] == last]
    return {name: float(np.median([np.inf if d is None else d for d in of(name)])) for name in names}


def statement(rows: Sequence[Mapping[str, Any]]) -> str:
    """Whether the median distance with R1 is no worse than with every other method, in one sentence."""
    found = medians(rows)
    if "r1" not in found or len(found) < 2:
        return "R1 was compared with nothing."
    better = [name for name, value in found.items() if value < found["r1"]]
    values = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    rounds = max(row["rounds"] for row in rows)
    verdict = f"not the best: {', '.join(better)} did better" if better else "no worse than every other method's"
    return f"After {rounds} rounds the median Fréchet distance with R1 is {verdict} ({values})."
