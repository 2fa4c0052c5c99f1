"""What a grader works with: the copy of the submission, its process, and randomness that nobody knows beforehand."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from handbook.labs.grading.outcome import fail
from handbook.labs.planting import Variant
from handbook.labs.sandbox.process import Printed, Subject, SubjectError, clear
from handbook.labs.texts import say

_POWER = re.compile(
    r"(?:(?<=[\d.])\s*(?:[·⋅∙×x*]|\\cdot|\\times)\s*|(?<![\w.,]))10\s*(?:\^|\*\*)\s*\{?([-+]?\d+)\}?(?!\w)"
)
"""A power of ten that is written out, after a factor or alone: `5·10^-6`, `5 x 10**-6`, `10^{-6}`."""

_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_COMMA = re.compile(r"(?<![\w.,])([-+]?\d+),(\d+(?:[eE][-+]?\d+)?)(?!\w|[.,]\d)")
_GROUPED = re.compile(r"(?<=\d)[\u2009\u202f\u00a0](?=\d{3})")
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w)")


class Bench:
    """One grading of one submission. Nobody knows the seed of ``rng`` beforehand: no answer can be prepared for it.

    ``variant`` is that of the lab, where it is drawn.
    """

    def __init__(self, folder: Path, subject: Subject, seed: int, variant: Variant | None = None) -> None:
        self.folder = folder
        self.subject = subject
        self.variant = variant
        self.rng = np.random.default_rng(seed)
        self._ran: dict[str, Printed] = {}
        self.handed_in = {
            file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
        }

    def array(self, file: str, name: str, *arguments: Any) -> np.ndarray:
        """What a function of the learner's gives, which has to be an array of real numbers or of booleans."""
        return as_array(name, self.subject.call(file, name, *arguments))

    def script(self, file: str) -> Printed:
        """What a script of the learner's does; it is run once, whoever asks."""
        if file not in self._ran:
            self._ran[file] = self.script_with({}, file)
        return self._ran[file]

    def script_with(self, replaced: Mapping[str, str], file: str) -> Printed:
        """Run a script among replaced files; afterwards everything is as it was handed in."""
        self.read(file)
        for name, text in replaced.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        try:
            return self.subject.script(file)
        finally:
            self._restore()

    def _restore(self) -> None:
        """Write the folder anew; nothing that a script has left there is followed or kept."""
        clear(self.folder)
        for name, content in self.handed_in.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)

    def read(self, file: str) -> bytes:
        """A file that was handed in."""
        if file not in self.handed_in:
            raise SubjectError(say("no-file", file=file))
        return self.handed_in[file]

    def text(self, file: str) -> str:
        """A text file that was handed in."""
        try:
            content = self.read(file)
            # PowerShell's `>` writes UTF-16, and some editors begin with a byte order mark
            wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            return content.decode("utf-16" if wide else "utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise fail("utf8", "not-utf8", file=file) from None

    def sheet(self, file: str) -> dict[str, Any]:
        """A sheet of answers that was handed in, in TOML."""
        try:
            return tomllib.loads(self.text(file))
        except tomllib.TOMLDecodeError as error:
            raise fail("toml", "broken", file=file, text=str(error)) from None


def as_array(name: str, value: Any) -> np.ndarray:
    """``value``, which the function ``name`` gave, as an array of real numbers or of booleans."""
    if not isinstance(value, (np.ndarray, list, float, int)):
        raise SubjectError(say("no-array", name=name, text=say("of-kind", text=type(value).__name__)))
    try:
        array = np.asarray(value)
    except ValueError:
        raise SubjectError(say("no-array", name=name, text=say("ragged"))) from None
    if array.dtype.kind not in "biuf":
        raise SubjectError(say("no-array", name=name, text=say("of-dtype", text=str(array.dtype))))
    return array


def numbers(text: str) -> list[float]:
    """The numbers that stand in a text, as people write them: `5.0e-06`, `5,0e-06`, `5·10⁻⁶`, `0,000005`."""
    text = _RAISED.sub(lambda found: "^" + found.group().translate(_LOWERED), text.replace("−", "-"))
    text = _POWER.sub(_as_exponent, _GROUPED.sub("", text))
    return [float(found) for found in _NUMBER.findall(_COMMA.sub(r"\1.\2", text))]


def _as_exponent(found: re.Match[str]) -> str:
    """After a factor, the exponent alone; without one, a factor of one."""
    factor = "1" if found.group().startswith("10") else ""
    return f"{factor}e{found[1]}"


def shows(text: str, value: float, within: float = 1e-3) -> bool:
    """Whether a text holds a number, up to the rounding of its display."""
    return any(abs(found - value) <= within * abs(value) for found in numbers(text))
