"""What a learner may hand in: solutions, and solutions with something changed; and what is said of them."""

from __future__ import annotations

import re
import shutil
import string
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from handbook.labs.bug_names import bugs
from handbook.labs.grading.grade import grade
from handbook.labs.grading.outcome import Outcome
from handbook.labs.lab import Lab, lab
from handbook.labs.texts import Say
from handbook.project import LANGUAGES

ROOT = Path(__file__).parents[3]


HEAD = """
import numpy as np
from minimodel.attention import MultiHeadAttention, causal_mask, merge_heads, split_heads
from minimodel.softmax import softmax

T, D_MODEL, N_HEADS = 8, 16, 2

def build_mask(T, dtype=np.float64):
    return causal_mask(T, dtype)

def parts(x, std=0.25):
    layer = MultiHeadAttention(16, 2, std=std)
    q, k, v = (split_heads(x @ W, 2) for W in (layer.W_q, layer.W_k, layer.W_v))
    return q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), v

def kept(x, std):
    scores, v = parts(x, std)
    return softmax(scores) * np.tril(np.ones((len(x), len(x)))), v, MultiHeadAttention(16, 2, std=std).W_o

def correct(x, std=0.25):
    return MultiHeadAttention(16, 2, std=std).forward(x, build_mask(len(x)))

def broken(x, std=0.25):
    weights, v, W_o = kept(x, std)
    return merge_heads(weights @ v) @ W_o
"""
"""How a learner's `mask.py` of L02 may begin."""
REACHED = {
    "L04": ("equal", "causal", "extremes"),
    "L05": ("append", "mask", "attend", "decode", "window"),
    "L09": ("passes", "cache"),
}
"""The steps that a wrong function can fail; what is timed or measured is another matter."""


@cache
def made(name: str, language: str) -> dict[str, bytes]:
    """The files of the solution, with those that its own script writes."""
    files = lab(name).solution(language)
    if name == "L02":
        with TemporaryDirectory() as folder:
            for file, content in files.items():
                Path(folder, file).write_bytes(content)
            run_verify(Path(folder))
            files = {file.name: file.read_bytes() for file in Path(folder).iterdir()}
    return files


def finished(one: Lab, into: Path, language: str = "en", **instead: str) -> Path:
    """The solution as a learner would hand it in, with some files replaced; `mask_py` names mask.py."""
    folder = into / one.folder
    folder.mkdir(parents=True)
    for name, content in made(one.id, language).items():
        (folder / name).write_bytes(content)
    for name, text in instead.items():
        (folder / re.sub(r"_(?=[a-z]+$)", ".", name)).write_text(text, encoding="utf-8")
    return folder


def altered(name: str, file: str, old: str, new: str, into: Path) -> Path:
    """The solution with something in one of its files written otherwise."""
    folder = finished(lab(name), into)
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def run_verify(folder: Path) -> None:
    """`python verify.py > verify_output.txt`, as the hint says."""
    done = subprocess.run([sys.executable, "verify.py"], cwd=folder, capture_output=True, text=True, check=False)
    (folder / "verify_output.txt").write_text(done.stdout, encoding="utf-8")
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)


def graded(name: str, folder: Path, *only: str, seed: int | None = None) -> dict[str, Outcome]:
    outcomes = grade(lab(name), folder, only or None, seed=seed)
    for one in outcomes:
        told(lab(name), one)
    return {one.step: one for one in outcomes}


def told(lab: Lab, outcome: Outcome) -> None:
    """Whatever a grader says was written for it, has its text in both languages, and every value of it is there."""
    assert outcome.bug is None or outcome.bug in bugs()
    assert outcome.found is None or outcome.found.key != "odd", outcome.found.values
    said = [one for one in (outcome.expected, outcome.found, outcome.note) if one is not None]
    assert outcome.passed or len(said) > 1
    while said:
        one = said.pop()
        for language in LANGUAGES:
            assert one.in_(language, lab.texts)
            used = [name for _, name, _, _ in string.Formatter().parse(lab.texts[one.key][language]) if name]
            assert all(one.values[name] is not None for name in used)
        said += [value for value in one.values.values() if isinstance(value, Say)]


def failures(name: str, folder: Path, *only: str, seed: int | None = None) -> dict[str, str | None]:
    """The steps that fail, each with the bug that is named."""
    return {step: one.bug for step, one in graded(name, folder, *only, seed=seed).items() if not one.passed}
