"""L08 in NumPy: the same lab, told by the same graders, with a way back and an AdamW that are written by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from handbook.cli import main
from handbook.labs import lab as lab_module
from handbook.labs import planting, progress
from handbook.labs.grading import grade, l08
from handbook.labs.lab import Lab, lab
from handbook.labs.planting import NUMPY
from handbook.labs.sandbox import gpt_numpy_calls
from handbook.project import LANGUAGES
from tests.handbook.labs.handed_in import told
from tests.handbook.labs.in_process import InProcess

POOL = {kind.id: kind for kind in planting.pool(NUMPY)}
WRITTEN = planting.given(NUMPY)
SOLUTION = (NUMPY.home / "solution" / NUMPY.file).read_text(encoding="utf-8")

MODEL, LATER = {"sight", "logits", "gradients"}, {"slopes-later-loss", "slopes-later-logits"}
"""The steps that ask the same model, and what is said of gradients that are not asked yet."""


def in_numpy() -> Lab:
    found = lab("L08").numpy
    assert found is not None
    return found


PARTS = {"cache", "rollback", "cost", "classify", "padded"}
CHEAP = tuple(step.id for step in in_numpy().steps if step.id not in {"floor", *PARTS})
"""The steps of Part 1 that train nothing."""


def said(code: str, seed: int, steps: tuple[str, ...] = CHEAP) -> dict[str, str]:
    """The steps that fail, and by which text, asked in this process."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(grade, "Subject", InProcess)
        Path(name, NUMPY.file).write_text(code, encoding="utf-8")
        outcomes = grade.grade(in_numpy(), Path(name), steps, seed=seed)
    for one in outcomes:
        told(in_numpy(), one)
    return {one.step: one.found.key for one in outcomes if not one.passed and one.found is not None}


def without_those_not_asked(found: dict[str, str]) -> set[str]:
    return {step for step, key in found.items() if key not in LATER}


# The solution ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_repaired_file_is_accused_of_nothing(seed: int) -> None:
    assert said(WRITTEN, seed) == {}


def test_the_solution_passes_what_is_left() -> None:
    assert said(SOLUTION, 0, ("floor", *(PARTS - {"cost"}))) == {}
    assert timed(SOLUTION)


def test_it_is_the_model_of_the_variant_with_torch() -> None:
    """Under the same weights, and with torch's GELU in the form with a tanh."""
    pytest.importorskip("torch")
    from handbook.labs.sandbox import gpt_calls

    with_torch, by_hand = l08.right(planting.TORCH), l08.right(NUMPY)
    sizes, tokens = (11, 8, 12, 3, 2, 0.0), np.random.default_rng(0).integers(1, 11, size=(2, 8))
    weights = gpt_calls.drawn(with_torch, sizes, 0)
    exact = with_torch.F.gelu
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(with_torch.F, "gelu", lambda x: exact(x, approximate="tanh"))
        wanted = gpt_calls.forward(with_torch, sizes, weights, tokens)
    np.testing.assert_allclose(gpt_numpy_calls.forward(by_hand, sizes, weights, tokens), wanted, rtol=1e-9, atol=1e-9)
    assert {name for name, _ in weights} == {name for name, _ in gpt_numpy_calls.drawn(by_hand, sizes, 0)}


def test_its_optimizer_is_that_of_torch() -> None:
    torch = pytest.importorskip("torch")
    rng, by_hand = np.random.default_rng(0), l08.right(NUMPY)
    model = by_hand.GPT(by_hand.Config(vocab_size=5, context=3, d_model=4, n_heads=2, n_layers=1))
    twins = {name: torch.nn.Parameter(torch.from_numpy(value.copy())) for name, value in model.weights.items()}
    ours = by_hand.make_optimizer(model, 0.01, 0.5)
    groups = [{"params": [one for one in twins.values() if (one.dim() > 1) is wide], "weight_decay": decay}
              for wide, decay in ((True, 0.5), (False, 0.0))]  # fmt: skip
    theirs = torch.optim.AdamW(groups, lr=0.01)
    for _ in range(3):
        for name, twin in twins.items():
            model.gradients[name][...] = rng.normal(size=model.gradients[name].shape)
            twin.grad = torch.from_numpy(model.gradients[name].copy())
        ours.step()
        theirs.step()
    for name, twin in twins.items():
        np.testing.assert_allclose(model.weights[name], twin.detach().numpy(), rtol=1e-12, atol=1e-12)


def test_the_model_that_the_grader_lends_goes_back_as_it_should() -> None:
    """Its gradient is that of central differences, with dropout too."""
    rng = np.random.default_rng(0)
    table, way, up = (rng.normal(size=shape) for shape in ((7, 7), (7, 7), (2, 5, 7)))
    tokens = rng.integers(7, size=(2, 5))
    for dropout in (0.0, 0.4):
        values = []
        for nudge in (1e-5, -1e-5, 0.0):
            model = gpt_numpy_calls._Table(table + nudge * way, 5, dropout, seed=1)
            logits, backward = model.forward(tokens)
            values.append((logits * up).sum())
        backward(up)
        slope = (model.gradients["table"] * way).sum()
        assert slope == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-6)


# The pool -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, kind in POOL.items() if kind.step != "floor"])
def test_every_kind_of_bug_is_told_by_its_symptom_and_nothing_else_is_accused(name: str) -> None:
    kind = POOL[name]
    found = said(planting.planted([kind], NUMPY), 1)
    assert found[kind.step] == kind.symptom
    assert without_those_not_asked(found) <= ({kind.step} if kind.step not in MODEL else {"sight", "logits", kind.step})


def test_texts_that_never_change_are_seen_in_the_floor_alone() -> None:
    for kind in (one for one in POOL.values() if one.step == "floor"):
        assert said(planting.planted([kind], NUMPY), 0, (*CHEAP, "floor")) == {"floor": kind.symptom}


def test_the_pool_has_thirty_kinds_in_every_group_and_each_is_told_in_both_languages() -> None:
    assert len(POOL) == len(planting.pool(NUMPY)) >= 30
    groups = "mask softmax heads positions residual norm labels loss gradients optimizer evaluation sampling"
    assert {kind.group for kind in POOL.values()} == set(groups.split())
    for kind in POOL.values():
        assert kind.title.keys() == kind.soonest.keys() == set(LANGUAGES)
        assert kind.step in {step.id for step in in_numpy().steps}
        assert kind.symptom in in_numpy().texts
        assert len(kind.place()) == len(kind.old)


def test_four_bugs_fit_into_one_file() -> None:
    for seed in range(200):
        kinds = planting.drawn(seed, NUMPY)
        assert len({kind.group for kind in kinds}) == planting.BUGS
        code = planting.planted(kinds, NUMPY)
        compile(code, NUMPY.file, "exec")
        assert all(kind.new in code for kind in kinds)


@pytest.mark.parametrize("seed", range(0, 50, 5))
def test_four_bugs_are_found_and_nothing_else(seed: int) -> None:
    kinds = planting.drawn(seed, NUMPY)
    wanted = {kind.step for kind in kinds} - {"floor"}
    found = said(planting.planted(kinds, NUMPY), seed)
    assert wanted <= set(found)
    assert without_those_not_asked(found) <= wanted | ({"sight", "logits"} if wanted & {"sight", "logits"} else set())


def test_nothing_in_the_starter_says_what_was_planted() -> None:
    clean = WRITTEN.splitlines()
    for kind in POOL.values():
        code = planting.planted([kind], NUMPY)
        assert kind.id not in code
        assert "bug" not in code.lower()
        assert len(set(code.splitlines()) - set(clean)) <= kind.new.count("\n") + 2


# Other answers --------------------------------------------------------------------------------------------------


OTHERWISE = {
    """            d = d_y * gain
            along = (d * normed).mean(axis=-1, keepdims=True)
            return (d - d.mean(axis=-1, keepdims=True) - normed * along) / spread
""": """            d = d_y * gain
            n = x.shape[-1]
            d_variance = (d * (x - mean)).sum(axis=-1, keepdims=True) * -0.5 / spread**3
            d_mean = -(d / spread).sum(axis=-1, keepdims=True)
            return d / spread + d_variance * 2 * (x - mean) / n + d_mean / n
""",
    """            mean = (weights * d_weights).sum(axis=-1, keepdims=True)
            d_scores = weights * (d_weights - mean) / math.sqrt(d_head)
""": """            slopes = weights[..., :, None] * (np.eye(T) - weights[..., None, :])  # [B, H, T, T, T]
            d_scores = (slopes @ d_weights[..., None])[..., 0] / math.sqrt(d_head)
""",
    """            np.add.at(self.gradients["token_embedding.weight"], tokens, d_x)
""": """            one_hot = np.eye(self.config.vocab_size)[tokens]
            self.gradients["token_embedding.weight"] += np.einsum("btv,btd->vd", one_hot, d_x)
""",
    """    for gradient in model.gradients.values():
        gradient[...] = 0
""": """    model.gradients = {name: np.zeros_like(value) for name, value in model.weights.items()}
""",
    """            weight -= self.lr * (mean / (np.sqrt(square) + 1e-8) + self.decays[name] * weight)
""": """            shrunk = weight * (1 - self.lr * self.decays[name])
            self.model.weights[name] = shrunk - self.lr * mean / (np.sqrt(square) + 1e-8)
""",
    "[model.rng.choice(len(row), p=row) for row in probabilities]": (
        "(probabilities.cumsum(axis=-1) > np.random.random((len(tokens), 1))).argmax(axis=-1)"
    ),
    "kept = (self.rng.random(x.shape) >= p) / (1 - p)": "kept = np.random.binomial(1, 1 - p, x.shape) / (1 - p)",
}
"""Other ways to write what is right."""


def test_what_is_right_may_be_written_otherwise() -> None:
    code = SOLUTION
    for old, new in OTHERWISE.items():
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    assert said(code, 0, (*CHEAP, "floor", "cache", "rollback", "classify", "padded")) == {}


LAST = "last = (tokens != PAD).sum(axis=1) - 1  # [B]"


@pytest.mark.parametrize(
    ("old", "new", "fails"),
    [
        ("[start:end]\n", "[: end - start]\n", {"cache", "rollback"}),
        ("np.tri(end, dtype=bool)[start:]", "np.tri(end - start, end, dtype=bool)", {"cache", "rollback"}),
        ('    cache["length"] = end\n', "", {"cache"}),
        ('return {**cache, "length": length}', 'return {**cache, "length": 0}', {"rollback"}),
        (LAST, "last = -1", {"padded"}),
        (LAST, "last = 0", {"classify", "padded"}),
    ],
)
def test_a_wrong_cache_or_classifier_fails_where_it_is_wrong(old: str, new: str, fails: set[str]) -> None:
    assert SOLUTION.count(old) == 1
    found = said(SOLUTION.replace(old, new), 0, ("cache", "rollback", "classify", "padded"))
    assert fails <= set(found) <= fails | {"rollback"}


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("return loss, d_logits * counted[..., None] / counted.sum()", "return loss", {"loss": "no-pair"}),
        ("return logits, lambda d_logits: hidden_back(head_back(d_logits))", "return logits", {"logits": "no-pair"}),
        ("return d_y @ W\n", "return d_y @ W.T\n", {"gradients": "raises"}),
        ('self.gradients[f"{name}.gain"] += (d_y * normed).sum(axis=(0, 1))', "pass", {"gradients": "slope-of"}),
        ("return softmax(logits, axis=-1)", "return softmax(logits, axis=0)", {"probabilities": "distribution"}),
    ],
)
def test_other_mistakes_are_told_by_what_they_do(old: str, new: str, wanted: dict[str, str]) -> None:
    assert SOLUTION.count(old) == 1
    assert said(SOLUTION.replace(old, new), 0, tuple(wanted)) == wanted


AGAIN = """
def new_cache(model, batch_size):
    return []


def read(model, tokens, cache):
    cache.append(tokens)
    return model.forward(np.concatenate(cache, axis=1))[0][:, -tokens.shape[1] :]
"""
"""Right, and not a cache: everything is read again."""


def test_what_reads_everything_again_is_known_by_how_its_time_grows() -> None:
    code = SOLUTION + AGAIN
    assert said(code, 0, ("cache",)) == {}
    assert not timed(code)


def timed(code: str) -> bool:
    """Whether `cost` passes: it is measured in a process of its own, as it is for a learner."""
    with TemporaryDirectory() as name:
        Path(name, NUMPY.file).write_text(code, encoding="utf-8")
        (outcome,) = grade.grade(in_numpy(), Path(name), ("cost",))
    return outcome.passed


# From start to debrief ------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def folder(here: Path) -> Path:
    return here / in_numpy().folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_variant_from_start_to_debrief(
    language: str, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_module, "find_spec", lambda name: None)  # nothing of it needs torch
    assert main(["lab", "start", "L08", "--seed", "3", "--numpy", "--lang", language]) == 0
    kinds = planting.drawn(3, NUMPY)
    assert (folder(here) / NUMPY.file).read_text(encoding="utf-8") == planting.planted(kinds, NUMPY)
    (folder(here) / NUMPY.file).write_text(SOLUTION, encoding="utf-8")
    assert main(["lab", "check", "L08"]) == 0
    assert progress.read(here).records["L08"].passed == tuple(step.id for step in in_numpy().steps)
    total = len(in_numpy().steps)
    capsys.readouterr()
    assert main(["lab", "progress"]) == 0
    assert f"L08  {total} {'of' if language == 'en' else 'de'} {total}" in capsys.readouterr().out
    assert main(["lab", "debrief", "L08"]) == 0
    out = capsys.readouterr().out
    assert all(kind.title[language] in out and kind.soonest[language] in out for kind in kinds)
    assert main(["lab", "solution", "L08", "--yes"]) == 0
    assert SOLUTION in capsys.readouterr().out


def test_a_hint_speaks_of_numpy(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lab", "start", "L08", "--numpy"])
    for _ in [hint for step in in_numpy().steps for hint in step.hints]:
        main(["lab", "hint", "L08"])
    assert not any("torch" in hint[language] for step in in_numpy().steps for hint in step.hints for language in hint)


def test_without_torch_one_is_told_of_the_variant(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_module, "find_spec", lambda name: None)
    main(["lab", "start", "L08"])
    assert "`handbook lab start L08 --numpy`" in capsys.readouterr().out
    assert main(["lab", "check", "L08"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "`handbook lab start L08 --numpy`" in said


def test_a_folder_holds_one_variant(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lab", "start", "L08"])
    assert main(["lab", "start", "L08", "--numpy"]) == 2
    assert "gpt.py is already in" in capsys.readouterr().err
    (folder(here) / "gpt.py").unlink()
    assert main(["lab", "start", "L08", "--numpy"]) == 0
    assert main(["lab", "start", "L08"]) == 0  # begun in NumPy: it goes on there
    assert [file.name for file in folder(here).iterdir()] == [NUMPY.file]
    assert main(["lab", "start", "L00", "--numpy"]) == 2


def test_a_teacher_grades_each_in_its_variant(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_module, "find_spec", lambda name: None)
    folder(here / "ada").mkdir(parents=True)
    (folder(here / "ada") / NUMPY.file).write_text(SOLUTION, encoding="utf-8")
    assert main(["lab", "grade", "ada"]) == 0
    total = len(in_numpy().steps)
    assert f"L08  {total}/{total}" in capsys.readouterr().out


def test_no_torch_is_loaded_to_grade_it(tmp_path: Path) -> None:
    (tmp_path / NUMPY.file).write_text(SOLUTION, encoding="utf-8")
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from handbook.labs.grading.grade import grade\n"
        "from handbook.labs.lab import lab\n"
        f"found = grade(lab('L08').numpy, Path({str(tmp_path)!r}), ('sight', 'gradients', 'padded'))\n"
        "assert all(one.passed for one in found), found\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
