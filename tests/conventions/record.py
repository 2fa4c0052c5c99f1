"""The record of what was asked: a module that the page embeds, written by `python -m tests.conventions`."""

from __future__ import annotations

import runpy
from importlib.metadata import version
from pathlib import Path
from typing import Any

PATH = Path(__file__).parents[2] / "snippets" / "conventions.py"
WIDTH = 100
"""A longer line does not fit the page."""

LIBRARIES = ("jax", "keras", "onnx", "x_transformers", "transformers")


def asked() -> dict[str, Any]:
    """Ask every library every question."""
    from tests.conventions.questions import Q, of_masks, of_transformers, of_windows
    from tests.conventions.ways import OPSET

    return {
        "setting": {"dtype": Q.dtype.name, "opset": str(OPSET)},
        "masks": of_masks(),
        "windows": of_windows(),
        "models": {"version": version("transformers")} | of_transformers(),
    }


def recorded() -> dict[str, Any]:
    """Read what was answered when the record was written."""
    return {name: value for name, value in runpy.run_path(str(PATH)).items() if not name.startswith("__")}


def text(answers: dict[str, Any]) -> str:
    """Write answers as the lines of a module, as ruff would format them."""
    lines = []
    for name, table in answers.items():
        lines.append(f"{name} = {{")
        for question, value in table.items():
            if isinstance(value, str):
                lines.append(f'    "{question}": "{value}",')
                continue
            cells = [f'"{column}": "{answer}"' for column, answer in value.items()]
            line = f'    "{question}": {{{", ".join(cells)}}},'
            exploded = [f'    "{question}": {{', *[f"        {cell}," for cell in cells], "    },"]
            lines += [line] if len(line) <= WIDTH else exploded
        lines.append("}")
    return "\n".join(lines) + "\n"
