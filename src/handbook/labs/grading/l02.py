"""L02, the causal mask. Whatever a file claims is measured here again; nothing is taken from the claim."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np

from handbook.labs.grading.bench import Bench, numbers, shows
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.visibility import compare, first_fault, listed
from handbook.labs.panels import read_panels
from handbook.labs.reference.attention import RENORMALISED, RIGHT, WRONG, Parts, Weights, attend, likely, triangle
from handbook.labs.sandbox.process import Printed, SubjectError
from handbook.labs.texts import Say, say
from minimodel.influence import perturb

FILES = ("mask.py", "verify.py", "verify_output.txt", "mask_visual.png", "manifest.json", "README.md")
T, D_MODEL, HEADS, STD, SMALL_STD = 8, 16, 2, 0.25, 0.02
LEAK = 1e-3
"""What the broken model has to differ by, at the least, for the leak to be called seen."""

LEAST_FILL = -1e4
"""Beside scores of ordinary size the exponential of this is zero in every dtype."""

BITS = 1e-12
"""How far the outputs of a renormalised model may move: the last bits of its sums, and no more."""

RIGHT_MODEL, LEAKING = "right", "leaking"
OTHER_MODELS = {
    RIGHT_MODEL: "_right(x, std)",
    LEAKING: "_broken(x, std)",
    "blind": "np.concatenate([_right(row[None], std) for row in x])",
    "quiet": "_right(x, std) + 1e-7 * x.sum(axis=0)",
    "early": "_right(x, std) + 1e-3 * (np.arange(len(x)) == 0)[:, None] * x[min(2, len(x) - 1)]",
    "forgets": "np.concatenate([_right(x[:1], std), _right(x[1:], std)]) if len(x) > 1 else _right(x, std)",
}
"""What `correct` is replaced by, to see whether `verify.py` notices: the learner's own model that leaks, each token
alone, a leak that a tolerance forgives, one that the last token has no part in, a first token that nobody else reads.
All but the first have to be noticed, and the first must not."""

_OTHER_MASK = """import numpy as np
from handed_in_mask import *
from handed_in_mask import broken as _broken
from minimodel.attention import MultiHeadAttention, causal_mask

def _right(x, std):
    return MultiHeadAttention(d_model={d_model}, n_heads={heads}, seed=0, std=std).forward(x, causal_mask(len(x)))

_models = [
    {models}
]

def correct(x, std={std}):
    return _models[{place}](x, std)
"""
"""It holds all of them, in an order that is drawn: who reads it does not learn which one is asked for."""

RENORMALISED_BREAKS = "renormalised-breaks"
ZERO_TIMES_INFINITY = "zero-times-minus-infinity"
WORDS = 20
"""What an answer of the README has, at the least."""

_DENOMINATOR = re.compile(r"denominator|normali[sz]|divid|\bsums?\b|denominador|\bsumas?\b|\bsuman\b", re.IGNORECASE)
_VERSION = re.compile(r"\d+\.\d+(\.\w+)*[\w.+-]*")


def _weights(std: float = STD) -> Weights:
    """Those of `MultiHeadAttention(16, 2, seed=0, std=std)`, drawn here again."""
    W_q, W_k, W_v, W_o = np.random.default_rng(0).normal(0, std, (4, D_MODEL, D_MODEL))
    return W_q, W_k, W_v, W_o


def _text(seed: int) -> np.ndarray:
    """The text of the lab: what `verify.py` is told to draw."""
    return np.random.default_rng(seed).normal(size=(T, D_MODEL))


def _leak(seed: int, std: float = STD) -> float:
    """How far the broken model's outputs 0 to 6 move when the last token does: what the manifest has to say."""
    weights = _weights(std)
    return _moves(lambda x: attend(WRONG["mask-after-softmax"], x, weights, HEADS)[0], seed)


def _moves(model: Callable[[np.ndarray], np.ndarray], seed: int) -> float:
    """How far a model's outputs 0 to 6 move when the last token of the text does."""
    x = _text(seed)
    before, after = model(x), model(perturb(x, T - 1, 1.0))
    return float(np.abs(after - before)[:-1].max())


def files(bench: Bench) -> None:
    """All six are there."""
    missing = [name for name in FILES if not bench.handed_in.get(name)]
    if missing:
        raise fail("six-files", "missing", names=", ".join(missing))


def mask(bench: Bench) -> Say | None:
    """The additive mask: any length, in the dtype that was asked for; a large finite fill passes, and is told of."""
    fill = None
    for length in [T, 1, *bench.rng.integers(5, 14, size=2).tolist()]:
        for dtype in (np.float16, np.float64, np.float32):
            found = bench.array("mask.py", "build_mask", length, dtype)
            wanted = np.where(triangle(length), 0, -np.inf).astype(dtype)
            finite = _fill(found, length)
            if finite is not None:
                fill, found = finite, np.where(triangle(length), found, -np.inf).astype(found.dtype)
            bug = _bug_of_mask(found, bench.array("mask.py", "build_mask", length, np.float64), length)
            compare(found, wanted, f"build_mask({length}, {np.dtype(dtype).name})", bug)
            if found.dtype != dtype:
                raise fail("dtype", "dtype-found", dtype=np.dtype(dtype).name, found=found.dtype.name, bug=bug)

    return None if fill is None else say("finite", fill=f"{fill:g}")


def _fill(found: np.ndarray, length: int) -> float | None:
    """The number that a mask holds in the place of -inf, where it is right in everything else and large enough."""
    if found.shape != (length, length) or found.dtype.kind != "f":
        return None
    blocked = found[~triangle(length)]
    lowest = np.finfo(found.dtype).min
    one_fill = blocked.size and (blocked == blocked[0]).all() and lowest < blocked[0] <= LEAST_FILL
    return float(blocked[0]) if one_fill and not found[triangle(length)].any() else None


def _bug_of_mask(found: np.ndarray, wide: np.ndarray, length: int) -> str | None:
    if found.shape != (length, length) or length < 2:
        return None
    if found.dtype == np.bool_ or set(np.unique(found).tolist()) == {0, 1}:
        return "zero-one-mask"
    if np.isnan(found).any():  # a fill that half precision turns into infinity is a number in every wider one
        return ZERO_TIMES_INFINITY if np.isnan(wide).any() else "half-precision-fill"
    blocks = np.isneginf(found)
    if not blocks.any() and np.array_equal(found < -1e3, ~triangle(length)):
        lowest = np.finfo(found.dtype).min if found.dtype.kind == "f" else None
        return "full-rows-filled" if found.min() == lowest else "finite-fill"
    if found[~blocks].any():
        return None
    known = {name: parts.allowed(length) for name, parts in WRONG.items() if parts.allowed is not RIGHT.allowed}
    return next((name for name, allowed in known.items() if np.array_equal(~blocks, allowed)), None)


def correct(bench: Bench) -> Say | None:
    """The model that is masked before the softmax: its values, and who sees what in both directions."""

    def f(x: np.ndarray) -> np.ndarray:
        return bench.array("mask.py", "correct", x)

    forgiven = None
    for length in (T, *bench.rng.integers((4, 9), (8, 14)).tolist()):  # shorter than the lab's text, and longer
        x = bench.rng.normal(size=(length, D_MODEL))
        found, (wanted, _) = f(x), attend(RIGHT, x, _weights(), HEADS)
        bug = likely(found, x, _weights(), HEADS) or _same_for_all(bench, found, f(x + 1.0))
        if found.shape == wanted.shape:
            fault = first_fault(f, x, triangle(length))
            if fault is not None and not _rounds_alone(f, x):
                raise FailError(say("causal"), fault, bug)
            forgiven = forgiven or fault
        compare(found, wanted, "correct(x)", bug)
    _check_std(bench, "correct", RIGHT)
    note = _breaks(bench)
    if forgiven is not None and (note is None or note.key != RENORMALISED_BREAKS):
        raise FailError(say("causal"), forgiven)
    return note


def _rounds_alone(f: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> bool:
    """Whether what moved is the last bits: a renormalised row is causal in exact arithmetic, and not in any other."""
    for j in range(len(x)):
        tapped = perturb(x, j, 1.0)
        wanted, _ = attend(RIGHT, tapped, _weights(), HEADS)
        if not np.allclose(f(tapped), wanted, rtol=1e-13, atol=1e-13):
            return False
    return True


def _same_for_all(bench: Bench, found: np.ndarray, other: np.ndarray) -> str | None:
    """Why the answer does not depend on the input: it is a constant, or nothing but what a mask of NaN leaves."""
    if np.array_equal(found, other):
        return "constant"
    lost = found.dtype.kind == "f" and np.isnan(found).all()
    mask = bench.array("mask.py", "build_mask", T) if lost else np.zeros(1)
    return ZERO_TIMES_INFINITY if np.isnan(mask).any() else None


def _check_std(bench: Bench, name: str, parts: Parts) -> None:
    """The scale of the weights is asked for by whoever measures a leak under small ones."""
    x = bench.rng.normal(size=(T, D_MODEL))
    found, (wanted, _) = bench.array("mask.py", name, x, SMALL_STD), attend(parts, x, _weights(SMALL_STD), HEADS)
    compare(found, wanted, f"{name}(x, std={SMALL_STD})", within=1e-12)


def _renormalised(bench: Bench) -> bool:
    """Whether `correct` is right in exact arithmetic alone, so that an exact test is right to complain of it."""
    try:
        note = correct(bench)
    except (FailError, SubjectError):
        return False
    return note is not None and note.key == RENORMALISED_BREAKS


def _moved(bench: Bench, seed: int) -> float:
    """How far the outputs 0 to 6 of a renormalised `correct` move when the last token does, as it is measured here."""
    return _moves(lambda x: bench.array("mask.py", "correct", x), seed)


def _breaks(bench: Bench) -> Say | None:
    """Where a model that is right in exact arithmetic stops being right, if it does."""
    x = bench.rng.normal(size=(T, D_MODEL))
    for factor in (8, 16, 32, 64, 128, 256):
        found = bench.array("mask.py", "correct", factor * x)
        rows = np.flatnonzero(np.isnan(found).any(axis=-1)).tolist()
        if rows:
            # The last row has nothing blocked, so it cannot be 0/0: if it is lost too, the softmax overflows.
            kind = "overflows" if T - 1 in rows else RENORMALISED_BREAKS
            return say(kind, factor=factor, rows=listed(rows))
    return None


def broken(bench: Bench) -> None:
    """The model that is masked after the softmax and not renormalised: it has to leak, and by as much as it does."""
    for _ in range(2):
        x = bench.rng.normal(size=(T, D_MODEL))
        found = bench.array("mask.py", "broken", x)
        wanted, _ = attend(WRONG["mask-after-softmax"], x, _weights(), HEADS)
        right = [attend(parts, x, _weights(), HEADS)[0] for parts in (RIGHT, RENORMALISED)]
        if any(found.shape == one.shape and np.allclose(found, one) for one in right):
            raise fail("leaks", "leaks-not", least=LEAK, bug="renormalised")
        compare(found, wanted, "broken(x)", likely(found, x, _weights(), HEADS))
    moved = np.abs(bench.array("mask.py", "broken", perturb(x, T - 1, 1.0)) - found)[:-1].max()
    if not moved > LEAK:
        raise fail("leaks", "leaks-not", least=LEAK)
    _check_std(bench, "broken", WRONG["mask-after-softmax"])


def verify(bench: Bench) -> Say | None:
    """The learner's own test: it passes what is right, it shows what was measured, and it can fail."""
    seed = _seed(bench)
    ran = _ran(bench)
    renormalised = ran.status != 0 and _renormalised(bench)
    judged = _with_correct(bench, RIGHT_MODEL) if renormalised else ran
    if judged.status != 0:
        raise fail("exits-0", "exits", status=judged.status, text=judged.error or judged.text.strip()[-200:])
    leak, found = _leak(seed), numbers(ran.text)
    if not shows(ran.text, leak) or not any(abs(one) <= (BITS if renormalised else 0.0) for one in found):
        raise fail("prints", "printed", leak=f"{leak:.6g}", text=ran.text.strip()[:200] or say("nothing"))
    if not renormalised and _with_correct(bench, RIGHT_MODEL).status != 0:
        raise fail("passes-right", "complains")
    if _with_correct(bench, LEAKING).status == 0:
        raise fail("notices", "noticed-not", bug="cannot-fail")
    for name in (one for one in OTHER_MODELS if one not in (RIGHT_MODEL, LEAKING)):
        if _with_correct(bench, name).status == 0:
            raise FailError(say("notices-too", model=say(f"model-{name}")), say("noticed-not"))
    return say("notices-bits") if renormalised else None


def _ran(bench: Bench) -> Printed:
    ran = bench.script("verify.py")
    if ran.status is None:
        raise SubjectError(say("script-stopped", file="verify.py"))
    return ran


def _with_correct(bench: Bench, name: str) -> Printed:
    """Run `verify.py` on the learner's `mask.py` with another `correct`, one of `OTHER_MODELS`."""
    names = bench.rng.permutation(list(OTHER_MODELS)).tolist()
    models = "\n    ".join(f"lambda x, std: {OTHER_MODELS[one]}," for one in names)
    text = _OTHER_MASK.format(d_model=D_MODEL, heads=HEADS, std=STD, models=models, place=names.index(name))
    return bench.script_with({"mask.py": text, "handed_in_mask.py": bench.text("mask.py")}, "verify.py")


def output(bench: Bench) -> None:
    """What was kept of it is what it prints."""
    kept, ran = bench.text("verify_output.txt"), _ran(bench)
    if kept.strip() != ran.text.strip():
        here, there = _first_difference(kept.strip().splitlines(), ran.text.strip().splitlines())
        raise FailError(say("line", text=there), say("line", text=here))


def _first_difference(kept: list[str], printed: list[str]) -> tuple[str, str]:
    for mine, theirs in zip(kept, printed, strict=False):
        if mine != theirs:
            return mine[:120], theirs[:120]
    short = min(len(kept), len(printed))
    return "".join(kept[short : short + 1])[:120], "".join(printed[short : short + 1])[:120]


def picture(bench: Bench) -> None:
    """The mask on the left, and on the right what head 0 reads under it."""
    data = bench.read("mask_visual.png")
    try:
        left, right = read_panels(data)
    except ValueError as error:
        raise fail("panels", "no-panels", text=str(error)) from None
    shade = 0.51 / 255
    allowed = triangle(T).astype(float)
    compare(left, allowed, say("left"), "polarity-swapped" if np.array_equal(left, 1 - allowed) else None)
    x = _text(_seed(bench))
    _, wanted = attend(RIGHT, x, _weights(), HEADS)
    bug = None
    for name in ("mask-after-softmax", "not-masked", "softmax-over-queries"):
        _, wrong = attend(WRONG[name], x, _weights(), HEADS)
        if right.shape == wrong[0].shape and np.abs(right - wrong[0]).max() <= shade:
            bug = name
    compare(right, wanted[0], say("right"), bug, within=shade)


def manifest(bench: Bench) -> Say | None:
    """What was done, with what, and the two numbers, each compared with what is measured here."""
    found = _manifest(bench)
    config = {"T": T, "d_model": D_MODEL, "n_heads": HEADS}
    for key, wanted in (("experiment", "15-causal-mask"), ("config", config)):
        if found.get(key) != wanted:
            raise fail("key", "key-found", key=key, wanted=json.dumps(wanted), found=_short(found.get(key)))
    _check_date(found.get("date"))
    seed = _seed(bench)
    differences = found.get("max_difference")
    differences = differences if isinstance(differences, dict) else {}
    for model, measured in (("correct", 0.0), ("broken", _leak(seed))):
        claimed = differences.get(model)
        number = claimed if isinstance(claimed, (int, float)) and not isinstance(claimed, bool) else float("nan")
        close = abs(number - measured) <= 5e-4 * measured  # NaN is no closer than anything
        if not close and model == "correct" and abs(number) <= BITS and _renormalised(bench):
            close = bool(np.isclose(number, _moved(bench, seed), rtol=1e-3, atol=0))
        if not close:
            key = f"max_difference.{model}"
            raise fail("key", "key-found", key=key, wanted=f"{measured:.6g}", found=_short(claimed))
    return _versions(found.get("versions"))


def _manifest(bench: Bench) -> dict[str, Any]:
    try:
        found = json.loads(bench.text("manifest.json"))
    except (ValueError, RecursionError) as error:
        raise fail("json", "broken", file="manifest.json", text=str(error)[:120]) from None
    if not isinstance(found, dict):
        raise fail("json", "broken", file="manifest.json", text=type(found).__name__)
    return found


def _seed(bench: Bench) -> int:
    """The seed of the text; the manifest chooses it, and until there is one it is 0."""
    seed = _manifest(bench).get("seed") if "manifest.json" in bench.handed_in else 0
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise fail("key", "key-found", key="seed", wanted="0 … 2**63 - 1", found=_short(seed))
    return seed


def _check_date(found: object) -> None:
    try:
        day = date.fromisoformat(str(found))
    except ValueError:
        raise fail("date", "key-found", key="date", found=_short(found)) from None
    if day > date.today() + timedelta(days=1):  # somewhere it is tomorrow already
        raise fail("date", "key-found", key="date", found=_short(found))


def _versions(found: object) -> Say | None:
    here = {"python": platform.python_version(), "numpy": np.__version__}
    found = found if isinstance(found, dict) else {}
    for name, version in here.items():
        claimed = found.get(name)
        if not isinstance(claimed, str) or not _VERSION.fullmatch(claimed):
            key = f"versions.{name}"
            raise fail("key", "key-found", key=key, wanted=json.dumps(version), found=_short(claimed))
    other = {name: found[name] for name in here if found[name] != here[name]}
    return say("other-versions", theirs=json.dumps(other), here=json.dumps(here)) if other else None


def _short(value: object) -> str:
    return json.dumps(value, default=str)[:80]


def readme(bench: Bench) -> None:
    """Two questions answered: the first in words, the second with a number that can be measured again."""
    parts = re.split(r"^##[^\n]*$", bench.text("README.md"), flags=re.MULTILINE)[1:]
    if len(parts) < 2:
        raise fail("two-answers", "answers", count=len(parts))
    for number, answer in enumerate(parts[:2], 1):
        written = [
            word
            for word in re.sub(r"<!--.*?-->", " ", answer, flags=re.DOTALL).split()
            if word.isalpha() or len(word) > 2
        ]
        if len(written) < WORDS:
            raise fail("words", "words-found", number=number, least=WORDS, count=len(written))
    if not _DENOMINATOR.search(parts[0]):
        raise fail("why", "why-not", bug="mask-after-softmax")
    leak = _leak(_seed(bench), SMALL_STD)
    if not shows(parts[1], leak, within=0.05):
        raise fail("small-leak", "small-leak-not", leak=f"{leak:.1e}", std=SMALL_STD)
