"""Whether a block needs torch."""

from __future__ import annotations

import re

_IMPORT = re.compile(
    r"^\s*(?:import torch\b|from torch\b|from minimodel\.(?:torch_mirror|jacobian)\b"
    r"|from minimodel import .*\b(?:torch_mirror|jacobian)\b)",
    re.MULTILINE,
)

TAB = "PyTorch"
"""The tab whose blocks all need torch, those too that only use what another imported."""


def imports_torch(code: str) -> bool:
    """Whether ``code`` imports torch, or a module of ``minimodel`` that does."""
    return bool(_IMPORT.search(code))
