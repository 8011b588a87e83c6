"""The manual: `python -m sphinx -W -b html docs docs/_build/html` builds it, and what it shows is read by a browser
without server or network.

Pages of methods, algorithms and public names are written by the modules in `building/` before Sphinx reads anything.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from building import offline, pages  # noqa: E402

import diracgan  # noqa: E402

project = "diracgan"
author = "The diracgan developers"
copyright = author
version = release = diracgan.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.mathjax",
    "sphinx_design",
    "sphinx_exercise",
    "sphinx_proof",
    "sphinxcontrib.bibtex",
]
exclude_patterns = ["_build", "_generated", "building", "**.ipynb_checkpoints"]
needs_sphinx = "9.0"

nb_execution_mode = "off"  # chapters are executed when they are written, and their outputs are kept
nb_number_source_lines = False
myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
bibtex_bibfiles = ["../diracgan/catalogue/references.bib"]
bibtex_default_style = "unsrt"
bibtex_reference_style = "author_year"
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "furo"
html_title = "diracgan"
(HERE / "_generated" / "static").mkdir(parents=True, exist_ok=True)
html_static_path = ["_static", "_generated/static"]
html_css_files = ["manual.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5c92", "color-brand-content": "#0b5c92"},
    "dark_css_variables": {"color-brand-primary": "#7cc4f2", "color-brand-content": "#7cc4f2"},
}
pygments_style = "friendly"
pygments_dark_style = "github-dark"
python_display_short_literal_types = True

# One file with every extension of TeX and the glyphs as outlines: nothing is left to ask for, and `file://` serves it.
mathjax_path = "mathjax/tex-svg-full.js"


def setup(app):
    """Write what is derived, then let Sphinx read."""
    app.connect("builder-inited", lambda app: (offline.write(HERE / "_generated" / "static"), pages.write(HERE)))
    return {"parallel_read_safe": True}
