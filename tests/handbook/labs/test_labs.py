"""The labs: solutions pass, bugs fail by name, hostile submissions lose only themselves."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import string
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from handbook.bugs.exhibit import Exhibit, exhibits
from handbook.cli import main
from handbook.findings import CallError
from handbook.labs import learner, patients, progress, suspects
from handbook.labs.bug_names import bugs, sections
from handbook.labs.grading import growth, l04, l05, l06
from handbook.labs.grading.grade import grade
from handbook.labs.grading.outcome import FailError, Outcome
from handbook.labs.lab import Lab, lab, labs
from handbook.labs.panels import read_panels, save_panels
from handbook.labs.reference.attention import WRONG
from handbook.labs.report import lines
from handbook.labs.sandbox import landlock, process
from handbook.labs.texts import Say, common
from handbook.project import LANGUAGES

ROOT = Path(__file__).parents[3]


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


def graded(name: str, folder: Path, *only: str) -> dict[str, Outcome]:
    outcomes = grade(lab(name), folder, only or None)
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


def failures(name: str, folder: Path, *only: str) -> dict[str, str | None]:
    """The steps that fail, each with the bug that is named."""
    return {step: one.bug for step, one in graded(name, folder, *only).items() if not one.passed}


# Every solution passes its own lab -------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
def test_a_solution_passes_its_own_lab(one: Lab, language: str, tmp_path: Path) -> None:
    assert failures(one.id, finished(one, tmp_path, language)) == {}


@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
def test_a_starter_passes_no_step(one: Lab, tmp_path: Path) -> None:
    list(learner.start(one, tmp_path, "en"))
    assert set(failures(one.id, tmp_path / one.folder)) == {step.id for step in one.steps}


@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
def test_the_solution_fills_in_the_starter(one: Lab) -> None:
    """A learner who follows the starter arrives at the solution: same files, same functions."""
    for language in LANGUAGES:
        starter, solution = one.starter(language), one.solution(language)
        assert starter.keys() == solution.keys()
        for name in starter:
            defined = re.compile(rb"^def (\w+)\(", re.MULTILINE)
            assert set(defined.findall(starter[name])) <= set(defined.findall(solution[name]))


def test_every_file_of_the_labs_is_installed_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = ROOT / "src/handbook"
    installed = {
        file for glob in project["tool"]["setuptools"]["package-data"]["handbook"] for file in package.glob(glob)
    }
    data = {file for file in (package / "labs").rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert {file for file in data if file.suffix != ".py" or file.parent.parent.name.startswith("L")} <= installed


# What the labs say -----------------------------------------------------------


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_there_in_both_languages_with_the_same_values() -> None:
    for texts in (common(), *(one.texts for one in labs())):
        for key, text in texts.items():
            assert text.keys() == {"en", "es"}, key
            assert fields(text["en"]) == fields(text["es"]), key


def test_every_key_that_a_grader_says_is_a_text() -> None:
    source = {one.id: f"src/handbook/labs/grading/{one.id.lower()}.py" for one in labs()}
    for one in labs():
        code = (ROOT / source[one.id]).read_text(encoding="utf-8")
        said = set(re.findall(r'\bsay\(\s*"([\w-]+)"', code))
        for pair in re.findall(r'\bfail\(\s*"([\w-]+)",\s*"([\w-]+)"', code):
            said.update(pair)
        assert said <= one.texts.keys()
        named = set(re.findall(r'bug="([\w-]+)"', code))
        assert named <= bugs().keys()


def test_every_model_with_a_bug_has_its_name() -> None:
    assert WRONG.keys() <= bugs().keys()


def test_steps_hints_and_bugs_lead_to_sections_that_exist_under_their_titles() -> None:
    used = {step.section for one in labs() for step in one.steps} | {bug.section for bug in bugs().values()}
    assert used <= sections().keys()
    for slug, titles in sections().items():
        for language in LANGUAGES:
            page = (ROOT / f"docs/{language}/handbook/{slug}.md").read_text(encoding="utf-8")
            assert f"\n# {titles[language]}\n" in page
    for one in labs():
        assert all(step.hints for step in one.steps)
        assert all(hint.keys() == {"en", "es"} for step in one.steps for hint in step.hints)


def test_the_spanish_report_is_spanish(tmp_path: Path) -> None:
    one = lab("L02")
    folder = finished(one, tmp_path, "es", mask_py="def build_mask(T, dtype):\n    return T\n")
    said = list(lines(one, grade(one, folder), "es"))
    assert "✗ La máscara" in said
    assert any(line.startswith("    se esperaba: ") for line in said)
    assert not any("expected" in line for line in said)


# The matrix: bugs handed in as answers ---------------------------------------

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

THROUGH_MINIMODEL = {
    "L00": {
        "by_hand_py": """
import numpy as np
from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_mask
from minimodel.softmax import softmax

def scores(q, k):
    return q @ k.T / np.sqrt(q.shape[-1])

def causal_weights(q, k):
    return scaled_dot_product_attention(q, k, k, causal_mask(len(q)))[1]
"""
    },
    "L01": {
        "heads_py": """
from minimodel.attention import MultiHeadAttention, merge_heads, split_heads

def multi_head_attention(x, W_q, W_k, W_v, W_o, n_heads, mask=None):
    layer = MultiHeadAttention(len(W_q), n_heads)
    layer.W_q, layer.W_k, layer.W_v, layer.W_o = W_q, W_k, W_v, W_o
    return layer.forward(x, mask)
"""
    },
    "L02": {"mask_py": HEAD},
    "L03": {
        "rules_py": """
import numpy as np
from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_allowed
from minimodel.softmax import softmax

def keys_in_sight(L, S, offset):
    return causal_allowed(L, S, offset=offset).sum(axis=1)

def times_the_weight(first, second):
    weights = softmax(np.array([first, second]))
    return weights[0] / weights[1]

def shapes(q, k, v):
    output, weights = scaled_dot_product_attention(np.ones(q), np.ones(k), np.ones(v))
    return [list(output.shape), list(weights.shape)]

def accepted(kind, mask, scores):
    *leading, L, S = scores
    q, k = np.ones([*leading, L, 1]), np.ones([*leading, S, 1])
    try:
        scaled_dot_product_attention(q, k, k, np.zeros(mask, kind))
    except (TypeError, ValueError):
        return False
    return True
"""
    },
    "L04": {
        "blocks_py": lab("L04").solution("en")["blocks.py"].decode("utf-8")
        + """
from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_allowed
from minimodel.predicates import materialise, window as window_of

in_blocks = attend

def attend(q, k, v, block, window=None):
    L, S = len(q), len(k)
    if S > 64:
        return in_blocks(q, k, v, block, window)
    allowed = causal_allowed(L, S, offset=S - L)
    if window is not None:
        allowed &= materialise(window_of(window), L, S, offset=S - L)
    return scaled_dot_product_attention(q, k, v, allowed)[0], in_blocks(q, k, v, block, window)[1]
"""
    },
    "L05": {
        "kv_cache_py": """
import numpy as np
from minimodel.attention import scaled_dot_product_attention
from minimodel.gpt import BlockWeights
from minimodel.cache import KVCache, RingCache
from minimodel.decoder import Decoder, read
from minimodel.groups import group_size, repeat_kv
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, causal, window as last

def append(kept, new):
    cache = KVCache()
    cache.append(kept, kept)
    return cache.append(new, new)[0]

def may_read(queries, keys, window=None):
    allowed = causal_allowed(len(queries), len(keys), offset=int(queries[0] - keys[0]))
    return allowed if window is None else allowed & last(window)(0, 0, queries[:, None], keys[None, :])

def attend(q, k, v, allowed):
    shared = group_size(len(q), len(k))
    return scaled_dot_product_attention(q, repeat_kv(k, shared), repeat_kv(v, shared), allowed)[0]

def decode(x, W_q, W_k, W_v, W_o, n_heads, chunks, window=None):
    rule = causal if window is None else all_of(causal, last(window))
    cache = KVCache() if window is None else RingCache(window)
    one = BlockWeights(None, W_q, W_k, W_v, W_o, None, None, None)
    model = Decoder(n_heads, n_heads * W_k.shape[1] // x.shape[1], rule, None, (one,), None)
    parts = np.split(x, np.cumsum(chunks)[:-1])
    return np.concatenate([read(part, one, model, cache.length + np.arange(len(part)), cache) for part in parts])
"""
    },
    "L06": {},  # its solution is such an answer
    "L07": {
        "patient_py": """
import numpy as np
from minimodel.attention import merge_heads, scaled_dot_product_attention, split_heads
from minimodel.masks import causal_allowed

def layer(x, W_q, W_k, W_v, W_o, n_heads, cut=None):
    q, k, v = (split_heads(x @ W, n_heads) for W in (W_q, W_k, W_v))

    def read(start, end):
        allowed = causal_allowed(end - start, end, offset=start)
        return scaled_dot_product_attention(q[:, start:end], k[:, :end], v[:, :end], allowed)[0]

    spans = [(0, len(x))] if cut is None else [(0, cut), (cut, len(x))]
    return merge_heads(np.concatenate([read(*span) for span in spans], axis=1)) @ W_o
"""
    },
}
"""Answers that take everything from `minimodel`, so that an exhibit planted there is handed in with them."""

MET = {
    ("L00", "diagonal-ahead"): "weights",
    ("L00", "diagonal-closed"): "weights",
    ("L00", "mask-after-softmax"): "weights",
    ("L00", "multiply-by-zero"): "weights",
    ("L00", "polarity-swapped"): "weights",
    ("L00", "softmax-over-queries"): "weights",
    ("L00", "zero-one-mask"): "weights",
    ("L01", "mask-after-softmax"): "attention",
    ("L01", "multiply-by-zero"): "attention",
    ("L01", "scaled-by-model-width"): "attention",
    ("L01", "softmax-over-queries"): "attention",
    ("L01", "view-without-transpose"): "split",
    ("L02", "diagonal-ahead"): "mask",
    ("L02", "diagonal-closed"): "mask",
    ("L02", "full-rows-filled"): "mask",
    ("L02", "half-precision-fill"): "mask",
    ("L02", "mask-after-softmax"): "correct",
    ("L02", "multiply-by-zero"): "correct",
    ("L02", "polarity-swapped"): "mask",
    ("L02", "scaled-by-model-width"): "correct",
    ("L02", "softmax-over-queries"): "correct",
    ("L02", "view-without-transpose"): "correct",
    ("L02", "zero-one-mask"): "mask",
    ("L03", "diagonal-ahead"): "keys-in-sight",
    ("L03", "diagonal-closed"): "keys-in-sight",
    ("L03", "top-left"): "keys-in-sight",
    ("L04", "diagonal-ahead"): "equal",
    ("L04", "diagonal-closed"): "equal",
    ("L04", "mask-after-softmax"): "equal",
    ("L04", "multiply-by-zero"): "equal",
    ("L04", "polarity-swapped"): "equal",
    ("L04", "softmax-over-queries"): "equal",
    ("L04", "top-left"): "equal",
    ("L04", "window-off-by-one"): "equal",
    ("L04", "zero-one-mask"): "equal",
    ("L05", "angles-without-offset"): "decode",
    ("L05", "cache-on-the-wrong-axis"): "append",
    ("L05", "diagonal-ahead"): "mask",
    ("L05", "diagonal-closed"): "mask",
    ("L05", "empty-slots"): "window",
    ("L05", "groups-tiled"): "attend",
    ("L05", "half-the-past"): "decode",
    ("L05", "mask-after-softmax"): "attend",
    ("L05", "masked-in-place"): "attend",
    ("L05", "multiply-by-zero"): "attend",
    ("L05", "polarity-swapped"): "attend",
    ("L05", "positions-reset"): "decode",
    ("L05", "queries-cached"): "decode",
    ("L05", "scaled-by-model-width"): "attend",
    ("L05", "softmax-over-queries"): "attend",
    ("L05", "top-left"): "mask",
    ("L05", "trimmed-before-attending"): "window",
    ("L05", "view-without-transpose"): "decode",
    ("L05", "window-off-by-one"): "window",
    ("L05", "zero-one-mask"): "attend",
    ("L06", "diagonal-ahead"): "controls",
    ("L06", "diagonal-closed"): "controls",
    ("L06", "labels-unshifted"): "training",
    ("L06", "mask-after-softmax"): "controls",
    ("L06", "multiply-by-zero"): "controls",
    ("L06", "polarity-swapped"): "controls",
    ("L06", "softmax-over-queries"): "controls",
    ("L06", "zero-one-mask"): "controls",
    ("L07", "diagonal-ahead"): "repair",
    ("L07", "diagonal-closed"): "repair",
    ("L07", "mask-after-softmax"): "repair",
    ("L07", "multiply-by-zero"): "repair",
    ("L07", "polarity-swapped"): "repair",
    ("L07", "scaled-by-model-width"): "repair",
    ("L07", "softmax-over-queries"): "repair",
    ("L07", "top-left"): "repair",
    ("L07", "view-without-transpose"): "repair",
    ("L07", "zero-one-mask"): "repair",
}
"""The exhibits that change what a lab asks for, and the step that has to name each."""

LAYER = {"attention", "masks", "softmax"}
USED = {
    "L00": LAYER,
    "L01": LAYER,
    "L02": LAYER,
    "L03": LAYER,
    "L04": {*LAYER, "predicates"},
    "L05": {*LAYER, "cache", "decoder", "groups", "predicates", "rope"},
    "L06": {"masks", "next_token", "training"},
    "L07": LAYER,
}
"""The modules of `minimodel` that such an answer is made of."""

REACHED = {"L04": ("equal", "causal", "extremes"), "L05": ("append", "mask", "attend", "decode", "window")}
"""Of some labs the steps that such an answer can take; the others ask how it is done, and not what comes out."""

CASES = [(name, exhibit) for name, used in USED.items() for exhibit in exhibits() if used & set(exhibit.modules)]


@pytest.mark.parametrize(("name", "exhibit"), CASES, ids=[f"{name}-{exhibit.id}" for name, exhibit in CASES])
def test_every_exhibit_that_a_lab_can_meet_fails_it_by_name(name: str, exhibit: Exhibit, tmp_path: Path) -> None:
    folder = finished(lab(name), tmp_path, **THROUGH_MINIMODEL[name])
    shutil.copytree(ROOT / "src/minimodel", folder / "minimodel", ignore=shutil.ignore_patterns("__pycache__"))
    for patch in exhibit.patches:
        for module in patch.modules:
            file = folder / "minimodel" / f"{module}.py"
            file.write_text(patch.apply(file.read_text(encoding="utf-8"), module), encoding="utf-8")
    step = MET.get((name, exhibit.id))
    failed = failures(name, folder, *([step] if step else REACHED.get(name, ())))
    if step:
        assert failed.get(step) == exhibit.id, failed
    else:
        assert failed == {}, f"{exhibit.id} changes what {name} asks for, and stands in no row of the matrix"


# L02: what its grader must not be satisfied by --------------------------------

MASKED = """
def correct(x, std=0.25):
    i, j = np.arange(len(x))[:, None], np.arange(len(x))
    return MultiHeadAttention(16, 2, std=std).forward(x, {allowed})
"""
HOSTILE = {
    "constant": "def correct(x, std=0.25):\n    return np.full((len(x), 16), 0.5)\n",
    "identity": MASKED.format(allowed="i == j"),
    "window": MASKED.format(allowed="(j <= i) & (i - j < 3)"),
    "open-start": MASKED.format(allowed="(j <= i) | ((i < 4) & (j < 4))"),
    "mask-after-softmax": "correct = broken\n",
    "not-masked": MASKED.format(allowed="i == i + 0 * j"),
    "read-from-the-end": MASKED.format(allowed="j >= i"),
}


@pytest.mark.parametrize("bug", HOSTILE)
def test_a_hostile_model_fails_by_its_name(bug: str, tmp_path: Path) -> None:
    failed = failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + HOSTILE[bug]), "correct")
    assert failed["correct"] == bug


@pytest.mark.parametrize(
    ("bug", "allowed"),
    [
        ("identity", "np.eye(T)"),
        ("window", "np.tril(np.ones((T, T))) - np.tril(np.ones((T, T)), -3)"),
        ("open-start", "np.tril(np.ones((T, T))) + np.outer(np.arange(T) < 4, np.arange(T) < 4)"),
        ("polarity-swapped", "1 - np.tril(np.ones((T, T)))"),
    ],
)
def test_a_hostile_mask_fails_by_its_name(bug: str, allowed: str, tmp_path: Path) -> None:
    mask = f"def build_mask(T, dtype=np.float64):\n    return np.where({allowed}, 0.0, -np.inf).astype(dtype)\n"
    failed = failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + mask), "mask")
    assert failed["mask"] == bug


@pytest.mark.parametrize("fill", ["-1e9", "np.finfo(dtype).min"])
def test_a_finite_fill_fails_by_name(fill: str, tmp_path: Path) -> None:
    mask = f"def build_mask(T, dtype=np.float64):\n    return np.triu(np.full((T, T), {fill}), 1).astype(dtype)\n"
    named = failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + mask), "mask")["mask"]
    assert named in ("finite-fill", "full-rows-filled")


def test_a_model_that_draws_anew_at_each_call_is_said_to(tmp_path: Path) -> None:
    code = "def correct(x, std=0.25):\n    return x + np.random.default_rng().normal(size=x.shape)\n"
    outcome = graded("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), "correct")["correct"]
    assert outcome.found is not None
    assert outcome.found.key == "random"


def test_a_renormalised_model_passes_and_is_shown_where_it_breaks(tmp_path: Path) -> None:
    code = """
def correct(x, std=0.25):
    weights, v, W_o = kept(x, std)
    return merge_heads(weights / weights.sum(axis=-1, keepdims=True) @ v) @ W_o
"""
    outcome = graded("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), "correct")["correct"]
    assert outcome.passed
    assert outcome.note is not None
    assert outcome.note.key == "renormalised-breaks"
    assert "0 / 0" in outcome.note.in_("es", lab("L02").texts)


def test_a_renormalised_model_is_not_the_broken_one(tmp_path: Path) -> None:
    code = """
def broken(x, std=0.25):
    weights, v, W_o = kept(x, std)
    return merge_heads(weights / weights.sum(axis=-1, keepdims=True) @ v) @ W_o
"""
    assert failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), "broken")["broken"] == "renormalised"


def test_claims_are_measured_again(tmp_path: Path) -> None:
    folder = finished(lab("L02"), tmp_path)
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for change in (
        {"max_difference": {"correct": 0.0, "broken": 0.5}},
        {"max_difference": {"correct": 1e-12, "broken": told["max_difference"]["broken"]}},
        {"max_difference": {"correct": float("nan"), "broken": float("nan")}},
        {"config": {"T": 4, "d_model": 16, "n_heads": 2}},
        {"seed": 1},
        {"seed": -1},
        {"date": "2999-01-01"},
        {"versions": {"python": "yes"}},
    ):
        (folder / "manifest.json").write_text(json.dumps({**told, **change}), encoding="utf-8")
        assert "manifest" in failures("L02", folder, "manifest"), change


@pytest.mark.parametrize(
    ("verify", "bug"),
    [
        ("print('correct 0.0')\nprint('broken 0.277796')\n", "cannot-fail"),
        ("print('all well')\n", None),
        ("raise SystemExit(1)\n", None),
    ],
)
def test_a_verify_that_measures_nothing_fails(verify: str, bug: str | None, tmp_path: Path) -> None:
    failed = failures("L02", finished(lab("L02"), tmp_path, verify_py=verify), "verify", "output")
    assert failed["verify"] == bug
    assert "output" in failed


def test_the_picture_is_read(tmp_path: Path) -> None:
    folder = finished(lab("L02"), tmp_path)
    left, right = read_panels((folder / "mask_visual.png").read_bytes())
    assert np.array_equal(left, np.tril(np.ones((8, 8))))
    save_panels(folder / "mask_visual.png", 1 - left, right)
    assert failures("L02", folder, "picture") == {"picture": "polarity-swapped"}
    save_panels(folder / "mask_visual.png", left, np.full((8, 8), 0.125))
    assert failures("L02", folder, "picture") == {"picture": None}
    (folder / "mask_visual.png").write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    assert failures("L02", folder, "picture") == {"picture": None}


def test_an_answer_without_the_reason_or_the_number_fails(tmp_path: Path) -> None:
    words = "word " * 30
    folder = finished(lab("L02"), tmp_path)
    for first, second in ((words, f"{words} 5.0e-06"), (f"{words} the denominator", words), ("the sum", "5.0e-06")):
        (folder / "README.md").write_text(f"# L02\n\n## 1\n\n{first}\n\n## 2\n\n{second}\n", encoding="utf-8")
        assert failures("L02", folder, "readme").keys() == {"readme"}


# L00 and L01: the usual mistakes by name --------------------------------------


@pytest.mark.parametrize(
    ("line", "bug"),
    [
        ("scores = [3.0, 4.0, 8.0, 8.0]", "not-scaled"),
        ("scores = [0.75, 1.0, 2.0, 2.0]", "scaled-without-root"),
        ("weights = [0.0370, 0.0610, 0.4510, 0.4510]", "not-masked"),
        ("weights = [0.0370, 0.0610, 0.4510, 0.0]", "mask-after-softmax"),
        ("weights = [0.0821, 0.1353, 1.0, 0.0]", "not-divided"),
        ("weights = [1, 2, 3]", None),
        ("weights = [nan, nan, nan, nan]", None),
    ],
)
def test_a_wrong_number_on_the_worksheet_is_named(line: str, bug: str | None, tmp_path: Path) -> None:
    folder = finished(lab("L00"), tmp_path)
    sheet = folder / "worksheet.toml"
    name = line.split(" ")[0]
    written = re.sub(rf"^{name} = .*$", line, sheet.read_text(encoding="utf-8"), flags=re.MULTILINE)
    sheet.write_text(written, encoding="utf-8")
    assert failures("L00", folder) == {f"sheet-{name}": bug}


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        ("np.exp(row - row.max())", "np.exp(row)", "softmax", "not-shifted"),
        ("exps / exps.sum()", "exps", "softmax", "not-divided"),
        (" / np.sqrt(q.shape[-1])", "", "scores", "not-scaled"),
        ("row[i + 1 :]", "row[i + 2 :]", "weights", "diagonal-ahead"),
        ("row[i + 1 :]", "row[:i]", "weights", "read-from-the-end"),
    ],
)
def test_a_wrong_function_of_l00_is_named(old: str, new: str, step: str, bug: str, tmp_path: Path) -> None:
    assert failures("L00", altered("L00", "by_hand.py", old, new, tmp_path))[step] == bug


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        (".reshape(T, n_heads, -1).swapaxes(0, 1)", ".reshape(n_heads, T, -1)", "attention", "view-without-transpose"),
        ("heads.swapaxes(0, 1).reshape", "heads.reshape", "merge", "merged-without-transpose"),
        ("np.sqrt(q.shape[-1])", "np.sqrt(len(W_q))", "attention", "scaled-by-model-width"),
        (") @ W_o", ")", "attention", "not-projected"),
        ("scores = scores + mask", "pass", "attention", "not-masked"),
    ],
)
def test_a_wrong_function_of_l01_is_named(old: str, new: str, step: str, bug: str, tmp_path: Path) -> None:
    assert failures("L01", altered("L01", "heads.py", old, new, tmp_path))[step] == bug


def test_a_mask_changed_in_place_is_named(tmp_path: Path) -> None:
    in_place = "mask[0, -1] = 1\n        scores += mask"
    folder = altered("L01", "heads.py", "scores = scores + mask", in_place, tmp_path)
    assert failures("L01", folder)["attention"] == "masked-in-place"


# L03: predictions that are wrong, and rules that are ---------------------------


@pytest.mark.parametrize(
    ("line", "step", "bug"),
    [
        ('with_offset = ["10000", "11000"]', "masks", "top-left"),
        ('without_offset = ["00011", "00001"]', "masks", None),
        ('without_offset = ["01111", "00111"]', "masks", "polarity-swapped"),
        ('without_offset = ["00000", "10000"]', "masks", "diagonal-closed"),
        ("added = [1, 0]", "masks", "zero-one-mask"),
        ('of_integers = "ValueError"', "masks", None),
        ("row = [1, 3, 4]", "softmax", "not-divided"),
        ("raised = [nan, nan, nan]", "softmax", "not-shifted"),
        ("closed = [0.5, 0.5]", "softmax", "full-rows-filled"),
        ("over_queries = [0.25, 0.25, 0.25, 0.25]", "softmax", None),
        ("output = [3, 2, 8]", "attention", None),
        ('zeros_and_ones = "nothing"', "attention", "zero-one-mask"),
        ('all_blocked = "ValueError"', "attention", None),
        ("all_blocked = true", "attention", None),
        ("output = 3", "attention", None),
    ],
)
def test_a_wrong_prediction_is_named(line: str, step: str, bug: str | None, tmp_path: Path) -> None:
    folder = finished(lab("L03"), tmp_path)
    sheet = folder / "predictions.toml"
    name = line.split(" ")[0]
    written = re.sub(rf"^{name} = .*$", line, sheet.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert written != sheet.read_text(encoding="utf-8")
    sheet.write_text(written, encoding="utf-8")
    outcome = graded("L03", folder, "masks", "softmax", "attention")
    assert {name: one.bug for name, one in outcome.items() if not one.passed} == {step: bug}
    found = outcome[step].found
    assert found is not None
    assert found.values["name"] == name


@pytest.mark.parametrize("text", ["masks = [", "masks = 1\nsoftmax = []\nattention = ''\n", "\xff", ""])
def test_a_sheet_that_is_no_sheet_fails(text: str, tmp_path: Path) -> None:
    folder = finished(lab("L03"), tmp_path)
    (folder / "predictions.toml").write_bytes(text.encode("latin-1"))
    assert failures("L03", folder).keys() == {"masks", "softmax", "attention"}


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        ("offset + i + 1", "i + 1", "keys-in-sight", "top-left"),
        ("offset + i + 1", "offset + i", "keys-in-sight", "diagonal-closed"),
        ("min(offset + i + 1, S)", "offset + i + 1", "keys-in-sight", None),
        ("math.exp(first - second)", "first / second", "times-the-weight", "not-exponentiated"),
        ("math.exp(first - second)", "math.exp(second - first)", "times-the-weight", "read-from-the-end"),
        ("[*q[:-1], v[-1]]", "q", "shapes", None),
        ("k[-2]", "q[-2]", "shapes", None),
        ("len(mask) not in (2, len(scores))", "False", "accepted", None),
        ('kind == "int64" or ', "", "accepted", "zero-one-mask"),
        ("m in (1, s)", "m == s", "accepted", None),
        ("return all(m in (1, s) for m, s in from_the_last)", "return True", "accepted", None),
    ],
)
def test_a_wrong_rule_of_l03_is_named(old: str, new: str, step: str, bug: str | None, tmp_path: Path) -> None:
    assert failures("L03", altered("L03", "rules.py", old, new, tmp_path)) == {step: bug}


# L04: what is right in every number, and still holds or computes too much -------

OUT_OF_SIGHT = "columns.start > latest or (window is not None and columns.stop <= earliest - window + 1)"
ADDED = "shrink * total + exps.sum(axis=1, keepdims=True), shrink * draft + exps @ values"
EACH_ALONE = (
    "total + (exps.sum(axis=1, keepdims=True) > 0), "
    "draft + exps @ values / np.maximum(exps.sum(axis=1, keepdims=True), 1e-300)"
)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("np.exp(largest - against)", "1.0", {"absorb": "not-rescaled", "equal": "not-rescaled"}),
        ("np.where(np.isneginf(new), 0.0, new)", "new", {"absorb": "empty-block", "equal": "empty-block"}),
        (ADDED, EACH_ALONE, {"equal": "each-block-alone"}),
        ("range(0, S, block)", "range(0, S - block + 1, block)", {"equal": "last-block-lost"}),
        (" / np.sqrt(q.shape[1])", "", {"equal": "not-scaled", "extremes": "not-scaled"}),
        ("S - L + rows.start, S - L + rows.stop - 1", "rows.start, rows.stop - 1", {"equal": "top-left"}),
        ("key > query\n", "key > query + 1\n", {"equal": "diagonal-ahead", "causal": "diagonal-ahead"}),
        ("key <= query - window", "key < query - window", {"equal": "window-off-by-one"}),
        ("np.maximum(largest, scores.max(axis=1, keepdims=True))", "0 * largest[:]", {"extremes": "not-shifted"}),
        ("np.full((len(query), 1), -np.inf)", "np.zeros((len(query), 1))", {"extremes": "not-shifted"}),
        (f"if {OUT_OF_SIGHT}:", "if False:", {"count": "nothing-skipped"}),
        (OUT_OF_SIGHT, "columns.start > latest", {"count": None}),
        ("computed += scores.size", "computed += 1", {"count": None}),
        ("return output, computed", "return output", {"equal": None, "count": None}),
        ("return output, computed", "return output, '36'", {"equal": None, "count": None}),
    ],
)
def test_a_wrong_function_of_l04_is_named(old: str, new: str, named: dict[str, str | None], tmp_path: Path) -> None:
    folder = altered("L04", "blocks.py", old, new, tmp_path)
    failed = failures("L04", folder, "absorb", "equal", "causal", "extremes", "count")
    assert {step: failed.get(step, "passed") for step in named} == named


def test_blocks_that_the_diagonal_cuts_have_to_be_masked(tmp_path: Path) -> None:
    folder = altered("L04", "blocks.py", "scores[blocked] = -np.inf", "pass", tmp_path)
    assert failures("L04", folder, "equal", "causal", "count").keys() == {"equal", "causal"}


def test_a_count_that_is_claimed_is_not_believed(tmp_path: Path) -> None:
    folder = altered("L04", "blocks.py", f"if {OUT_OF_SIGHT}:", "if False:", tmp_path)
    file = folder / "blocks.py"
    claimed = f"computed += scores.size * (not ({OUT_OF_SIGHT}))"
    file.write_text(file.read_text(encoding="utf-8").replace("computed += scores.size", claimed), encoding="utf-8")
    assert failures("L04", folder, "equal", "count") == {"count": "nothing-skipped"}


@pytest.mark.parametrize(
    ("shape", "bug"),
    [("(L, S)", "square-held"), ("(L, S), dtype=bool", "square-held"), ("(min(L, block), S)", "row-held")],
)
def test_what_is_held_is_measured(shape: str, bug: str, tmp_path: Path) -> None:
    start = "    output, computed = np.empty((L, d_v)), 0\n"
    folder = altered("L04", "blocks.py", start, f"{start}    held = np.ones({shape})\n", tmp_path)
    assert failures("L04", folder, "equal", "count", "memory") == {"memory": bug}


def test_where_memory_cannot_be_measured_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "held", lambda pid, peak=False: None)
    outcome = graded("L04", finished(lab("L04"), tmp_path), "memory")["memory"]
    assert outcome.passed
    assert outcome.note is not None
    assert "unmeasured" in outcome.note.in_("en", lab("L04").texts)


@pytest.mark.parametrize(
    ("grader", "step", "most", "bug"),
    [
        (l04, "memory", l04.MOST_KEYS, "row-held"),
        (l04, "time", l04.MOST_WINDOWED, "nothing-skipped"),
        (l05, "cost", l05.MOST, "all-again"),
        (l05, "ring", l05.MOST_RING, "kept-too-long"),
    ],
)
def test_what_grows_faster_than_it_may_is_named(
    grader: ModuleType, step: str, most: float, bug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without running anything: the growth is given, and only what is above the limit fails."""
    unmeasured = SimpleNamespace(rng=np.random.default_rng(0))
    grown = most

    if step == "memory":
        monkeypatch.setattr(grader, "memory_growth", lambda *_: growth.Peaks(1 << 30, int(grown * (1 << 30))))
    else:
        monkeypatch.setattr(grader, "time_growth", lambda *_: grown)
    grader.STEPS[step](unmeasured)
    grown = most * 1.01
    with pytest.raises(FailError) as failed:
        grader.STEPS[step](unmeasured)
    assert failed.value.bug == bug
    told(lab(grader.__name__[-3:].upper()), Outcome(step, False, failed.value.expected, failed.value.found, bug))


def test_what_is_looked_at_and_not_used_costs_time(tmp_path: Path) -> None:
    folder = altered("L04", "blocks.py", OUT_OF_SIGHT, "columns.start > latest", tmp_path)
    assert failures("L04", folder, "time") == {"time": "nothing-skipped"}


def test_fast_and_wrong_is_not_fast(tmp_path: Path) -> None:
    start = "    output, computed = np.empty((L, d_v)), 0\n"
    folder = altered("L04", "blocks.py", start, f"{start}    if S > 64:\n        return output * 0, 0\n", tmp_path)
    assert failures("L04", folder) == {"memory": None, "time": None}


# L05: a cache that gives other numbers, or gives them too slowly ----------------

TOO_EARLY = "at = np.arange(start - keys.shape[-2], start)"
TRIMMED = f"""{TOO_EARLY}
        if window is not None:
            keys, values, at = keys[:, -window:], values[:, -window:], at[-window:]"""
KEYS = "keys = append(keys, rotate(split_heads(part @ W_k, n_kv_heads), positions))"
KEYS_AGAIN = "keys = rotate(split_heads(x[: start + L] @ W_k, n_kv_heads), np.arange(start + L))"
BEGIN = "    outputs, start = [], 0\n"
WHOLE_AGAIN = f"""    if window is None:
        rest = W_q, W_k, W_v, W_o, n_heads
        return np.concatenate([decode(x[:t], *rest, [t], t)[-1:] for t in np.arange(len(x)) + 1])
{BEGIN}"""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[kept, new], axis=-2", "[kept, new], axis=0", {"append": "cache-on-the-wrong-axis"}),
        ("[kept, new], axis=-2", "[kept, new], axis=-1", {"append": "cache-on-the-wrong-axis"}),
        ("[kept, new]", "[new, kept]", {"append": "newest-first"}),
        ("queries[:, None]", "np.arange(len(queries))[:, None] + keys[0]", {"mask": "top-left", "decode": "top-left"}),
        ("distance >= 0", "distance > 0", {"mask": "diagonal-closed"}),
        ("(distance >= 0)", "(distance >= -1)", {"mask": "diagonal-ahead"}),
        ("distance < window", "distance <= window", {"mask": "window-off-by-one", "window": "window-off-by-one"}),
        ("distance < window", "distance < window - 1", {"mask": "window-too-narrow", "window": "window-too-narrow"}),
        ("distance < window", "True", {"mask": "not-windowed", "window": "not-windowed"}),
        ("(distance >= 0) if window is None", "1 * (distance >= 0) if window is None", {"mask": None}),
        ("np.repeat(k, shared, axis=0)", "np.tile(k, (shared, 1, 1))", {"attend": None, "decode": None}),
        ("scores, -np.inf))", "scores, -np.inf), axis=-2)", {"attend": "softmax-over-queries"}),
        ("np.where(allowed, scores, -np.inf)", "scores", {"attend": "not-masked", "decode": "not-masked"}),
        ("np.sqrt(q.shape[-1])", "np.sqrt(q.shape[-1] * len(q))", {"attend": "scaled-by-model-width"}),
        ("n_heads), positions)", "n_heads), np.arange(L))", {"decode": "positions-reset"}),
        (
            "x[start : start + L], start + np.arange(L)",
            "x[start : start + L], np.arange(L)",
            {"decode": "top-left"},
        ),
        (KEYS, KEYS.replace(", positions", ", 0 * positions"), {"decode": None}),
        ("append(values, split", "append(values[:, :0], split", {"decode": None}),
        (TOO_EARLY, TRIMMED, {"window": "trimmed-before-attending"}),
        ("window + 1)", "window + 2)", {"window": None}),
    ],
)
def test_a_wrong_function_of_l05_is_named(old: str, new: str, named: dict[str, str | None], tmp_path: Path) -> None:
    failed = failures("L05", altered("L05", "kv_cache.py", old, new, tmp_path), *REACHED["L05"])
    assert {step: failed.get(step, "passed") for step in named} == named


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        (BEGIN, WHOLE_AGAIN, "cost", "all-again"),
        (KEYS, KEYS_AGAIN, "cost", "all-again"),
        ("max(0, keys.shape[-2] - window + 1)", "0", "ring", "kept-too-long"),
        (BEGIN, "    if len(x) > 100:\n        return np.zeros_like(x)\n" + BEGIN, "cost", None),
        (BEGIN, "    if len(x) > 900:\n        return np.zeros_like(x)\n" + BEGIN, "ring", None),
    ],
)
def test_a_cache_is_known_by_how_its_time_grows(old: str, new: str, step: str, bug: str | None, tmp_path: Path) -> None:
    folder = altered("L05", "kv_cache.py", old, new, tmp_path)
    assert failures("L05", folder, "decode", step) == {step: bug}


# L06: a floor, texts, controls and verdicts that are not -------------------------


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        ("even = min(lag - 1, T)", "even = 0", "floor", "start-forgotten"),
        ("even = min(lag - 1, T)", "even = min(lag, T)", "floor", "inputs-counted"),
        ("np.where(p > 0, p, 1.0)", "p", "floor", "zero-times-infinity"),
        ("throw = -(p * np.log(np.where(p > 0, p, 1.0))).sum()", "throw = np.log(len(p))", "floor", "fair-die"),
        ("(T - even) * throw) / T", "(T - even) * throw) / T / np.log(2)", "floor", "in-bits"),
        ("texts[:, :lag] = rng", "texts[:, 1:lag] = rng", "draw", None),
        ("texts[:, t - lag]", "texts[:, t - 1]", "draw", None),
        ("range(lag, length)", "range(length - 1, lag - 1, -1)", "draw", None),
        ("np.random.default_rng(seed), len(p)", "np.random.default_rng(), len(p)", "draw", None),
        ("np.random.default_rng(seed), len(p)", "np.random.default_rng(0), len(p)", "draw", None),
        ("rng.choice(V, size=(n, length), p=p)", "rng.choice(V, size=(1, length), p=p).repeat(n, 0)", "draw", None),
        ("k=1", "k=0", "controls", "cannot-fail"),
        ("*tokens.shape, lag, rng)", "*tokens.shape, lag, seed)", "training", "learned-by-heart"),
        ('"steps": 300', '"steps": 12', "training", "too-short"),
        ("shift_labels, p, lag, seed).parameters", "shift_labels, p, lag, seed)[1]", "training", None),
        ("{name}[name], shift_labels", "{name}[name], lambda t: (t[:, 1:], t[:, :-1])", "training", "labels-backwards"),
        ('"blind" if above > 0.15 else "causal"', '"causal"', "verdicts", "below-alone"),
        ("return found", 'return ["leaks", "leaks", "blind", "blind"]', "verdicts", None),
        ("return found", 'return ["leaks, causal or blind"] * 4', "verdicts", None),
        ("return found", "return 4", "verdicts", None),
    ],
)
def test_a_wrong_function_of_l06_is_named(old: str, new: str, step: str, bug: str | None, tmp_path: Path) -> None:
    old, new = (text.replace("{name}", '{"honest": honest, "leaking": leaking}') for text in (old, new))
    file = "judge.py" if step == "verdicts" else "floor.py"
    folder = altered("L06", file, old, new, tmp_path)
    assert (folder / file).read_bytes() != made("L06", "en")[file]
    assert failures("L06", folder, step) == {step: bug}


def test_the_models_of_a_number_are_judged_alike_on_both_sides() -> None:
    for number in range(20):
        verdicts = [verdict for verdict, _ in suspects.drawn(number)]
        assert set(verdicts) == set(suspects.VERDICTS)
        assert len(suspects.suspects(number)) == len(verdicts) == suspects.MODELS
    assert len({tuple(suspects.drawn(number)) for number in range(20)}) > 10


def texts_of(p: np.ndarray, n: int, length: int, lag: int, seed: int | None) -> np.ndarray:
    """Texts as L06 wants them: an even start, and from there a throw on top of the token ``lag`` back."""
    rng = np.random.default_rng(seed)
    texts = rng.integers(len(p), size=(n, length))
    throws = rng.choice(len(p), size=(n, length), p=p)
    for t in range(lag, length):
        texts[:, t] = (texts[:, t - lag] + throws[:, t]) % len(p)
    return texts


def second_as_first(texts: np.ndarray, lag: int) -> np.ndarray:
    """The second of the ``lag`` chains that a text is made of repeats the first."""
    t = np.arange(texts.shape[1])
    return texts[:, t - (t % lag == 1)]


def fair(p: np.ndarray) -> np.ndarray:
    return np.full(len(p), 1 / len(p))


@pytest.mark.parametrize(
    ("key", "draw"),
    [
        (None, texts_of),
        ("shape", lambda p, n, length, lag, seed: texts_of(p, n, length - 1, lag, seed)),
        ("no-tokens", lambda p, n, length, lag, seed: texts_of(p, n, length, lag, seed) / 1),
        ("no-tokens", lambda p, n, length, lag, seed: texts_of(p, n, length, lag, seed) + 1),
        ("no-tokens", lambda p, n, length, lag, seed: texts_of(p, n, length, lag, seed) - 1),
        ("other-texts", lambda p, n, length, lag, seed: texts_of(p, n, length, lag, None)),
        ("same-texts", lambda p, n, length, lag, seed: texts_of(p, n, length, lag, 0)),
        ("uneven", lambda p, n, length, lag, seed: texts_of(p, n, length, lag, seed) * (np.arange(length) > 0)),
        ("other-lag", lambda p, n, length, lag, seed: texts_of(p, n, length, lag - 1, seed)),
        ("not-loaded", lambda p, n, length, lag, seed: texts_of(fair(p), n, length, lag, seed)),
        ("dependent", lambda p, n, length, lag, seed: second_as_first(texts_of(p, n, length, lag, seed), lag)),
        ("alike", lambda p, n, length, lag, seed: texts_of(p, n // 2, length, lag, seed).repeat(2, axis=0)),
    ],
)
def test_texts_that_are_drawn_otherwise_are_described(key: str | None, draw: Callable[..., np.ndarray]) -> None:
    def array(file: str, function: str, *arguments: Any) -> np.ndarray:
        return draw(*arguments)

    for seed in range(3):
        found = None
        try:
            l06.draw(SimpleNamespace(rng=np.random.default_rng(seed), array=array))  # type: ignore[arg-type]
        except FailError as failed:
            found = failed.found.key
            told(lab("L06"), Outcome("draw", False, failed.expected, failed.found, failed.bug))
        assert found == key


@pytest.mark.parametrize(
    ("name", "said", "bug"),
    [
        ("mask-after-softmax", "causal", "too-short"),
        ("not-masked", "causal", None),
        ("mask-after-softmax", "blind", None),
        ("identity", "causal", "below-alone"),
        ("identity", "leaks", None),
        ("masked-first", "leaks", None),
    ],
)
def test_a_wrong_verdict_is_explained(name: str, said: str, bug: str | None) -> None:
    """Without training anything: whoever answers knows the truth, and misjudges one kind of model."""

    def answer(file: str, function: str, number: int, p: np.ndarray, lag: int) -> list[str]:
        return [said if drawn == name else verdict for verdict, drawn in suspects.drawn(number)]

    def bench(seed: int) -> Any:
        return SimpleNamespace(rng=np.random.default_rng(seed), subject=SimpleNamespace(call=answer))

    met: set[str | None] = set()
    for seed in range(40):
        try:
            passes = l06.verdicts(bench(seed))
            assert passes == Say("told-apart")
        except FailError as failed:
            met.add(failed.bug)
            told(lab("L06"), Outcome("verdicts", False, failed.expected, failed.found, failed.bug))
    assert met == {bug}


@pytest.mark.parametrize("one", [one for kinds in suspects.VERDICTS.values() for one in kinds.values()])
def test_the_way_back_of_a_suspect_is_the_derivative(one: suspects.Suspect) -> None:
    rng = np.random.default_rng(0)
    scores, toward, step = rng.normal(size=(3, 5, 5))
    weights, backward = one.weigh(scores)
    ahead, behind = (one.weigh(scores + sign * 1e-6 * step)[0] for sign in (1, -1))
    slope = ((ahead - behind) * toward).sum() / 2e-6
    assert weights.shape == scores.shape
    assert np.isclose((backward(toward) * step).sum(), slope, rtol=1e-6)


# L07: patients that are drawn anew, and a name for each ------------------------

LEAKS_UNHEARD = {"mask-after-softmax", "softmax-over-queries"}
TOLERANT = """np.array([
        [np.abs(patient(x + (np.arange(len(x)) == j)[:, None])[i] - patient(x)[i]).max() > 1e-7 for j in range(len(x))]
        for i in range(len(x))
    ])"""


@pytest.mark.parametrize("kind", patients.KINDS)
def test_a_constant_is_no_diagnosis(kind: str, tmp_path: Path) -> None:
    folder = finished(lab("L07"), tmp_path, probe_py=f"def diagnose(patient, d_model):\n    return {kind!r}\n")
    outcome = graded("L07", folder, "diagnose")["diagnose"]
    assert not outcome.passed
    assert outcome.expected is not None
    assert outcome.expected.values["kind"] not in (kind, None)


@pytest.mark.parametrize(
    "answer", ["['healthy', 'top-left']", "' '.join(KINDS)", "KINDS[np.random.randint(len(KINDS))]", "None", "patient"]
)
def test_a_guess_is_no_diagnosis(answer: str, tmp_path: Path) -> None:
    code = "import numpy as np\nfrom handbook.labs.patients import KINDS\n"
    folder = finished(lab("L07"), tmp_path, probe_py=f"{code}def diagnose(patient, d_model):\n    return {answer}\n")
    assert "diagnose" in failures("L07", folder, "diagnose")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"diagonal-closed" if nan[0] else "polarity-swapped"', '"diagonal-closed"', {"polarity-swapped"}),
        ("nan.any()", "nan[0]", {"polarity-swapped", None}),
        ("apart(patient, x, T // 2) > 1e-9", "False", {"top-left"}),
        ("apart(patient, x, T // 2) > 1e-9", "True", {None}),
        ("np.eye(T, k=1)", "0", {"diagonal-ahead"}),
        ("np.triu(sees(patient, x), 1)", "np.triu(whispered(patient, T, d_model), 1) > 1e-9", LEAKS_UNHEARD),
        ("np.allclose(shares.sum(axis=0), 1)", "False", {"softmax-over-queries"}),
        ("np.allclose(shares, 1 / T)", "True", {"zero-one-mask"}),
    ],
)
def test_a_diagnosis_that_leaves_a_test_out_misses_a_bug(
    old: str, new: str, named: set[str | None], tmp_path: Path
) -> None:
    assert failures("L07", altered("L07", "probe.py", old, new, tmp_path), "diagnose")["diagnose"] in named


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("np.isnan(patient(x)).any(axis=-1)", "np.zeros(len(x), dtype=bool)", "lost"),
        ("np.isnan(patient(x)).any(axis=-1)", "np.isnan(patient(x))", "lost"),
        ("influence(patient, x)", "np.tril(np.ones((len(x), len(x)), dtype=bool))", "sees"),
        ("influence(patient, x)", TOLERANT, "sees"),
        (" / alone", "", "whispered"),
        ("np.full(d_model, 1e-6)", "np.full(d_model, 1.0)", "whispered"),
        ("np.abs(patient(x) - patient(x, cut)).max()", "0.0", "apart"),
        ("np.abs(patient(x) - patient(x, cut)).max()", "np.abs(patient(x) - patient(x, cut)).mean()", "apart"),
    ],
)
def test_an_instrument_that_measures_something_else_fails(old: str, new: str, step: str, tmp_path: Path) -> None:
    assert failures("L07", altered("L07", "probe.py", old, new, tmp_path), step).keys() == {step}


def test_one_illness_hides_another(tmp_path: Path) -> None:
    folder = finished(lab("L07"), tmp_path)
    ill = lab("L07").starter("en")["patient.py"].decode("utf-8")
    first = ill.replace("softmax(scores) * allowed", "softmax(np.where(allowed, scores, -np.inf))")
    both = first.replace("dtype=bool))", "dtype=bool), k=S - L)")
    for code, bug in ((ill, "mask-after-softmax"), (first, "top-left"), (both, None)):
        (folder / "patient.py").write_text(code, encoding="utf-8")
        assert failures("L07", folder, "repair").get("repair") == bug
        asked = subprocess.run(
            [sys.executable, "patient.py"], cwd=folder, capture_output=True, text=True, check=True
        ).stdout
        assert asked.strip() == (bug or "healthy")


def test_the_illness_is_not_given_away_to_who_cannot_diagnose_it(tmp_path: Path) -> None:
    list(learner.start(lab("L07"), tmp_path, "en"))
    folder = tmp_path / lab("L07").folder
    assert failures("L07", folder, "repair") == {"repair": None}
    (folder / "probe.py").write_bytes(lab("L07").solution("en")["probe.py"])
    assert failures("L07", folder, "repair") == {"repair": "mask-after-softmax"}


def test_a_leak_that_a_tolerance_forgives_is_said_to_be_quiet(tmp_path: Path) -> None:
    tolerant = altered("L07", "probe.py", "influence(patient, x)", TOLERANT, tmp_path)
    found = graded("L07", tolerant, "sees")["sees"].found
    assert found is not None
    assert "leaks very quietly" in found.in_("en", lab("L07").texts)


def test_a_patient_refuses_what_it_cannot_read_and_the_learner_is_told(tmp_path: Path) -> None:
    code = "import numpy as np\ndef lost(patient, x):\n    return patient({question})\n"
    for question, said in (
        ("np.ones((3, 1))", "the patient reads [T, "),
        ("np.ones((999, x.shape[1]))", "T from 1 to 64"),
        ("x, len(x)", "cannot be cut at"),
        ("x, 'a'", "cannot be cut at"),
        ("[object()]", "a object"),
        ("x, 1, 2", "takes from 2 to 3 positional arguments"),
    ):
        folder = finished(lab("L07"), tmp_path / said[:4] / question[:5], probe_py=code.format(question=question))
        found = graded("L07", folder, "lost")["lost"].found
        assert found is not None
        assert said in found.in_("en", lab("L07").texts)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("def lost(patient, x):\n    while True: patient(x)", "too-slow"),
        ("import os\ndef lost(patient, x):\n    while True: os.write(4, b'{\"ask\": [1]}\\n' * 100)", "too-slow"),
        ("import os\ndef lost(patient, x):\n    os.write(4, b'{\"ask\": {}}\\n')\n    return patient(x)", "raises"),
        ("def lost(patient, x):\n    return patient", "nonsense"),
        ("import numpy as np\ndef lost(patient, x):\n    return patient(np.zeros(1 << 21))", "raises"),
    ],
)
def test_whoever_asks_a_patient_too_much_is_not_waited_for(
    code: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDBOOK_LAB_SECONDS", "2")
    since = time.monotonic()
    found = graded("L07", finished(lab("L07"), tmp_path, probe_py=code), "lost")["lost"].found
    assert found is not None
    assert found.key == key
    assert time.monotonic() - since < 30


def test_a_patient_shows_nothing_of_itself(tmp_path: Path) -> None:
    code = """
import gc

def lost(patient, x):
    patient(x)
    seen = [repr(one) for one in gc.get_objects() if type(one).__name__ in ("Patient", "Exhibit", "Patch")]
    raise ValueError(f"{vars(patient)} {seen}")
"""
    found = graded("L07", finished(lab("L07"), tmp_path, probe_py=code), "lost")["lost"].found
    assert found is not None
    said = found.in_("en", lab("L07").texts)
    assert "Subject._ask" in said
    assert not any(kind in said for kind in patients.KINDS)
    assert said.count("[]") == 1


def test_strangers_are_of_every_kind_and_the_same_each_time() -> None:
    count = len(patients.KINDS)
    assert {patients.truth(number) for number in range(count, 2 * count)} == set(patients.KINDS)
    x = np.ones((4, patients.stranger(7).d_model))
    assert np.array_equal(patients.stranger(7)(x), patients.stranger(7)(x), equal_nan=True)


# Submissions that mean harm lose only themselves ------------------------------

TALKS = """
import os
for fd in (3, 4):  # the pipes that its answers go through
    try:
        while True: os.write(fd, {line})
    except OSError: pass
"""
HARM = {
    "endless": "while True: pass",
    "forks": "import os\nwhile True: os.fork()",
    "daemon": "import os\nos.setsid()\nos.fork()",
    "spawns": "import subprocess\nsubprocess.Popen(['sleep', '60'])",
    "shell": "import os\nos.system('touch {outside}/harm')",
    "writes": "open('{outside}/harm', 'w').write('x')",
    "climbs": "open('../../../harm', 'w').write('x')",
    "links": "import os\nos.symlink('{outside}', 'link')\nopen('link/harm', 'w')",
    "swaps": "import os\nos.remove('mask.py')\nos.mkdir('mask.py')\nraise SystemExit(3)",
    "renames": "import os\nos.rename('{outside}/kept', 'mine')",
    "removes": "import os\nos.remove('{outside}/kept')",
    "library": "import ctypes\nctypes.CDLL(None).system(b'touch {outside}/harm')",
    "connects": "import socket\nsocket.create_connection(('127.0.0.1', 9))",
    "kills": "import os\nos.kill(os.getppid(), 9)",
    "kills by a handle": "import os, signal\nsignal.pidfd_send_signal(os.pidfd_open(os.getppid()), 9)",
    "kills by a limit": "import os, resource\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))",
    "library in use": "import ctypes\nctypes.pythonapi.system(b'touch {outside}/harm')",
    "database": "import sqlite3\nsqlite3.connect('{outside}/harm').execute('create table t (x)')",
    "memory": "x = bytearray(1 << 36)",
    "file": "with open('big', 'wb') as f:\n    f.write(bytes(1 << 28))",
    "files": "for i in range(1 << 20):\n    open(str(i), 'wb').write(bytes(1 << 20))",
    "burrows": "import os\nwhile True:\n    os.makedirs('d', exist_ok=True)\n    os.chdir('d')",
    "exits": "import os\nos._exit(0)",
    "leaves": "import sys\nsys.exit(0)",
    "floods": "while True: print('x' * 10000)",
    "answers": "import os\nfor fd in (3, 4):\n    try: os.write(fd, b'{{\"value\": 1}}\\n')\n    except OSError: pass",
    "never stops answering": TALKS.format(line="b'{{{{\"value\": 1}}}}\\n' * 1000"),
    "never ends a line": TALKS.format(line="b'x' * (1 << 20)"),
    "nests": TALKS.format(line="b'[' * (1 << 20) + b'\\n'"),
    "asks nobody": TALKS.format(line="b'{{{{\"ask\": []}}}}\\n'"),
    "objects": "def build_mask(T, dtype): return [object()]\ndef correct(x): return {{}}\ndef broken(x): return 'x'",
    "recursion": "def build_mask(T, dtype): return build_mask(T, dtype)\ncorrect = broken = build_mask",
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_stays_where_it_is(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if harm == "kills by a handle" and landlock.version() < landlock.KNOWS_SIGNALS:
        pytest.skip("this kernel would let it: its Landlock knows no signals")
    monkeypatch.setenv("HANDBOOK_LAB_SECONDS", "2")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept", encoding="utf-8")
    code = HARM[harm].format(outside=outside)
    folder = finished(lab("L02"), tmp_path / "learner", mask_py=code, verify_py=code)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    since = time.monotonic()
    failed = failures("L02", folder)
    assert {"mask", "correct", "broken", "verify"} <= failed.keys()
    assert time.monotonic() - since < 60
    assert [file.name for file in outside.iterdir()] == ["kept"]
    assert not list(tmp_path.rglob("harm"))
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


ODD = (
    "None",
    "'text'",
    "{'a': 1}",
    "[[1], [2, 3]]",
    "np.zeros(300)",
    "np.array(['a'])",
    "np.ones((3, 3)) * 1j",
    "10**400",
)
ODD_IN_LISTS = (
    "[]",
    "[object()]",
    "[(1, 2), (3, np.zeros(2))]",
    "(np.zeros(2), 1)",
    "[np.zeros((2, 2))] * 7",
    "['a', 'b']",
)


@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
@pytest.mark.parametrize("answer", [*ODD, *ODD_IN_LISTS])
def test_no_answer_breaks_a_comparison(one: Lab, answer: str, tmp_path: Path) -> None:
    """Whatever each function gives, what is said of it is a sentence that was written for it."""
    folder = finished(one, tmp_path)
    for file in folder.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        names = re.findall(r"^def ([a-z]\w*)", text, re.MULTILINE)
        answers = [f"def {name}(*_, **__):\n    return {answer}\n" for name in names]
        file.write_text("\n\n".join([text, "import numpy as np", *answers]), encoding="utf-8")
    assert failures(one.id, folder)


def test_nothing_of_a_submission_runs_before_the_limits_stand(tmp_path: Path) -> None:
    folder = finished(lab("L01"), tmp_path / "learner")
    for home in (folder, folder / ".local"):
        packages = home / f"lib/python3.{sys.version_info.minor}/site-packages"
        packages.mkdir(parents=True)
        (packages / "early.pth").write_text(f"import pathlib; pathlib.Path({str(tmp_path)!r}, 'harm').touch()\n")
    for name in ("sitecustomize.py", "usercustomize.py", "handbook.py", "numpy.py", "json.py"):
        (folder / name).write_text(f"import pathlib; pathlib.Path({str(tmp_path)!r}, 'harm').touch()\n")
    assert failures("L01", folder, "split") == {}
    assert not (tmp_path / "harm").exists()


def test_a_process_that_left_its_group_is_found_by_its_mark() -> None:
    marked = {**os.environ, process._MARK: "a mark"}
    left = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=marked, start_new_session=True
    )
    try:
        process._sweep("another mark")
        assert left.poll() is None
        process._sweep("a mark")
        assert left.wait(10) == -signal.SIGKILL
    finally:
        left.kill()
        left.communicate()


def test_links_and_secrets_are_not_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHERS_TOKEN", "hunter2")
    secret = tmp_path / "secret.md"
    secret.write_text("## 1\n\nhunter2 denominator\n", encoding="utf-8")
    code = "import os\nraise ValueError(f'{os.path.exists(\"README.md\")} {os.environ}')"
    folder = finished(lab("L02"), tmp_path / "learner", mask_py=code)
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to(secret)
    outcomes = grade(lab("L02"), folder)
    said = "\n".join(lines(lab("L02"), outcomes, "en"))
    assert "hunter2" not in said
    assert "False" in said
    assert "missing or empty: README.md" in said


def test_a_message_commands_no_terminal(tmp_path: Path) -> None:
    folder = finished(lab("L02"), tmp_path, mask_py="raise ValueError('\\x1b[2Jgone')")
    said = "\n".join(lines(lab("L02"), grade(lab("L02"), folder), "en"))
    assert "\x1b" not in said


# The learner's command --------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder outside the repository, in which the command is called."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_labs_are_listed_by_id_and_title(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language, head in (("en", "Labs. Begin one with `"), ("es", "Laboratorios. Empieza uno con `")):
        assert main(["lab", "list", "--lang", language]) == 0
        first, *rest = capsys.readouterr().out.splitlines()
        assert first.startswith(f"{head}handbook lab start L00")
        assert rest == [f"  {one.id}  {one.title[language]}" for one in labs()]
    main(["lab", "start", "L01", "--lang", "es"])
    capsys.readouterr()
    main(["lab", "list"])
    assert capsys.readouterr().out.startswith("Laboratorios")


def test_a_lab_whose_folder_has_gone_is_said_to(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lab", "start", "L00"])
    (here / lab("L00").folder).rename(here / "elsewhere")
    assert main(["lab", "check", "L00"]) == 2
    said = capsys.readouterr().err
    assert "L00" in said
    assert str(here / lab("L00").folder) in said


def test_nothing_of_a_learners_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "start", "L02", "--lang", "es"]) == 0
    mine = here / "experiments/15-causal-mask/mask.py"
    mine.write_text("mine", encoding="utf-8")
    assert main(["lab", "start", "L02"]) == 0
    assert mine.read_text(encoding="utf-8") == "mine"
    said = capsys.readouterr().out
    assert "intacto  mask.py" in said
    for arguments in (["check", "L02"], ["hint", "L02"], ["solution", "L02", "--yes"], ["progress"]):
        main(["lab", *arguments])
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_lab_from_start_to_end(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = lab("L01")
    assert main(["lab", "start", "L01", "--into", "mine"]) == 0
    os.chdir("mine")
    assert main(["lab", "check", "l01"]) == 1
    assert "split_heads in heads.py is not written yet" in capsys.readouterr().out
    assert main(["lab", "hint", "L01"]) == 0
    assert main(["lab", "hint", "L01", "--lang", "es"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("split_heads (1 of 2)")
    assert second.startswith("split_heads (2 de 2)")
    assert main(["lab", "hint", "L01"]) == 0
    assert "no more hints" in capsys.readouterr().out
    for name, content in one.solution("en").items():
        (Path(one.folder) / name).write_bytes(content)
    assert main(["lab", "check", "L01"]) == 0
    assert "L01 is done." in capsys.readouterr().out
    os.chdir(one.folder)  # from within the lab's own folder too
    assert main(["lab", "progress"]) == 0
    said = capsys.readouterr().out
    assert "L01  4 of 4" in said
    assert "L02  not begun" in said
    assert main(["lab", "hint", "L01"]) == 0
    assert "nothing to hint at" in capsys.readouterr().out
    kept = progress.read(here / "mine").records["L01"]
    assert kept.passed == tuple(step.id for step in one.steps)
    assert kept.hints == {"split": 2}


def test_a_solution_is_shown_to_who_says_yes(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["lab", "start", "L00"])
    for answer, status in (("\n", 1), ("", 1), ("n\n", 1), ("y\n", 0)):
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        assert main(["lab", "solution", "L00"]) == status
        assert ("def softmax(row):" in capsys.readouterr().out) == (status == 0)
    assert progress.read(here).records["L00"].solution_seen


def test_the_lab_that_is_named_is_watched(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["lab", "start", "L00"])
    capsys.readouterr()
    monkeypatch.setattr(learner, "watch", lambda one, kept, say: say(f"{one.id} in {kept.root}"))
    assert main(["lab", "watch", "L00"]) == 0
    assert capsys.readouterr().out == f"L00 in {here}\n"


def test_watching_checks_on_each_save(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "PAUSE", 0.01)
    main(["lab", "start", "L00"])
    one, said = lab("L00"), []
    file = here / one.folder / "by_hand.py"

    def until() -> bool:
        checks = sum(line.endswith("steps pass") for line in said)
        if checks == 1 and not file.read_text(encoding="utf-8").endswith("# saved\n"):
            file.write_bytes(one.solution("en")["by_hand.py"] + b"# saved\n")
        return checks == 2

    learner.watch(one, learner.begun(one, here), said.append, until)
    assert [line for line in said if "steps pass" in line] == ["0 of 5 steps pass", "3 of 5 steps pass"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "L02"], "L02 is not begun here; `handbook lab start L02` writes what you need"),
        (["check", "L02", "--lang", "es"], "L02 no está empezado aquí"),
        (["start", "L99"], "there is no lab L99; there are L00, L01"),
        (["start", "L99", "--lang", "es"], "no hay ningún laboratorio L99; hay L00, L01"),
        (["grade", "nowhere"], "nowhere is not a folder"),
        (["start", "L02", "--into", "file/below"], "cannot be made"),
    ],
)
def test_a_wrong_call_gets_one_line(
    arguments: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "file").write_text("", encoding="utf-8")
    assert main(["lab", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_progress_that_cannot_be_read_is_said_so(here: Path) -> None:
    (here / progress.NAME).write_text("passed = [", encoding="utf-8")
    with pytest.raises(CallError, match="cannot be read"):
        progress.read(here)
    (here / progress.NAME).write_text('language = "en"\n[L02]\nnothing = 1\n', encoding="utf-8")
    with pytest.raises(CallError, match="cannot be read"):
        progress.read(here)


# The teacher's ----------------------------------------------------------------


def test_grades_of_many_submissions(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finished(lab("L00"), here / "ana")
    finished(lab("L01"), here / "=cmd", heads_py="import os\nos._exit(1)\n")
    odd = here / "renamed"
    shutil.copytree(finished(lab("L01"), here / "spare"), odd)
    assert main(["lab", "grade", "ana", "=cmd"]) == 0
    assert capsys.readouterr().out == "ana  L00  5/5\n=cmd  L01  0/4\ngrades.csv, grades.json\n"
    with Path("grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["submission"], row["lab"], row["passed"]) for row in rows] == [
        ("ana", "L00", "5"),
        ("'=cmd", "L01", "0"),
    ]
    data = json.loads(Path("grades.json").read_text(encoding="utf-8"))
    assert [one["passed"] for one in data] == [5, 0]
    assert data[1]["steps"][0]["found"] == "the process ended while split_heads ran"
    assert main(["lab", "grade", "renamed"]) == 2
    assert main(["lab", "grade", "renamed", "--lab", "L01", "--csv", "a.csv", "--json", "a.json"]) == 0
    assert json.loads(Path("a.json").read_text(encoding="utf-8"))[0]["passed"] == 4
