"""The command by itself: what it prints, its exit status, and one line for whatever cannot be asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def command(*arguments: str, cwd: Path = HERE) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-P", "-m", "causality", *arguments]
    return subprocess.run(program, cwd=cwd, capture_output=True, text=True, check=False, env=dict(os.environ))


@pytest.mark.parametrize(
    "name",
    [
        *("honest", "of_batches", "of_token_batches", "in_a_tuple", "in_a_dict", "in_a_field", "last_row", "make"),
        *("changes_its_input", "up_to_ten", "chatty"),
    ],
)
def test_whatever_people_bring_is_understood(name: str) -> None:
    said = command(f"models:{name}")
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.splitlines()[-1].startswith("nothing wrong in what was asked: influence")
    assert said.stderr == ""
    assert "a line of its own" not in said.stdout


def test_a_file_and_options_name_a_model_too() -> None:
    assert command("models.py:of_tokens", "--vocabulary", "10").returncode == 0
    assert command("tests/causality/models.py:of_width_24", "--width", "24", cwd=HERE.parents[1]).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["models:fails"], "the model raises at T = 8: RuntimeError: no weights; tried with vectors"),
        (["models:ends"], "the model raises at T = 8: SystemExit: 0; tried"),
        (["models:ends_at_once"], "models:ends_at_once ended the whole program (exit 0) before it was asked"),
        (["models:never_ends", "--seconds", "3"], "models:never_ends was stopped after 3 s; ask for less"),
        (["models:breaks_the_process"], "models:breaks_the_process was ended by signal 11 (SIGSEGV)"),
        (
            ["models:up_to_four"],
            "the model raises at T = 8: ValueError: the block size is 4; it takes 4 tokens: say --le",
        ),
        (["models:by_name"], "by_name takes no text by position; pass a function that gives it by name"),
        (["models:waves"], "the model gives a ndarray of complex128; pass the function that gives an array"),
        (["relative.py:f"], "write package.module:name, in the folder that holds the package"),
        (["relative.ipynb:f"], "put the model into a file, as in mymodel.py, and name that"),
        (["models:random"], "the model gives two different results for one text (off by"),
        (["models:nan"], "the model gives NaN or infinity in rows 2; a row that may read nothing does"),
        (["models:longer"], "the model turned 8 tokens into an output of shape [16, 16]; pass one that gives a row"),
        (["models:words"], "the model gives a list of str; pass the function that gives an array"),
        (["models:one_number"], "the model gives one number, such as a loss; pass the function that gives a row"),
        (["models:constant"], "no token moves any output; is the model blind to its input, or a constant?"),
        (["models:of_two"], "of_two also needs weights, and it is not clear what that is; pass a function of the text"),
        (["models:NeedsWeights"], "models:NeedsWeights is a class that needs arguments; make one in the module"),
        (["models:number"], "models has no function number"),
        (["models"], "models names no function; write module:function, as in mymodel:forward"),
        (["nowhere.py:f"], "there is no file nowhere.py"),
        (["nowhere:f"], "importing nowhere failed: ModuleNotFoundError"),
        (["models:up_to_ten", "--length", "11"], "the model raises at T = 11: ValueError: too long"),
        (["models:honest", "--expect", "windows:4"], "'windows:4' is no mask that is known by name; write one of"),
        (["models:honest", "--expect", "window:no"], "'window:no' is no mask that is known by name; write one of"),
        (["models:honest", "--expect", "number"], "the expected array has shape (); give booleans [T, T]"),
        (["models:honest", "--only", "weather"], "there is no question weather; there are influence"),
        (["models:honest", "--length", "1"], "--length 1 is too short"),
        (["models:honest", "--step", "honest"], ""),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_exit_2(arguments: list[str], line: str) -> None:
    said = command(*arguments)
    if not line:  # a step that is none leaves the question open, and the others answered
        assert said.returncode == 0
        assert "open   cache: honest takes no cache; pass step(tokens, cache)" in said.stdout
        return
    assert said.returncode == 2, said.stdout
    assert said.stdout == ""
    assert said.stderr.startswith(line) or line in said.stderr.splitlines()[-1], said.stderr
    assert "Traceback" not in said.stderr
    assert said.stderr.count("\n") == 1


def test_importing_a_module_that_ends_the_program_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import sys\nsys.exit(5)\n")
    said = command("script:f", cwd=tmp_path)
    assert (said.returncode, said.stderr) == (
        2,
        "importing script ends the program (exit 5); put that under __main__\n",
    )


def test_what_was_answered_before_the_time_was_up_is_said(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import time\n\n\ndef f(x):\n    time.sleep(30 * (len(x) > 8))\n    return x.cumsum(0)\n"
    )
    said = command("slow:f", "--seconds", "8", cwd=tmp_path)
    assert said.returncode == 2
    assert said.stderr.startswith("asked  f, numpy")
    assert said.stderr.splitlines()[-1] == "slow:f was stopped after 8 s; ask for less, or give it more with --seconds"


def test_no_torch_and_no_transformers_are_one_line(tmp_path: Path) -> None:
    for name in ("torch", "transformers"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('not here')\n")
    (tmp_path / "model.py").write_text("import numpy as np\n\n\ndef f(x):\n    return np.cumsum(x, 0)\n")
    program = [sys.executable, "-m", "causality"]
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}

    def said(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [*program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False, env=env
        )
        return done.returncode, done.stderr

    assert said("model:f") == (0, "")
    assert said("model:f", "--torch") == (2, "torch is not installed here; a model of tensors needs it\n")
    assert said("GPT2LMHeadModel") == (
        2,
        "GPT2LMHeadModel would be a class of Transformers, which is not installed here\n",
    )
