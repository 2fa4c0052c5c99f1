"""What the command can be asked for: names, what each says of itself, and what is taken where nothing is said."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handbook.cli import _parser
from handbook.project import LANGUAGES
from handbook.terminal import ProgressLine

ADDRESS = {"host": "127.0.0.1", "port": 8000}
CHECKED = {"counts": False, "all": False, "lang": None}
NOT_ASKED = "expect layout step trim slots join same loss prepare only width vocabulary".split()
MODEL = {"length": 8, "torch": False, "train": False, "seconds": 120, **dict.fromkeys(NOT_ASKED)}
GRADES = {
    "csv": Path("grades.csv"),
    "json": Path("grades.json"),
    "lab": None,
    "lang": None,
    "again": False,
    "seed": None,
}

CALLS: dict[str, dict[str, Any]] = {
    "check": {"paths": [], **CHECKED},
    "check --counts docs/en a.md": {"paths": ["docs/en", "a.md"], **CHECKED, "counts": True},
    "check --all --lang es": {"paths": [], **CHECKED, "all": True, "lang": "es"},
    "update": {"paths": []},
    "new 30-name --title-en A --title-es B": {"name": "30-name", "title_en": "A", "title_es": "B", "notebook": False},
    "translated a.md b.md": {"paths": ["a.md", "b.md"]},
    "audit": {"paths": [], "alone": False},
    "audit a.md": {"paths": ["a.md"], "alone": False},
    "causality m:f": {"function": "m:f", **MODEL},
    "causality m:f --length 4 --width 2": {"function": "m:f", **MODEL, "length": 4, "width": 2},
    "causality m:f --vocabulary 9 --torch": {"function": "m:f", **MODEL, "vocabulary": 9, "torch": True},
    "runtime": {},
    "book": {"epub": False, "pdf": False, "into": None},
    "book --epub --pdf --into there": {"epub": True, "pdf": True, "into": Path("there")},
    "zip": {"site": None},
    "zip there": {"site": Path("there")},
    "museum": {"exhibits": [], "write": False},
    "museum one two --write": {"exhibits": ["one", "two"], "write": True},
    "serve": ADDRESS,
    "serve --host 0.0.0.0 --port 81": {"host": "0.0.0.0", "port": 81},
    "lab list": {"lang": None},
    "lab start L00": {"lab": "L00", "into": Path(), "seed": None, "timed": False, "numpy": False, "lang": None},
    "lab start L08 --numpy": {"lab": "L08", "into": Path(), "seed": None, "timed": False, "numpy": True, "lang": None},
    "lab start L08 --into there --seed 7 --timed --lang es": {
        "lab": "L08",
        "into": Path("there"),
        "seed": 7,
        "timed": True,
        "numpy": False,
        "lang": "es",
    },
    "lab check L00": {"lab": "L00", "lang": None},
    "lab watch L00": {"lab": "L00", "lang": None},
    "lab hint L00": {"lab": "L00", "lang": None},
    "lab solution L00": {"lab": "L00", "yes": False, "lang": None},
    "lab solution L00 --yes --lang en": {"lab": "L00", "yes": True, "lang": "en"},
    "lab debrief L08": {"lab": "L08", "yes": False, "lang": None},
    "lab progress": {"lang": None},
    "lab record": {"key": None, "json": Path("lab-record.json"), "page": Path("lab-record.html"), "lang": None},
    "lab record-check r.json ana --key k": {
        "record": Path("r.json"),
        "folder": Path("ana"),
        "key": Path("k"),
        "lang": None,
    },
    "lab grade ana": {"folders": [Path("ana")], **GRADES},
    "lab grade a b --lab L01 --csv c --json j": {
        "folders": [Path("a"), Path("b")],
        **GRADES,
        "lab": "L01",
        "csv": Path("c"),
        "json": Path("j"),
    },
}
"""Calls, and what each is understood as."""

WRONG = (
    "",
    "unknown",
    "new 30-name --title-en A",
    "new 30-name --title-es B",
    "translated",
    "causality",
    "causality m:f --length many",
    "serve --port many",
    "lab",
    "lab check",
    "lab list --lang fr",
    "lab grade",
)


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Every command with what the list of commands says of it, and its own parser."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            assert "\ncommands:\n  COMMAND\n" in parser.format_help()
            said = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, inner in action.choices.items():
                yield inner.prog, said[name], inner
                yield from commands(inner)


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_understood(call: str) -> None:
    understood = vars(_parser().parse_args(call.split()))
    assert callable(understood.pop("action"))
    assert understood == CALLS[call]


@pytest.mark.parametrize("call", WRONG)
def test_a_call_that_lacks_something_is_refused(call: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _parser().parse_args(call.split())
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: handbook")


def test_the_command_says_what_it_is_for_and_gives_examples() -> None:
    said = _parser().format_help()
    assert "Keep the handbook true: run its pages, compare what they say with what they compute" in said
    assert "\nexamples:\n  handbook check   " in said


class Terminal(io.StringIO):
    """Somebody looks on."""

    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_and_gone_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    progress = ProgressLine("altering")
    progress("a.md")
    progress("b.md")
    progress.done()
    assert terminal.getvalue() == "\r\x1b[Kaltering a.md\r\x1b[Kaltering b.md\r\x1b[K"
    monkeypatch.setattr("sys.stderr", piped := io.StringIO())
    progress = ProgressLine()
    progress("a.md")
    progress.done()
    assert piped.getvalue() == ""


def test_every_command_is_called_here() -> None:
    called = {" ".join(["handbook", *call.split()]) for call in CALLS}
    for name, _, parser in commands(_parser()):
        assert any(f"{call} ".startswith(f"{name} ") for call in called)
        assert parser.prog == name


def test_every_command_and_argument_says_what_it_is() -> None:
    for name, said, parser in commands(_parser()):
        assert said[0].islower(), name
        assert said[-1].isalpha(), name
        if parser.description is not None:
            assert parser.description[0].isupper(), name
            assert parser.description[-1] == ".", name
        for action in parser._actions:
            if not isinstance(action, argparse._SubParsersAction):
                assert action.help, (name, action.dest)
                assert action.help[0].islower(), (name, action.dest)
                assert action.help[-1] not in ".,;", (name, action.dest)


def test_the_languages_are_those_of_the_handbook() -> None:
    for name, _, parser in commands(_parser()):
        if name.startswith("handbook lab "):
            assert [tuple(one.choices or ()) for one in parser._actions if one.dest == "lang"] == [LANGUAGES], name


def test_help_is_short_enough_for_a_terminal_and_names_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    for name, _, parser in commands(_parser()):
        parser.print_help()
        said = capsys.readouterr().out
        assert said.startswith(f"usage: {name} ")
        assert max(map(len, said.splitlines())) <= 110
