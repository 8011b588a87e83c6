"""What an argument means wherever it occurs, for docstrings that leave the usual ones to their neighbours."""

ARGUMENTS: dict[str, str] = {
    "field": "a method (`dg.method`), a `VectorField`, or a function of the state",
    "method": "a method of the catalogue (`dg.method`) at some values of its hyper-parameters",
    "algorithm": "for example `dg.AltGD(h=0.2)`; None, where that is allowed, for the flow",
    "inner": "the algorithm that runs inside",
    "at": "the point, shape `(n,)`; the field's equilibrium by default",
    "side": "+1 or -1: the one-sided derivative where ψ is positive or negative, at a kink; 0 for the derivative",
    "step": "the round, for an algorithm whose map depends on it",
    "start": "where a run begins, shape `(n,)`",
    "steps": "the number of rounds",
    "ax": "the Axes to draw on; a new figure of pyplot by default",
    "box": "what is shown: a half-width, or (low θ, high θ, low ψ, high ψ)",
    "path": "states of a run, shape `(rows, n)`",
    "game": "a field that is derived from two objectives",
    "hyper_parameters": "values for some of the method's hyper-parameters; the others have their defaults",
    "key": "an integer or a `jax.random` key",
    "seed": "an integer, from which everything random follows",
}
