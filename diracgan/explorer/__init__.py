"""The interactive page, compiled from the package's own JAX functions."""
