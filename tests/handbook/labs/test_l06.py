"""L06: a floor, texts, controls and verdicts that are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from handbook.labs import suspects
from handbook.labs.grading import l06
from handbook.labs.grading.outcome import FailError, Outcome
from handbook.labs.lab import lab
from handbook.labs.texts import Say
from tests.handbook.labs.handed_in import failures, finished, told

LOOKED_UP = {
    "drawn": "from handbook.labs.suspects import drawn\n\n\ndef verdicts(number, p, lag):\n"
    "    return [verdict for verdict, _ in drawn(number)]\n",
    "the known ones": "from handbook.labs.suspects import VERDICTS, suspects\n\n\ndef verdicts(number, p, lag):\n"
    "    known = {id(one.weigh): said for said, kinds in VERDICTS.items() for one in kinds.values()}\n"
    "    return [known.get(id(one.weigh), 'causal') for one in suspects(number)]\n",
    "nothing": "def verdicts(number, p, lag):\n    return ['leaks', 'causal', 'blind', 'leaks']\n",
}


@pytest.mark.parametrize("how", LOOKED_UP)
def test_verdicts_are_not_to_be_looked_up(how: str, tmp_path: Path) -> None:
    folder = finished(lab("L06"), tmp_path, judge_py=LOOKED_UP[how])
    assert "verdicts" in failures("L06", folder, "verdicts")


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


def thrown_once(p: np.ndarray, n: int, length: int, lag: int, seed: int | None) -> np.ndarray:
    """An even start, and one throw for all the rest of a text."""
    rng = np.random.default_rng(seed)
    texts = rng.integers(len(p), size=(n, length))
    throws = rng.choice(len(p), size=n, p=p)
    for t in range(lag, length):
        texts[:, t] = (texts[:, t - lag] + throws) % len(p)
    return texts


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
        ("throws-alike", lambda p, n, length, lag, seed: thrown_once(p, n, length, lag, seed)),
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
def test_a_wrong_verdict_is_explained(name: str, said: str, bug: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without training anything: whoever answers knows the truth, and misjudges one kind of model."""

    monkeypatch.setattr(l06, "disguised", lambda recipe, rng: recipe)
    handed: dict[int, Any] = {}
    known = [(verdict, one, recipe) for verdict, kinds in suspects.RECIPES.items() for one, recipe in kinds.items()]

    def answer(file: str, function: str, number: int, p: np.ndarray, lag: int) -> list[str]:
        told = [next((v, n) for v, n, recipe in known if recipe is one) for one in handed[number]]
        return [said if drawn == name else verdict for verdict, drawn in told]

    def bench(seed: int) -> Any:
        subject = SimpleNamespace(call=answer, hand=handed.__setitem__)
        return SimpleNamespace(rng=np.random.default_rng(seed), subject=subject)

    met: set[str | None] = set()
    for seed in range(40):
        try:
            passes = l06.verdicts(bench(seed))
            assert passes == Say("told-apart")
        except FailError as failed:
            met.add(failed.bug)
            told(lab("L06"), Outcome("verdicts", False, failed.expected, failed.found, failed.bug))
    assert met == {bug}


@pytest.mark.parametrize("one", [one for kinds in suspects.RECIPES.values() for one in kinds.values()])
def test_a_model_in_disguise_weighs_alike_and_stands_in_no_list(one: suspects.Recipe) -> None:
    rng = np.random.default_rng(0)
    other, scores = suspects.disguised(one, rng), rng.normal(size=(2, 6, 6))
    assert np.allclose(other.suspect().weigh(scores)[0], one.suspect().weigh(scores)[0])
    assert not np.array_equal(other.added, one.added)


@pytest.mark.parametrize("one", [one for kinds in suspects.VERDICTS.values() for one in kinds.values()])
def test_the_way_back_of_a_suspect_is_the_derivative(one: suspects.Suspect) -> None:
    rng = np.random.default_rng(0)
    scores, toward, step = rng.normal(size=(3, 5, 5))
    weights, backward = one.weigh(scores)
    ahead, behind = (one.weigh(scores + sign * 1e-6 * step)[0] for sign in (1, -1))
    slope = ((ahead - behind) * toward).sum() / 2e-6
    assert weights.shape == scores.shape
    assert np.isclose((backward(toward) * step).sum(), slope, rtol=1e-6)
