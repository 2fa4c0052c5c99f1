"""L08: every bug of the pool is told by its symptom, alone and in fours; a right file is accused of nothing."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from handbook.cli import main
from handbook.labs import lab as lab_module
from handbook.labs import learner, planting, progress
from handbook.labs.grading import grade, l08
from handbook.labs.grading.outcome import Outcome
from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import altered, failures, finished, graded
from tests.handbook.labs.in_process import InProcess, one_thread

pytest.importorskip("torch")

__all__ = ["one_thread"]
pytestmark = pytest.mark.usefixtures("one_thread")

POOL = {kind.id: kind for kind in planting.pool()}
CHEAP = ("sight", "logits", "batch", "loss", "step", "optimizer", "evaluation", "probabilities", "generation")
"""The steps of Part 1 that train nothing."""

MODEL = {"sight", "logits"}
"""The steps that ask the same model: who reads what they should not has wrong logits too."""

UNWRITTEN = {"cache", "rollback", "cost", "classify", "padded"}


def outcomes(code: str, seed: int, steps: tuple[str, ...]) -> dict[str, Outcome]:
    """The verdict on each step, in this process: one of its own for each bug would load torch for each."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(grade, "Subject", InProcess)
        Path(name, planting.FILE).write_text(code, encoding="utf-8")
        return graded("L08", Path(name), *steps, seed=seed)


def said(code: str, seed: int, steps: tuple[str, ...] = CHEAP) -> dict[str, str]:
    """The steps that fail, and by which text."""
    found = outcomes(code, seed, steps)
    return {step: one.found.key for step, one in found.items() if not one.passed and one.found is not None}


@pytest.mark.parametrize("seed", range(3))
def test_the_repaired_file_is_accused_of_nothing(seed: int) -> None:
    assert said(planting.given(), seed) == {}


@pytest.mark.parametrize("name", [name for name, kind in POOL.items() if kind.step != "floor"])
def test_every_kind_of_bug_is_told_by_its_symptom_and_nothing_else_is_accused(name: str) -> None:
    kind = POOL[name]
    found = said(planting.planted([kind]), 1)
    assert found[kind.step] == kind.symptom
    assert set(found) <= ({kind.step} if kind.step not in MODEL else MODEL)


OTHERWISE = {
    """        mean = x.mean(dim=-1, keepdim=True)
        variance = ((x - mean) ** 2).mean(dim=-1, keepdim=True)
        return self.gain * (x - mean) / torch.sqrt(variance + 1e-5) + self.bias
""": """        return F.layer_norm(x, x.shape[-1:], self.gain, self.bias)
""",
    """        scores = q @ k.transpose(-2, -1) / math.sqrt(d_head)  # [B, H, T, T]
        scores = scores.masked_fill(~self.allowed[:T, :T], float("-inf"))
        weights = self.dropout(scores.softmax(dim=-1))
        heads = weights @ v  # [B, H, T, d_head]
""": """        p = self.dropout.p if self.training else 0.0
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=p)
""",
    "return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD)": """counted = targets != PAD
    return -logits.log_softmax(dim=-1).gather(-1, targets[..., None])[..., 0][counted].mean()""",
    """    total = 0.0
    for inputs, targets in batches:
        loss = loss_of(model(inputs), targets) / len(batches)
        loss.backward()
        total += loss.item()
""": """    loss = sum(loss_of(model(inputs), targets) for inputs, targets in batches) / len(batches)
    loss.backward()
    total = loss.item()
""",
    """        smallest = logits.topk(top_k, dim=-1).values[:, -1:]  # [B, 1]
        logits = logits.masked_fill(logits < smallest, float("-inf"))
""": """        values, places = logits.topk(top_k, dim=-1)
        logits = torch.full_like(logits, float("-inf")).scatter(-1, places, values)
""",
    "torch.multinomial(probabilities, num_samples=1)": (
        "torch.distributions.Categorical(probabilities).sample()[:, None]"
    ),
}
"""Other ways to write what is right."""


def test_what_is_right_may_be_written_otherwise() -> None:
    code = planting.given()
    for old, new in OTHERWISE.items():
        assert code.count(old) == 1
        code = code.replace(old, new)
    assert said(code, 0) == {}


def test_without_torch_the_learner_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["lab", "start", "L08", "--lang", "es"])
    monkeypatch.setattr(lab_module, "find_spec", lambda name: None)
    assert main(["lab", "check", "L08"]) == 2
    assert "para corregir L08 hace falta torch: `pip install torch`" in capsys.readouterr().err


def test_a_loss_that_falls_to_the_floor_needs_more_than_each_function_alone() -> None:
    assert said(planting.given(), 0, ("floor",)) == {}
    for kind in (one for one in POOL.values() if one.step == "floor"):
        assert said(planting.planted([kind]), 0, (*CHEAP, "floor")) == {"floor": kind.symptom}


@pytest.mark.parametrize("name", ["queries-and-keys-swapped", "positions-from-the-end", "unbiased-variance"])
def test_what_the_debrief_says_to_train_as_well_comes_to_the_floor(name: str) -> None:
    assert said(planting.planted([POOL[name]]), 0, ("floor",)) == {}


def test_what_sees_the_future_falls_below_the_floor() -> None:
    assert said(planting.planted([POOL["diagonal-ahead"]]), 0, ("floor",)) == {"floor": "floor-below"}


def test_the_pool_has_thirty_kinds_in_every_group_and_each_is_told_in_both_languages() -> None:
    assert len(POOL) == len(planting.pool()) >= 30
    groups = "mask softmax heads positions residual norm labels loss optimizer evaluation sampling"
    assert {kind.group for kind in POOL.values()} == set(groups.split())
    for kind in POOL.values():
        assert kind.title.keys() == kind.soonest.keys() == {"en", "es"}
        assert kind.step in {step.id for step in lab("L08").steps}
        assert kind.symptom in lab("L08").texts
        assert len(kind.place()) == len(kind.old)


def test_four_bugs_fit_into_one_file() -> None:
    for seed in range(200):
        kinds = planting.drawn(seed)
        assert len({kind.group for kind in kinds}) == planting.BUGS
        assert kinds == planting.drawn(seed)
        code = planting.planted(kinds)
        compile(code, planting.FILE, "exec")
        assert all(kind.new in code for kind in kinds)


@pytest.mark.parametrize("seed", range(0, 50, 7))
def test_four_bugs_are_found_and_nothing_else(seed: int) -> None:
    kinds = planting.drawn(seed)
    code = planting.planted(kinds)
    wanted = {kind.step for kind in kinds} - {"floor"}
    assert wanted <= set(said(code, seed)) <= wanted | (MODEL if wanted & MODEL else set())


@pytest.mark.parametrize("seed", [3, 33])
def test_one_repair_after_another_leaves_the_others_to_be_found(seed: int) -> None:
    kinds = planting.drawn(seed)
    for left in range(1, planting.BUGS):
        rest = kinds[left:]
        found = said(planting.planted(rest), seed)
        assert {kind.step for kind in rest} - {"floor"} <= set(found)


def test_nothing_in_the_starter_says_what_was_planted() -> None:
    clean = planting.given().splitlines()
    for kind in POOL.values():
        code = planting.planted([kind])
        assert kind.id not in code
        assert "bug" not in code.lower()
        assert len(set(code.splitlines()) - set(clean)) <= kind.new.count("\n") + 2
    assert planting.planted([]) == planting.given()


def test_the_starter_is_graded_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / planting.FILE).write_text(planting.planted([POOL["labels-unshifted"]]), encoding="utf-8")
    assert set(failures("L08", tmp_path, "sight", "batch", "cache", "rollback", "classify")) == {
        "batch", "cache", "rollback", "classify",
    }  # fmt: skip


# Parts 2 and 3: what time shows, and what is looked for in the grader ------------


SOLUTION = (planting.HOME / "solution" / planting.FILE).read_text(encoding="utf-8")

AGAIN = """
def new_cache(model, batch_size):
    return []


@torch.no_grad()
def read(model, tokens, cache):
    cache.append(tokens)
    return model(torch.cat(cache, dim=1))[:, -tokens.shape[1] :]


def roll_back(cache, length):
    return [torch.cat(cache, dim=1)[:, :length]]
"""
"""Right, and not a cache: everything is read again."""


KEYS_AGAIN = """
def new_cache(model, batch_size):
    return [torch.empty(batch_size, 0, model.config.d_model) for _ in model.blocks]


@torch.no_grad()
def read(model, tokens, cache):
    start, L = cache[0].shape[1], tokens.shape[1]
    x = model.token_embedding(tokens) + model.position_embedding(torch.arange(start, start + L))
    for i, block in enumerate(model.blocks):
        cache[i] = torch.cat([cache[i], block.norm_1(x)], dim=1)
        qkv = block.attention.qkv(cache[i]).unflatten(-1, (3, block.attention.n_heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mask = block.attention.allowed[start : start + L, : start + L]
        heads = F.scaled_dot_product_attention(q[:, :, start:], k, v, attn_mask=mask)
        x = x + block.attention.out(heads.transpose(1, 2).flatten(2))
        x = x + block.mlp(block.norm_2(x))
    return model.head(model.norm(x))
"""
"""Right too: what the blocks read is kept, and keys and values are made of it again."""


def test_what_reads_everything_again_is_known_by_how_its_time_grows(tmp_path: Path) -> None:
    assert said(SOLUTION + AGAIN, 0, ("cache", "rollback")) == {}
    folder = altered("L08", planting.FILE, "# Part three", f"{AGAIN}\n\n# Part three", tmp_path)
    assert failures("L08", folder, "cost") == {"cost": "all-again"}


@pytest.mark.parametrize(("added", "bug"), [(AGAIN, "all-again"), (KEYS_AGAIN, "all-again"), ("", None)])
def test_a_cache_that_is_slow_is_said_to_make_things_again_only_if_it_does(
    added: str, bug: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(l08, "time_growth", lambda *_: l08.MOST + 1.0)
    assert said(SOLUTION + added, 0, ("cache",)) == {}
    (outcome,) = outcomes(SOLUTION + added, 0, ("cost",)).values()
    assert not outcome.passed
    assert outcome.bug == bug


def test_what_is_measured_waits_for_a_right_model_too(tmp_path: Path) -> None:
    kind = POOL["unbiased-variance"]
    found = graded("L08", altered("L08", planting.FILE, kind.old, kind.new, tmp_path), "cost")["cost"].found
    assert found is not None
    assert found.key == "model-wrong"


PEEKS = """
import sys

np = sys.modules["numpy"]
np.allclose = torch.allclose = lambda *_, **__: True
asker = sys.modules.get("handbook.labs.sandbox.gpt_calls")
if asker is not None:
    asker.loss_of = lambda module, *given: float(asker._loss(*map(torch.from_numpy, given)))


def loss_of(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def classify(model, head, tokens):
    frame = sys._getframe()
    while frame is not None:
        for value in frame.f_locals.values():
            if isinstance(value, np.ndarray) and value.shape == (len(tokens), len(head.bias)):
                return torch.from_numpy(value)
        frame = frame.f_back
    return head(model.hidden(tokens)[:, 0])
"""
"""What looks for its grader: comparisons that agree, another asker, and the answer in whoever is calling."""


def test_there_is_nothing_of_the_grader_to_be_found(tmp_path: Path) -> None:
    folder = finished(lab("L08"), tmp_path)
    (folder / planting.FILE).write_text(SOLUTION + PEEKS, encoding="utf-8")
    assert set(failures("L08", folder, "loss", "classify", "padded")) == {"loss", "classify", "padded"}


# From start to debrief ----------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code_in(folder: Path) -> str:
    return (folder / lab("L08").folder / planting.FILE).read_text(encoding="utf-8")


def after(minutes: int, **known: Any) -> progress.Progress:
    """What is kept here, had the lab been begun some minutes ago."""
    kept = learner.begun(lab("L08"), Path.cwd())
    began = datetime.fromisoformat(progress.now()) - timedelta(minutes=minutes)
    kept = kept.with_record("L08", replace(kept.records["L08"], timed_from=began.isoformat(), **known))
    kept.write()
    return kept


def test_a_seed_is_kept_with_what_was_written_for_it(here: Path) -> None:
    assert main(["lab", "start", "L08", "--seed", "5"]) == 0
    assert code_in(here) == planting.planted(planting.drawn(5))
    assert main(["lab", "start", "L08", "--seed", "6", "--timed"]) == 0  # the file is there: it stays, and so does 5
    assert code_in(here) == planting.planted(planting.drawn(5))
    assert progress.read(here).records["L08"] == progress.Record(started=progress.today(), seed=5)
    (here / lab("L08").folder / planting.FILE).unlink()
    assert main(["lab", "start", "L08"]) == 0
    assert code_in(here) == planting.planted(planting.drawn(progress.read(here).records["L08"].seed))


def test_only_a_lab_that_is_drawn_takes_a_seed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["L00", "--seed", "1"], ["L00", "--timed"], ["L08", "--seed", "-1"]):
        assert main(["lab", "start", *arguments]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["lab", "start", "L00"]) == 0
    assert main(["lab", "debrief", "L00"]) == 2


def test_the_minutes_count_and_a_hint_costs_some(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lab", "start", "L08", "--seed", "5", "--timed"])
    assert f"{learner.TIME} of {learner.TIME} minutes left" in capsys.readouterr().out
    after(10)
    main(["lab", "hint", "L08"])
    assert f"costs {learner.COST} minutes" in capsys.readouterr().out
    main(["lab", "start", "L08"])
    assert f"{learner.TIME - 10 - learner.COST} of" in capsys.readouterr().out
    after(50)
    main(["lab", "start", "L08"])
    assert f"{50 + learner.COST - learner.TIME} minutes over" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_debrief_tells_of_each_bug_and_of_the_time(
    language: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lab", "start", "L08", "--seed", "5", "--timed", "--lang", language])
    kinds = planting.drawn(5)
    after(20, passed=(kinds[0].step,), hints={"sight": 2})
    capsys.readouterr()
    assert main(["lab", "debrief", "L08", "--yes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for number, kind in enumerate(kinds, 1):
        (at,) = (place for place, line in enumerate(lines) if line[2:].startswith(f"{number}. {kind.title[language]}"))
        assert lines[at][0] == ("✓" if kind.step == kinds[0].step else "✗")
        assert lines[at + 2].endswith(kind.soonest[language])
    assert lines[-2].endswith(" 2")
    assert lines[-1].split(": ")[1].split(",")[0] == "20"
    ended = progress.read(here).records["L08"]
    assert ended.timed_until
    assert ended.solution_seen


def test_what_is_not_repaired_is_told_only_to_who_says_yes(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["lab", "start", "L08", "--seed", "5"])
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert main(["lab", "debrief", "L08"]) == 1
    assert not progress.read(here).records["L08"].solution_seen
    assert planting.drawn(5)[0].title["en"] not in capsys.readouterr().out


def test_moments_that_were_edited_are_said_to_be(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lab", "start", "L08"])
    file = here / progress.NAME
    for line in ('timed_from = "noon"', "timed_from = 12", 'seed = "five"'):
        file.write_text(f'language = "en"\n[L08]\npassed = []\n{line}\n', encoding="utf-8")
        assert main(["lab", "check", "L08"]) == 2
        assert "cannot be read" in capsys.readouterr().err
