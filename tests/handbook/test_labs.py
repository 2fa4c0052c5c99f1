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
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from handbook.cli import main
from handbook.findings import CallError
from handbook.labs import learner, process, progress
from handbook.labs.bugs import bugs, sections
from handbook.labs.grade import grade
from handbook.labs.lab import Lab, lab, labs
from handbook.labs.models import WRONG
from handbook.labs.outcome import Outcome
from handbook.labs.panels import read_panels, save_panels
from handbook.labs.report import lines
from handbook.labs.texts import common
from handbook.museum.exhibit import Exhibit, exhibits
from handbook.project import LANGUAGES

ROOT = Path(__file__).parents[2]


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
    return {one.step: one for one in grade(lab(name), folder, only or None)}


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
    source = {one.id: f"src/handbook/labs/graders/{one.id.lower()}.py" for one in labs()}
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
}
"""The exhibits that change what a lab asks for, and the step that has to name each."""

USED = {"attention", "masks", "softmax"}
CASES = [(one.id, exhibit) for one in labs() for exhibit in exhibits() if USED & set(exhibit.modules)]


@pytest.mark.parametrize(("name", "exhibit"), CASES, ids=[f"{name}-{exhibit.id}" for name, exhibit in CASES])
def test_every_exhibit_that_a_lab_can_meet_fails_it_by_name(name: str, exhibit: Exhibit, tmp_path: Path) -> None:
    folder = finished(lab(name), tmp_path, **THROUGH_MINIMODEL[name])
    shutil.copytree(ROOT / "src/minimodel", folder / "minimodel", ignore=shutil.ignore_patterns("__pycache__"))
    for patch in exhibit.patches:
        for module in patch.modules:
            file = folder / "minimodel" / f"{module}.py"
            file.write_text(patch.apply(file.read_text(encoding="utf-8"), module), encoding="utf-8")
    step = MET.get((name, exhibit.id))
    failed = failures(name, folder, step) if step else failures(name, folder)
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


# Submissions that mean harm lose only themselves ------------------------------

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
    "memory": "x = bytearray(1 << 36)",
    "file": "with open('big', 'wb') as f:\n    f.write(bytes(1 << 28))",
    "exits": "import os\nos._exit(0)",
    "leaves": "import sys\nsys.exit(0)",
    "floods": "while True: print('x' * 10000)",
    "answers": "import os\nfor fd in (3, 4):\n    try: os.write(fd, b'{{\"value\": 1}}\\n')\n    except OSError: pass",
    "objects": "def build_mask(T, dtype): return [object()]\ndef correct(x): return {{}}\ndef broken(x): return 'x'",
    "recursion": "def build_mask(T, dtype): return build_mask(T, dtype)\ncorrect = broken = build_mask",
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_stays_where_it_is(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
