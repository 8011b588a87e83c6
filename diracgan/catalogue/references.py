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
    "mao2017": (
        "Least Squares Generative Adversarial Networks",
        "Mao, Xudong and Li, Qing and Xie, Haoran and Lau, Raymond Y. K. and Wang, Zhen and Smolley, Stephen Paul",
        2016,
        "1611.04076",
    ),
    "lim2017": ("Geometric GAN", "Lim, Jae Hyun and Ye, Jong Chul", 2017, "1705.02894"),
    "jolicoeur2018": (
        "The relativistic discriminator: a key element missing from standard GAN",
        "Jolicoeur-Martineau, Alexia",
        2018,
        "1807.00734",
    ),
    "huang2024": (
        "The GAN is dead; long live the GAN! A Modern GAN Baseline",
        "Huang, Yiwen and Gokaslan, Aaron and Kuleshov, Volodymyr and Tompkin, James",
        2024,
        "2501.05441",
    ),
    "nowozin2016": (
        "f-GAN: Training Generative Neural Samplers using Variational Divergence Minimization",
        "Nowozin, Sebastian and Cseke, Botond and Tomioka, Ryota",
        2016,
        "1606.00709",
    ),
    "roth2017": (
        "Stabilizing Training of Generative Adversarial Networks through Regularization",
        "Roth, Kevin and Lucchi, Aurelien and Nowozin, Sebastian and Hofmann, Thomas",
        2017,
        "1705.09367",
    ),
    "thanhtung2019": (
        "Improving Generalization and Stability of Generative Adversarial Networks",
        "Thanh-Tung, Hoang and Tran, Truyen and Venkatesh, Svetha",
        2019,
        "1902.03984",
    ),
    "petzka2018": (
        "On the regularization of Wasserstein GANs",
        "Petzka, Henning and Fischer, Asja and Lukovnicov, Denis",
        2017,
        "1709.08894",
    ),
    "tseng2021": (
        "Regularizing Generative Adversarial Networks under Limited Data",
        "Tseng, Hung-Yu and Jiang, Lu and Liu, Ce and Yang, Ming-Hsuan and Yang, Weilong",
        2021,
        "2104.03310",
    ),
    "xu2019": (
        "Understanding and Stabilizing GANs' Training Dynamics with Control Theory",
        "Xu, Kun and Li, Chongxuan and Zhu, Jun and Zhang, Bo",
        2019,
        "1909.13188",
    ),
    "miyato2018": (
        "Spectral Normalization for Generative Adversarial Networks",
        "Miyato, Takeru and Kataoka, Toshiki and Koyama, Masanori and Yoshida, Yuichi",
        2018,
        "1802.05957",
    ),
    "nie2018": (
        "JR-GAN: Jacobian Regularization for Generative Adversarial Networks",
        "Nie, Weili and Patel, Ankit",
        2018,
        "1806.09235",
    ),
    "qin2020": (
        "Training Generative Adversarial Networks by Solving Ordinary Differential Equations",
        "Qin, Chongli and Wu, Yan and Springenberg, Jost Tobias and Brock, Andrew and Donahue, Jeff and "
        "Lillicrap, Timothy P. and Kohli, Pushmeet",
        2020,
        "2010.15040",
    ),
    "balduzzi2018": (
        "The Mechanics of n-Player Differentiable Games",
        "Balduzzi, David and Racaniere, Sebastien and Martens, James and Foerster, Jakob and Tuyls, Karl and "
        "Graepel, Thore",
        2018,
        "1802.05642",
    ),
    "foerster2017": (
        "Learning with Opponent-Learning Awareness",
        "Foerster, Jakob N. and Chen, Richard Y. and Al-Shedivat, Maruan and Whiteson, Shimon and Abbeel, Pieter and "
        "Mordatch, Igor",
        2017,
        "1709.04326",
    ),
    "metz2016": (
        "Unrolled Generative Adversarial Networks",
        "Metz, Luke and Poole, Ben and Pfau, David and Sohl-Dickstein, Jascha",
        2016,
        "1611.02163",
    ),
    "rosca2021": (
        "Discretization Drift in Two-Player Games",
        "Rosca, Mihaela and Wu, Yan and Dherin, Benoit and Barrett, David G. T.",
        2021,
        "2105.13922",
    ),
}


def bibtex(key: str) -> str:
    """The BibTeX record of one source."""
    title, authors, year, arxiv = ARXIV[key]
    return (
        f"@misc{{{key},\n  title = {{{title}}},\n  author = {{{authors}}},\n  year = {{{year}}},\n"
        f"  eprint = {{{arxiv}}},\n  archivePrefix = {{arXiv}}\n}}"
    )
