"""What is proved: certificates of convergence, theorems by computer, and what is known beyond the linearisation."""

from diracgan.proofs.certificates import Certificate, certificate
from diracgan.proofs.globally import GlobalStep, global_step
from diracgan.proofs.theorems import prove, theorems

__all__ = ["Certificate", "GlobalStep", "certificate", "global_step", "prove", "theorems"]
