"""`handbook causality`, on models that a learner might bring."""

from __future__ import annotations

import pytest

from tests.conftest import Handbook

MODELS = """\
import numpy as np

table = np.random.default_rng(0).standard_normal((10, 4))


def honest(x):
    return np.cumsum(x, axis=0)


def leaking(x):
    return x + x.mean(axis=0)


def of_tokens(tokens):
    return np.cumsum(table[tokens], axis=0)


def of_tensors(x):
    return x.cumsum(0)


def failing(x):
    raise RuntimeError("no weights")


def random(x):
    return x + np.random.default_rng().standard_normal(x.shape)


number = 3
"""


@pytest.fixture
def learner(handbook: Handbook) -> Handbook:
    handbook.write("models.py", MODELS)
    return handbook


def test_an_honest_model_is_called_causal(learner: Handbook) -> None:
    said = learner.command("causality", "models:honest")
    assert said.returncode == 0
    assert "every output sees its own token and all before it, and none after it" in said.stdout
    assert said.stdout.splitlines()[-1] == "nothing wrong in what was asked: influence, prefixes"


def test_a_leaking_model_is_told_its_leaks(learner: Handbook) -> None:
    said = learner.command("causality", "models:leaking", "--length", "3")
    assert said.returncode == 1
    assert "       output 0 sees tokens 1, 2, which come later\n" in said.stdout
    assert "       output 1 sees token 2, which comes later\n" in said.stdout
    assert said.stdout.splitlines()[-1].startswith("wrong in influence")


def test_models_of_tokens_and_of_tensors_are_asked_too(learner: Handbook) -> None:
    assert learner.command("causality", "models:of_tokens", "--vocabulary", "10").returncode == 0
    pytest.importorskip("torch")
    assert learner.command("causality", "models:of_tensors", "--torch").returncode == 0


def test_it_needs_no_handbook_around_it(learner: Handbook) -> None:
    (learner.root / "mkdocs.yml").unlink()
    assert learner.command("causality", "models:honest").returncode == 0


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("models", "models names no function; write module:function"),
        ("nowhere:f", "importing nowhere failed: ModuleNotFoundError"),
        ("models:nothing", "models has no function nothing"),
        ("models:number", "models has no function number"),
        ("models:failing", "the model raises at T = 8: RuntimeError: no weights"),
        ("models:random", "the model gives two different results for one text"),
    ],
)
def test_a_wrong_call_gets_one_line(learner: Handbook, function: str, message: str) -> None:
    said = learner.command("causality", function)
    assert said.returncode == 2
    assert said.stderr.startswith(f"handbook: {message}")
    assert said.stderr.count("\n") == 1
