"""L06, the entropy floor: texts whose floor is known, two controls that are scored here, verdicts on fresh models."""

from __future__ import annotations

import numpy as np

from handbook.labs.grading.bench import Bench, as_array
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.visibility import compare
from handbook.labs.reference.attention import WRONG, softmax, triangle
from handbook.labs.suspects import CAUSAL, LEAKS, RECIPES, VERDICTS, Suspect, disguised, drawn
from handbook.labs.texts import Say, say
from minimodel.training import Parameters, predict

FILE, JUDGE = "floor.py", "judge.py"
T, D_MODEL, N_HEADS = 8, 32, 4
LAGS = (2, 3)

MARGIN = 0.15
"""How far, in nats, a trained model may be from the floor that it should reach."""

SIGMAS, TEXTS, SCORED = 6, 4000, 1000
"""How far a count may stray, in standard deviations, and how many texts are drawn to count and to score."""

MASKED_WRONGLY = (
    "mask-after-softmax",
    "multiply-by-zero",
    "zero-one-mask",
    "softmax-over-queries",
    "diagonal-ahead",
    "diagonal-closed",
    "polarity-swapped",
    "not-masked",
    "identity",
)
"""The bugs that the weights of a control may hold."""


def _die(bench: Bench, V: int) -> np.ndarray:
    """A die that falls on one side more often than not: a reader of the past has something to gain."""
    heavy = bench.rng.uniform(0.6, 0.75)
    p: np.ndarray = bench.rng.dirichlet(np.ones(V)) * (1 - heavy)
    p[bench.rng.integers(V)] += heavy
    return p


def _entropy(p: np.ndarray) -> float:
    return float(-(p * np.log(np.where(p > 0, p, 1.0))).sum())


def _floor(p: np.ndarray, T: int, lag: int) -> float:
    """Of T targets, the tokens 1 to T, those before token ``lag`` are even throws."""
    even = min(lag - 1, T)
    return float((even * np.log(len(p)) + (T - even) * _entropy(p)) / T)


def floor(bench: Bench) -> None:
    """The floor, for dice, lengths and lags of the grader's choice."""
    for V, length, lag in [
        *bench.rng.integers((3, 5, 2), (9, 20, 5), size=(4, 3)).tolist(),
        [4, 6, 1],
        [5, 3, 4],
        [5, 2, 4],
    ]:
        p = _die(bench, V)
        known = {
            "start-forgotten": _entropy(p),
            "inputs-counted": (min(lag, length) * np.log(V) + max(length - lag, 0) * _entropy(p)) / length,
            "fair-die": float(np.log(V)),
            "in-bits": _floor(p, length, lag) / np.log(2),
        }
        wanted, found = _floor(p, length, lag), bench.array(FILE, "floor_of", p, length, lag)
        bug = next((name for name, value in known.items() if lag > 1 and _is(found, value)), None)
        compare(found, np.asarray(wanted), "floor_of", bug)
    p = np.array([0.5, 0.0, 0.5])
    compare(bench.array(FILE, "floor_of", p, 4, 2), np.asarray(_floor(p, 4, 2)), "floor_of", "zero-times-infinity")


def _is(found: np.ndarray, value: float) -> bool:
    return found.shape == () and bool(np.isclose(found, value, rtol=1e-6))


def draw(bench: Bench) -> None:
    """The texts, counted: even at the start, a loaded throw on top of the token ``lag`` back, and nothing else."""
    for lag in bench.rng.permutation([2, 3, 4]).tolist():
        V, length = int(bench.rng.integers(4, 8)), 2 * lag + 3
        p, seed = _die(bench, V), _seed(bench)
        texts = bench.array(FILE, "draw", p, TEXTS, length, lag, seed)
        _check_form(texts, length, V)
        if not np.array_equal(texts, bench.array(FILE, "draw", p, TEXTS, length, lag, seed)):
            raise fail("same-seed", "other-texts")
        if np.array_equal(texts, bench.array(FILE, "draw", p, TEXTS, length, lag, _seed(bench))):
            raise fail("other-seed", "same-texts")
        _check_counts(texts.astype(np.int64), p, lag)


def _seed(bench: Bench) -> int:
    return int(bench.rng.integers(2**31))


def _check_form(texts: np.ndarray, length: int, V: int) -> None:
    if texts.shape != (TEXTS, length):
        raise FailError(say("shape", what="draw", shape=(TEXTS, length)), say("shape", what="draw", shape=texts.shape))
    if texts.dtype.kind not in "iu" or texts.min() < 0 or texts.max() >= V:
        raise fail("tokens", "no-tokens", last=V - 1, dtype=texts.dtype, low=texts.min(), high=texts.max())


def _check_counts(texts: np.ndarray, p: np.ndarray, lag: int) -> None:
    V, even = len(p), np.full(len(p), 1 / len(p))
    for t in range(lag):
        if not _falls(texts[:, t], even):
            raise fail("even-start", "uneven", position=t, lag=lag)
    for t in range(lag, texts.shape[1]):
        if not _falls((texts[:, t] - texts[:, t - lag]) % V, p):
            other = [back for back in range(1, t + 1) if _falls((texts[:, t] - texts[:, t - back]) % V, p)]
            if other:
                raise fail("lag", "other-lag", position=t, lag=lag, other=other[0])
            raise fail("loaded", "not-loaded", position=t, lag=lag)
    for t in range(1, texts.shape[1]):  # two neighbours belong to different chains, and know nothing of each other
        if not _falls((texts[:, t] - texts[:, t - 1]) % V, even):
            raise fail("independent", "dependent", position=t, other=t - 1)
    if not _falls((texts[1:, 0] - texts[:-1, 0]) % V, even):
        raise fail("own-texts", "alike")
    throws = (texts[:, lag:] - texts[:, :-lag]) % V  # [B, length - lag]
    apart = np.array([p @ np.roll(p, -step) for step in range(V)])  # how two throws differ that know nothing of others
    for t in range(1, throws.shape[1]):
        if not _falls((throws[:, t] - throws[:, t - 1]) % V, apart):
            raise fail("throws-apart", "throws-alike", position=lag + t, other=lag + t - 1)


def _falls(throws: np.ndarray, p: np.ndarray) -> bool:
    """Whether the sides come up as often as they should, up to luck."""
    counts = np.bincount(throws, minlength=len(p))
    luck = SIGMAS * np.sqrt(len(throws) * p * (1 - p)) + 3  # a side that is rare strays further than that
    return bool((np.abs(counts - len(throws) * p) <= luck).all())


def controls(bench: Bench) -> None:
    """The weights of both controls, compared with the formula."""
    for length in bench.rng.integers(4, 10, size=2).tolist():
        scores = bench.rng.normal(size=(2, length, length))
        for name, allowed in (("honest", triangle(length)), ("leaking", WRONG["diagonal-ahead"].allowed(length))):
            found = bench.array(FILE, "weights", name, scores)
            wanted = softmax(np.where(allowed, scores, -np.inf))
            bug = _bug(found, scores) if name == "honest" else "cannot-fail" if _same(found, scores) else None
            compare(found, wanted, f'weights("{name}", scores)', bug)


def _bug(found: np.ndarray, scores: np.ndarray) -> str | None:
    with np.errstate(all="ignore"):
        known = {name: WRONG[name].weigh(scores, WRONG[name].allowed(scores.shape[-1])) for name in MASKED_WRONGLY}
    same = (name for name, weights in known.items() if found.shape == weights.shape and _equal(found, weights))
    return next(same, None)


def _same(found: np.ndarray, scores: np.ndarray) -> bool:
    """Whether the control that should leak does not."""
    honest = softmax(np.where(triangle(scores.shape[-1]), scores, -np.inf))
    return found.shape == honest.shape and _equal(found, honest)


def _equal(found: np.ndarray, wrong: np.ndarray) -> bool:
    return np.allclose(found, wrong, equal_nan=True)


def training(bench: Bench) -> None:
    """The parameters of both controls, scored here on texts that are drawn here."""
    p, lag, seed = _die(bench, int(bench.rng.integers(5, 8))), int(bench.rng.choice(LAGS)), _seed(bench)
    texts, floor = _texts(bench, p, lag), _floor(p, T, lag)
    honest = _parameters(bench, "honest", p, lag, seed)
    loss = _loss(honest, CAUSAL["masked-first"], texts)
    if not abs(loss - floor) <= MARGIN:
        bug = _untrained(loss, floor, p)
        for name in ("labels-unshifted", "labels-backwards"):  # what it is good at is what it was asked for
            bug = name if _loss(honest, LEAKS[name], texts) < floor - MARGIN else bug
        raise fail("at-the-floor", "loss-found", name="honest", floor=f"{floor:.3f}", loss=f"{loss:.3f}", bug=bug)
    loss = _loss(_parameters(bench, "leaking", p, lag, seed), LEAKS["diagonal-ahead"], texts)
    if not loss < floor - MARGIN:
        bug = _untrained(loss, floor, p)
        raise fail("below-the-floor", "loss-found", name="leaking", floor=f"{floor:.3f}", loss=f"{loss:.3f}", bug=bug)


def _untrained(loss: float, floor: float, p: np.ndarray) -> str | None:
    """Why a model is worse than it could be: it knows other texts too well, or nothing well enough."""
    if loss > np.log(len(p)) + MARGIN:
        return "learned-by-heart"
    return "too-short" if loss > floor - MARGIN else None


def _texts(bench: Bench, p: np.ndarray, lag: int) -> np.ndarray:
    texts = bench.rng.choice(len(p), size=(SCORED, T + 1), p=p)
    texts[:, :lag] = bench.rng.integers(len(p), size=(SCORED, lag))
    for t in range(lag, T + 1):
        texts[:, t] = (texts[:, t] + texts[:, t - lag]) % len(p)
    return texts


def _parameters(bench: Bench, name: str, p: np.ndarray, lag: int, seed: int) -> Parameters:
    found = bench.subject.call(FILE, "control", name, p, lag, seed)
    arrays = [as_array("control", one) for one in found] if isinstance(found, list) else []
    V = len(p)
    shapes = [(V, D_MODEL), (T, D_MODEL), *[(D_MODEL, D_MODEL)] * 4, (D_MODEL, V)]
    there = [one.shape for one in arrays]
    if there != shapes:
        raise fail("parameters", "no-parameters", count=len(shapes), shapes=shapes, found=str(there or found)[:200])
    return Parameters(*(one.astype(float) for one in arrays))


def _loss(parameters: Parameters, model: Suspect, texts: np.ndarray) -> float:
    """The mean surprise; written out here, because NaN must stay NaN."""
    inputs, targets = model.labels(texts)  # [B, T] each
    with np.errstate(all="ignore"):
        logits, _ = predict(parameters, inputs, N_HEADS, model.weigh)  # [B, T, V]
        odds = np.take_along_axis(softmax(logits), targets[..., None], axis=-1)
        return float(-np.log(odds).mean())


def verdicts(bench: Bench) -> Say | None:
    """One word a model, for models, dice and lags that are drawn here."""
    for number, secret in bench.rng.integers(2**31, size=(2, 2)).tolist():
        p, lag = _die(bench, 6), int(bench.rng.choice(LAGS))
        truth = drawn(secret)  # of the number that the answer gets, `drawn` knows nothing
        bench.subject.hand(number, [disguised(RECIPES[verdict][name], bench.rng) for verdict, name in truth])
        found = bench.subject.call(JUDGE, "verdicts", number, p, lag)
        if not isinstance(found, list) or len(found) != len(truth) or not all(one in VERDICTS for one in found):
            words = ", ".join(VERDICTS)
            raise fail("words", "no-words", count=len(truth), words=words, found=str(found)[:120])
        for i, (said, (verdict, name)) in enumerate(zip(found, truth, strict=True)):
            if said != verdict:
                bug = _misjudged(said, verdict, name)
                raise fail("verdict", "verdict-found", i=i, wanted=verdict, said=said, bug=bug)
    return say("told-apart")


def _misjudged(said: str, verdict: str, name: str) -> str | None:
    if verdict == "blind" and said == "causal":
        return "below-alone"
    if verdict == "leaks" and said == "causal" and name == "mask-after-softmax":
        return "too-short"
    return None
