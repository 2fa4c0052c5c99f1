"""L07: patients that are drawn anew, and a name for each."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from handbook.labs import learner, patients
from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import altered, failures, finished, graded

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
        ("[object()]", "cannot be sent: object"),
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
