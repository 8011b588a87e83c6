"""The table of symbols: those of the explorer, and those that only the text uses."""

from __future__ import annotations

from diracgan.explorer.maths import SYMBOLS

from building.words import plain, table

# What the text has beside the explorer's.
OTHERS = {
    "x": "the state (θ, ψ)",
    "R": "a penalty, which the discriminator pays",
    "σ": "the standard deviation of instance noise; as a function, the logistic σ(t) = 1/(1 + e^−t)",
    "F": "one round of an algorithm, x ← F(x)",
    "P": "the projection onto where the parameters may be: |ψ| ≤ c under weight clipping",
    "n_g, n_d": "updates of the generator and of the discriminator in one round",
    "β": "momentum",
    "κ": "a condition number, or the rate of moving anchors",
    "W₁": "the Wasserstein distance of order 1",
}


def listed() -> str:
    """All of them."""
    return table(["symbol", "meaning"], ([plain(key), plain(words)] for key, words in (SYMBOLS | OTHERS).items()))
