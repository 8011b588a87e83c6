"""What is proved: certificates of convergence, and what is known beyond the linearisation."""

from diracgan.proofs.certificates import Certificate, certificate
from diracgan.proofs.globally import GlobalStep, global_step

__all__ = ["Certificate", "GlobalStep", "certificate", "global_step"]
