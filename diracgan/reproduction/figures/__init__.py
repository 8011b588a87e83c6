"""The figures of the papers as data: a frozen description of each, and how it is drawn and written to files.

>>> from diracgan.reproduction import figures
>>> figures.FIGURES["figure-2"].source
'Mescheder et al. 2018, Figure 2'
"""

from diracgan.reproduction.figures.kinds import Figure, Locus, Mechanism, Panel, Portraits
from diracgan.reproduction.figures.output import check_formats, films, render, save_portrait
from diracgan.reproduction.figures.published import FIGURES, PANELS

__all__ = [
    "FIGURES",
    "PANELS",
    "Figure",
    "Locus",
    "Mechanism",
    "Panel",
    "Portraits",
    "check_formats",
    "films",
    "render",
    "save_portrait",
]
