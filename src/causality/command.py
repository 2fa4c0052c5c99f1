"""The command: its options, and a process of its own for a model that may hang, exit or print."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

RIGHT, WRONG, NOT_ASKED = 0, 1, 2

OUTSIDE = ("step", "trim", "slots", "join", "same", "loss", "prepare")
"""The options that name something beside the model."""


class Outcome(NamedTuple):
    """What the command says, and its exit status; for status 2, one line of what went wrong."""

    text: str
    status: int


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be said about a model."""
    add = parser.add_argument
    add(
        "function",
        metavar="MODEL",
        help="module:function, file.py:name, or a class of Transformers such as GPT2LMHeadModel",
    )
    add("--expect", metavar="MASK", help="causal (default), full, window:W, sinks:S,window:W, prefix:P, blocks:N,"
        " chunks:N, documents:N,N, each with ,layers:L; or module:array")  # fmt: skip
    add("--length", type=int, default=8, metavar="T", help="tokens (default: %(default)s)")
    add("--width", type=int, metavar="D", help="d of each vector, where it is not found by trying")
    add("--vocabulary", type=int, metavar="V", help="the model takes token numbers below V")
    add("--torch", action="store_true", help="the function takes and gives torch tensors")
    add(
        "--layout",
        choices=["td", "btd", "tbd", "bdt"],
        help="the axes of what it takes, where they are not found by trying",
    )
    add("--train", action="store_true", help="ask a module in training mode")
    add("--step", metavar="NAME", help="step(tokens, cache) -> (rows, cache), or a class with feed and trim")
    add("--trim", metavar="NAME", help="trim(cache, n) -> cache without its last n tokens")
    add("--slots", metavar="NAME", help="makes an empty cache of n slots")
    add(
        "--join",
        metavar="NAME",
        help="joins the caches of two parts of a text and gives its last row; + to join them here",
    )
    add("--same", metavar="NAME", help="another function that should give the same rows, such as a loop that decodes")
    add("--loss", metavar="NAME", help="loss(logits, labels)")
    add("--prepare", metavar="NAME", help="prepare(text) -> (ids, labels), as the data set does it")
    add("--only", metavar="QUESTION", action="append", help="put this question alone; may be repeated")
    add("--seconds", type=float, default=120, metavar="S", help="give up after this (default: %(default)s)")


def run(options: argparse.Namespace) -> Outcome:
    """Ask in a process of its own, and say what came of it."""
    told = {name: value for name, value in vars(options).items() if isinstance(value, str | int | float | list | bool)}
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "answers"
        ended = _apart(told, said)
        lines = [json.loads(line) for line in said.read_text(encoding="utf-8").splitlines()] if said.exists() else []
    answers = "\n".join(line["said"] for line in lines if "said" in line)
    last = lines[-1] if lines else {}
    if "error" in last:
        return Outcome(last["error"], NOT_ASKED)
    if "status" in last:
        return Outcome(answers, last["status"])
    why = (
        f"was stopped after {options.seconds:g} s; ask for less, or give it more with --seconds"
        if ended is None
        else _end(ended)
    )
    return Outcome(f"{answers}\n{options.function} {why}".lstrip(), NOT_ASKED)


def _apart(told: dict[str, Any], said: Path) -> int | None:
    """Run `causality.apart`; its exit status, None when it took too long."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "causality.apart", str(said)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=threads | dict(os.environ), start_new_session=True,
    )  # fmt: skip
    try:
        process.communicate(json.dumps(told).encode(), timeout=told["seconds"])
        return process.returncode
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end(status: int) -> str:
    if status < 0:
        return f"was ended by signal {-status} ({signal.Signals(-status).name})"
    return f"ended the whole program (exit {status}) before it was asked; take that out, or put it under __main__"


def main(arguments: list[str] | None = None) -> int:
    """Run the command by itself, as `python -m causality`; gives its exit status."""
    parser = argparse.ArgumentParser(
        prog="causality", description="Ask a model of your own what it sees, and what it should."
    )
    add_options(parser)
    outcome = run(parser.parse_args(arguments))
    print(outcome.text, file=sys.stderr if outcome.status == NOT_ASKED else sys.stdout)
    return outcome.status
