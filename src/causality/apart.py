"""The other end of the command: asks one model, and writes each answer down as soon as it has it."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from causality import loading
from causality.answer import CannotAskError, Report
from causality.asking import QUESTIONS, prepared
from causality.command import OUTSIDE, RIGHT, WRONG
from causality.expected import mask


def main() -> None:
    """Read what is asked from standard input as JSON, and write answers into the file that is named."""
    told, file = json.load(sys.stdin), Path(sys.argv[1])
    warnings.simplefilter("ignore")
    with file.open("w", encoding="utf-8") as lines:

        def write(**line: Any) -> None:
            print(json.dumps(line), file=lines, flush=True)

        try:
            asking = prepared(loading.model(told["function"]), **_options(told))
            write(said="\n".join([f"asked  {asking.model}", *(f"       {note}" for note in asking.model.notes)]))
            answers = []
            for answer in asking.answers():
                answers.append(answer)
                write(said=str(answer))
            report = Report("", answers)
            write(said=report.last_line, status=WRONG if report.wrong else RIGHT)
        except CannotAskError as error:
            write(error=str(error))
        except MemoryError:
            write(error=f"{told['function']} needs more memory than there is; ask for a shorter --length")
        except Exception as error:  # ours or the model's: one line all the same
            said = " ".join(str(error).split())[:160]
            write(error=f"{told['function']} could not be asked: {type(error).__name__}: {said}")


def _options(told: dict[str, Any]) -> dict[str, Any]:
    name = told["function"]
    options: dict[str, Any] = {key: told.get(key) for key in ("width", "vocabulary", "torch", "layout")}
    options |= {"T": told["length"], "mode": "train" if told["train"] else "eval", "seconds": told["seconds"] / 4}
    for key in OUTSIDE:
        if key in told:
            options[key] = True if told[key] == "+" else loading.load(told[key], beside=name)
    if told["length"] < 2:
        raise CannotAskError(
            f"--length {told['length']} is too short: with two tokens or more there is somebody to see"
        )
    unknown = [question for question in told.get("only", ()) if question not in QUESTIONS]
    if unknown:
        raise CannotAskError(f"there is no question {unknown[0]}; there are {', '.join(QUESTIONS)}")
    options["only"] = told.get("only", ())
    expect = told.get("expect")
    if expect is not None:
        options["expected_mask"] = _expected(expect, name)
    return options


def _expected(expect: str, beside: str) -> Any:
    """A mask by name, or an array or a function of somebody's module."""
    try:
        mask(expect)
        return expect
    except CannotAskError as unknown:
        try:
            found = loading.load(expect, beside=beside)
        except CannotAskError:
            raise unknown from None
    return found if callable(found) else np.asarray(found)


if __name__ == "__main__":
    main()
