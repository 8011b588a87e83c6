"""What one run does: trajectories, flows, spectra and verdicts of a field under an algorithm."""
