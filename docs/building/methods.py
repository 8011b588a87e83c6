"""A page for every method of the catalogue, and the gallery of all."""

from __future__ import annotations

import functools

import diracgan as dg
from diracgan.algorithms import ALGORITHMS
from diracgan.catalogue import entry
from diracgan.catalogue.methods import Entry
from diracgan.catalogue.spectra import spectrum_text
from diracgan.games.parameters import plain as written

from building import errata, hyperparameters, live, portraits, stability
from building.algorithms import title as algorithm_title
from building.kept import kept
from building.words import number, paragraphs, plain, table, verdict

# The sections of the gallery; the tests hold that every method is in one.
GROUPS: dict[str, str] = {
    "Losses": (
        "gan nsgan wgan lsgan lsgan-ns lsgan-zero lsgan-01 hinge rpgan rpgan-ns f-gan-kl f-gan-reverse-kl "
        "f-gan-pearson f-gan-neyman f-gan-hellinger f-gan-js f-gan-tv"
    ),
    "Gradient penalties": (
        "r1 r2 nsgan-r1 nsgan-r2 wgan-r1 lsgan-r1 hinge-r1 r1-r2 r3gan r3gan-ns roth nsgan-roth zero-gp "
        "wgan-gp wgan-lp dragan dragan-ns dragan-zero-centred dragan-dead-zone"
    ),
    "Noise, constraints and other regularisers": (
        "instance-noise nsgan-instance-noise spectral-norm spectral-cap lipschitz distortion lecam clc"
    ),
    "Changed fields": "consensus nsgan-consensus wgan-consensus jare ode-gan sga lola unrolled drift",
    "Continuous data": "uniform-data gaussian-data",
}


def pages() -> dict[str, str]:
    """Every page below `methods/`, by its name without an ending."""
    return {"index": index(), **{name: page(entry(name)) for name in dg.methods()}}


@functools.cache
def formulas() -> dict[str, str]:
    """`dg.latex` of every method."""
    return kept("formulas", lambda: {name: dg.latex(name) for name in dg.methods()})


def index() -> str:
    """The gallery: a card with a portrait for each method."""
    parts = [
        "# Methods",
        f"{len(dg.methods())} training methods, each derived from its objective by automatic differentiation. A "
        "picture shows 500 rounds of alternating gradient descent, h = 0.2, from (1, 1) (of `lsgan`, which rests "
        "there, from (1, 0.5)). Under it stands what the linearisation at the equilibrium decides for the flow, for "
        "simultaneous (SimGD) and for alternating descent (AltGD).",
    ]
    for title, group in GROUPS.items():
        parts += [f"## {title}", "::::{grid} 2 3 3 4\n:gutter: 3"]
        parts += [_card(entry(name)) for name in group.split()]
        parts += ["::::"]
    links = "\n".join(name for group in GROUPS.values() for name in group.split())
    return paragraphs([*parts, f"```{{toctree}}\n:hidden:\n\n{links}\n```"])


def _card(known: Entry) -> str:
    row = stability.rows()[known.name]
    kinds = " · ".join(
        f"{label} {verdict(row[key]['derived'])}"
        for label, key in (("flow", "flow"), ("SimGD", "simgd"), ("AltGD", "altgd"))
    )
    picture = portraits.shown(known.name, f"Phase portrait of {known.title}", 1, "thumbnail")
    return (
        f":::{{grid-item-card}} {plain(known.title)}\n:link: {known.name}\n:link-type: doc\n\n{picture}\n\n"
        f"`{known.name}`\n\n{kinds}\n:::"
    )


def page(known: Entry) -> str:
    """One method: objective, formulas, the live portrait, eigenvalues, verdicts, conventions, errors, references."""
    name = known.name
    row = stability.rows()[name]
    parts = [
        f"# {plain(known.title)}",
        f"`dg.method({_arguments(known)})`, written {plain(known.objective)}.",
        _live(known),
        portraits.shown(name, f"Phase portrait of {known.title} under alternating gradient descent", 1),
        "## Objective, field and eigenvalues",
        f'Derived, not stored: `dg.latex("{name}")`.',
        f"$$\n{formulas()[name]}\n$$",
        _parameters(known),
        "## What linearisation decides",
        _spectrum(row),
        "" if row["one_sided"] else _verdicts(name),
        f"## Convention\n\n{plain(known.convention)}." if known.convention else "",
        f"## Known errors in the literature\n\n{errors}" if (errors := errata.of(name)) else "",
        "## References",
        ", ".join(f"{{cite:t}}`{key}`" for key in known.references) + f'. BibTeX: `dg.cite("{name}")`.',
    ]
    return paragraphs(parts)


def _arguments(known: Entry) -> str:
    given = [f"{p.name}={written(float(p.default))}" for p in known.parameters if p.kind is float]
    return ", ".join([f'"{known.name}"', *given])


def _live(known: Entry) -> str:
    sliders = tuple(p.name for p in known.parameters if p.kind is float)
    fragment = live.address(
        known.name,
        "altgd",
        ("plane", "spectrum"),
        (*sliders, "h"),
        portraits.STARTS.get(known.name, portraits.START),
    )
    return live.frame(fragment, 1)


def _parameters(known: Entry) -> str:
    if not known.parameters:
        return "There are no hyper-parameters besides the learning rate."
    return hyperparameters.listed(known.parameters)


def _spectrum(row: dict) -> str:
    if row["one_sided"] is None:
        values = spectrum_text(row["eigenvalues"]["derived"])
        source = "is none known" if isinstance(row["eigenvalues"]["closed_form"], str) else "agrees to rounding"
        return (
            f"The eigenvalues of the flow at the equilibrium are **{values}** at the defaults; a closed form {source}."
        )
    above, below = (spectrum_text(row["one_sided"][side]) for side in ("above", "below"))
    beside = above if above == below else f"{above} (ψ > 0) and {below} (ψ < 0)"
    return (
        "The field has a **kink** at the equilibrium: there is no Jacobian, and no linearisation decides. Beside it "
        f"the eigenvalues are **{beside}** (`dg.eigenvalues(m, side=1)`); what training does there is observed, not "
        "decided by them."
    )


def _verdicts(name: str) -> str:
    rows = [_line("flow", "the flow", stability.under(None)[name])]
    rows += [
        _line(f"[{algorithm_title(key)}](../algorithms/{key}.md)", key, stability.under(key)[name])
        for key in ALGORITHMS
    ]
    head = ["algorithm", "verdict", "max Re μ, or max \\|λ\\|", "half-life", "stable for h below", "lost by"]
    return paragraphs(
        [
            "The defaults of method and algorithm; h = 0.2. Verdicts are local. “Neutral” says that the spectrum "
            "lies on the boundary, so that linearisation cannot decide. Half-lives are in rounds, that of the flow "
            "in time.",
            table(head, rows),
        ]
    ).rstrip()


def _line(title: str, key: str, local: stability.Local) -> list[str]:
    return [
        title,
        verdict(local.kind),
        number(local.number),
        number(local.half_life),
        number(local.limit),
        local.lost,
    ]
