"""BibTeX of every source that the catalogue cites."""

from __future__ import annotations

ARXIV = {
    "goodfellow2014": (
        "Generative Adversarial Networks",
        "Goodfellow, Ian J. and Pouget-Abadie, Jean and Mirza, Mehdi and Xu, Bing and Warde-Farley, David and "
        "Ozair, Sherjil and Courville, Aaron and Bengio, Yoshua",
        2014,
        "1406.2661",
    ),
    "arjovsky2017": (
        "Wasserstein GAN",
        "Arjovsky, Martin and Chintala, Soumith and Bottou, L{\\'e}on",
        2017,
        "1701.07875",
    ),
    "gulrajani2017": (
        "Improved Training of Wasserstein GANs",
        "Gulrajani, Ishaan and Ahmed, Faruk and Arjovsky, Martin and Dumoulin, Vincent and Courville, Aaron",
        2017,
        "1704.00028",
    ),
    "sonderby2016": (
        "Amortised MAP Inference for Image Super-resolution",
        "S{\\o}nderby, Casper Kaae and Caballero, Jose and Theis, Lucas and Shi, Wenzhe and Husz{\\'a}r, Ferenc",
        2016,
        "1610.04490",
    ),
    "mescheder2017": (
        "The Numerics of GANs",
        "Mescheder, Lars and Nowozin, Sebastian and Geiger, Andreas",
        2017,
        "1705.10461",
    ),
    "kodali2017": (
        "On Convergence and Stability of GANs",
        "Kodali, Naveen and Abernethy, Jacob and Hays, James and Kira, Zsolt",
        2017,
        "1705.07215",
    ),
    "mescheder2018": (
        "Which Training Methods for GANs do actually Converge?",
        "Mescheder, Lars and Geiger, Andreas and Nowozin, Sebastian",
        2018,
        "1801.04406",
    ),
}


def bibtex(key: str) -> str:
    """The BibTeX record of one source."""
    title, authors, year, arxiv = ARXIV[key]
    return (
        f"@misc{{{key},\n  title = {{{title}}},\n  author = {{{authors}}},\n  year = {{{year}}},\n"
        f"  eprint = {{{arxiv}}},\n  archivePrefix = {{arXiv}}\n}}"
    )
