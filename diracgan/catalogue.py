"""Every named method: objective, hyper-parameters, references and the settings of the published figures.

The tables, the command line, the figures, the documents and the contract tests iterate this list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from diracgan.fields import Consensus, VectorField
from diracgan.games import DiracGAN
from diracgan.losses import Minimax, NonSaturating, Wasserstein
from diracgan.measures import GaussianNoise
from diracgan.methods import Entry, Method, make
from diracgan.parameters import CLIP, GAMMA, NODES, SIGMA, TARGET, Parameter, unknown
from diracgan.penalties import DRAGAN, R1, R2, GradientNorm
from diracgan.references import ARXIV, bibtex

_ENTRIES: dict[str, Entry] = {}
# Looked up while a trajectory is compiled: the built-in entries cannot be replaced, only added to.
_BUILT_IN: set[str] = set()


def methods() -> tuple[str, ...]:
    """The names of all methods, in the order of the catalogue.

    >>> dg.methods()[:3]
    ('gan', 'nsgan', 'wgan')
    """
    return tuple(_ENTRIES)


def entry(name: str) -> Entry:
    """The catalogue entry of a name; `ValueError` that lists the known names for another one."""
    if not isinstance(name, str) or name not in _ENTRIES:
        raise ValueError(unknown("method", name, _ENTRIES))
    return _ENTRIES[name]


def method(name: str, **hyper_parameters: Any) -> Method:
    """A method of the catalogue at given hyper-parameters; the others keep the defaults of the published figures.

    The result is a vector field, a pytree whose leaves are the hyper-parameters. `ValueError` names the known
    methods, hyper-parameters or bounds when one is wrong.

    >>> dg.method("r1", gamma=0.3)
    method("r1", gamma=0.3)
    >>> dg.method("r1", gamma=0.3)((1.0, 0.0)).tolist()
    [-0.0, 0.5]
    """
    return make(entry(name), hyper_parameters)


def register(
    name: str,
    build: Callable[..., VectorField],
    parameters: tuple[Parameter, ...] = (),
    *,
    title: str | None = None,
    references: tuple[str, ...] = (),
    objective: str = "",
    convention: str = "",
    published: Mapping[str, Mapping[str, float]] | None = None,
) -> Entry:
    """Add a method to the catalogue of this process: tables, commands and figures then know it.

    `build` takes the hyper-parameters by keyword and returns a vector field. A name of the built-in catalogue is
    refused with `ValueError`; an own one may be registered again, as a notebook cell does when it is run twice.

    >>> build = lambda gamma: dg.DiracGAN(dg.Minimax(), (dg.R1(10 * gamma),))
    >>> _ = dg.register("r1-strong", build, (dg.Parameter("gamma", "γ", "weight", 0.1),))
    >>> dg.method("r1-strong", gamma=0.2)
    method("r1-strong", gamma=0.2)
    """
    if not isinstance(name, str) or not name or name != name.strip().lower() or " " in name:
        raise ValueError(f"a method's name must be lower-case without spaces; {name!r} was given")
    if name in _BUILT_IN:
        raise ValueError(f"{name!r} is a method of the built-in catalogue; choose another name")
    if not callable(build):
        raise TypeError(f"build must be a function from hyper-parameters to a vector field; {build!r} was given")
    missing = [key for key in references if key not in ARXIV]
    if missing:
        raise ValueError(unknown("reference", missing[0], ARXIV))
    _ENTRIES[name] = Entry(
        name, title or name, build, tuple(parameters), tuple(references), objective, convention, published or {}
    )
    return _ENTRIES[name]


def cite(name: str) -> str:
    """BibTeX of the references of a method.

    >>> print(dg.cite("wgan").splitlines()[0])
    @misc{arjovsky2017,
    """
    return "\n\n".join(bibtex(key) for key in entry(name).references)


register(
    "gan",
    lambda: DiracGAN(Minimax()),
    title="GAN (minimax)",
    references=("goodfellow2014", "mescheder2018"),
    objective="L = f(ψθ) + f(0), f(t) = -log(1 + e^-t)",
    published={"GAN": {}},
)
register(
    "nsgan",
    lambda: DiracGAN(NonSaturating()),
    title="NSGAN (non-saturating)",
    references=("goodfellow2014", "mescheder2018"),
    objective="L_D = f(ψθ) + f(0), L_G = -f(-ψθ)",
    published={"NSGAN": {}},
)
register(
    "wgan",
    lambda clip: DiracGAN(Wasserstein(), clip=clip),
    (CLIP(1.0),),
    title="WGAN (weight clipping)",
    references=("arjovsky2017", "mescheder2018"),
    objective="L = ψθ, |ψ| ≤ c after every update",
    published={"WGAN": {"clip": 1.0}},
)
register(
    "wgan-gp",
    lambda gamma, target: DiracGAN(Wasserstein(), (GradientNorm(gamma, target),)),
    (GAMMA(0.7), TARGET(1.0)),
    title="WGAN-GP",
    references=("gulrajani2017", "mescheder2018"),
    objective="L = ψθ, R = (γ/2)(|ψ| - g₀)²",
    convention="γ/2; λ of the WGAN-GP paper is γ/2",
    published={"WGAN-GP": {"gamma": 0.7, "target": 1.0}},
)
register(
    "instance-noise",
    lambda sigma, nodes: DiracGAN(Minimax(), noise=GaussianNoise(sigma, nodes)),
    (SIGMA(0.7), NODES),
    title="Instance noise",
    references=("sonderby2016", "mescheder2018"),
    objective="L = E f(ψ(θ + σZ)) + E f(-ψσZ')",
    convention="σ is a standard deviation",
    published={"Instance noise": {"sigma": 0.7}},
)
register(
    "r1",
    lambda gamma: DiracGAN(Minimax(), (R1(gamma),)),
    (GAMMA(0.3),),
    title="R1 gradient penalty",
    references=("mescheder2018",),
    objective="L = f(ψθ) + f(0), R = (γ/2)ψ² on the data",
    convention="γ/2; the published training code uses γ = 2·reg_param",
    published={"Gradient penalty": {"gamma": 0.3}, "Gradient penalty, critical": {"gamma": 1.0}},
)
register(
    "r2",
    lambda gamma: DiracGAN(Minimax(), (R2(gamma),)),
    (GAMMA(0.3),),
    title="R2 gradient penalty",
    references=("mescheder2018",),
    objective="L = f(ψθ) + f(0), R = (γ/2)ψ² on the generated point",
    convention="γ/2",
)
register(
    "nsgan-r1",
    lambda gamma: DiracGAN(NonSaturating(), (R1(gamma),)),
    (GAMMA(0.3),),
    title="NSGAN + R1",
    references=("goodfellow2014", "mescheder2018"),
    objective="L_D = f(ψθ) + f(0), L_G = -f(-ψθ), R = (γ/2)ψ²",
    convention="γ/2",
    published={"NSGAN + gradient penalty": {"gamma": 0.3}},
)
register(
    "consensus",
    lambda gamma: Consensus(DiracGAN(Minimax()), gamma),
    (GAMMA(1.0),),
    title="Consensus optimisation",
    references=("mescheder2017", "mescheder2018"),
    objective="v - γ∇(½|v|²) of the minimax GAN",
    published={"Consensus optimisation": {"gamma": 1.0}},
)
register(
    "dragan",
    lambda gamma, target: DiracGAN(Minimax(), (DRAGAN(gamma, target),)),
    (GAMMA(20.0, span=(0.0, 25.0)), TARGET(1.0)),
    title="DRAGAN (minimax generator)",
    references=("kodali2017",),
    objective="L = f(ψθ) + f(0), R = (γ/2)(|ψ| - k)²",
    convention="γ/2; the published λ = 10 is γ = 20",
)
register(
    "dragan-ns",
    lambda gamma, target: DiracGAN(NonSaturating(), (DRAGAN(gamma, target),)),
    (GAMMA(20.0, span=(0.0, 25.0)), TARGET(1.0)),
    title="DRAGAN (published code)",
    references=("kodali2017",),
    objective="L_D = f(ψθ) + f(0), L_G = -f(-ψθ), R = (γ/2)(|ψ| - k)²",
    convention="γ/2; the published λ = 10 is γ = 20",
)
_BUILT_IN.update(_ENTRIES)
