"""The closed form of every catalogue entry: field, energy law, Jacobian and eigenvalues, written down by hand."""

from __future__ import annotations

from diracgan.theory.continuous import CONTINUOUS
from diracgan.theory.forms import ClosedForm
from diracgan.theory.links import LINKS
from diracgan.theory.published import PUBLISHED
from diracgan.theory.regularisers import REGULARISERS
from diracgan.theory.transforms import TRANSFORMS

CLOSED_FORMS: dict[str, ClosedForm] = {**PUBLISHED, **LINKS, **REGULARISERS, **TRANSFORMS, **CONTINUOUS}
