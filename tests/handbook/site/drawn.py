"""How the figures look; `python -m tests.handbook.site.drawn` notes it, once somebody has looked at what changed."""

import json
from hashlib import sha256
from pathlib import Path

from handbook.project import LANGUAGES
from handbook.site.figures import FIGURES, draw

NOTED = Path(__file__).with_name("drawn.json")


def digest(drawing: str) -> str:
    """What tells one drawing from another, short enough to be read in a list."""
    return sha256(drawing.encode()).hexdigest()[:16]


def noted() -> dict[str, str]:
    """The digest of each figure as it was when somebody last looked, by `name.language`."""
    return json.loads(NOTED.read_text("utf-8"))


if __name__ == "__main__":
    digests = {f"{name}.{one}": digest(draw(name, one, "f")) for name in FIGURES for one in LANGUAGES}
    NOTED.write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")
