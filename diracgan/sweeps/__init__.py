"""Runs of any size: grids in memory, and stores on disk that several processes write."""

from diracgan.sweeps.grids import Grid, sweep
from diracgan.sweeps.store import Stored, read_store, sweep_to_store

__all__ = ["Grid", "Stored", "read_store", "sweep", "sweep_to_store"]
