"""What `benchmarks/record.py` has measured and kept, as tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from building.words import paragraphs, plain, table

_RESULTS = Path(__file__).parents[2] / "benchmarks" / "results.json"


def results() -> dict[str, Any]:
    """The kept file."""
    return json.loads(_RESULTS.read_text(encoding="utf-8"))


def listed() -> str:
    """The machine in words, and both tables."""
    found = results()
    on = found["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in on["versions"].items())
    return paragraphs(
        [
            f"Measured on {on['date']}: {on['cores']} cores of {plain(on['processor'])}, {on['system']}, Python "
            f"{on['python']}, {versions}; other work kept the machine at a load of {on['load']} when it began.",
            "## One run, one field, one spectrum",
            table(
                [plain(head) for head in found["heads"]],
                ([plain(cell) for cell in row] for rows in found["single"].values() for row in rows),
            ),
            "## Many runs",
            table(["measured", "figure", "target"], ([plain(cell) for cell in row] for row in found["many"])),
        ]
    )
