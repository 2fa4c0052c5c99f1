"""`handbook lab`: what a learner and a teacher can ask for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from handbook.findings import CallError
from handbook.labs import progress
from handbook.labs.lab import Lab, lab, labs
from handbook.labs.report import one_line, said_of_left_out, spoken
from handbook.project import LANGUAGES, ORIGINAL

Action = Callable[[argparse.Namespace], int]
DONE, NOT_YET, INTERRUPTED = 0, 1, 130
YES = {"y", "yes", "s", "sí", "si"}


def add(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the labs' own commands."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, action: Action, text: str, *, named: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        added.set_defaults(action=action)
        if named:
            added.add_argument("lab", metavar="LAB", help="its id, as in L02")
        added.add_argument("--lang", choices=LANGUAGES, help="the language of the messages (default: as chosen before)")
        return added

    command("list", _list, "name the labs", named=False)
    starting = command("start", _start, "write a lab's starter into a folder of yours; nothing is overwritten")
    starting.add_argument("--into", metavar="DIR", type=Path, default=Path(), help="your folder (default: this one)")
    starting.add_argument("--seed", metavar="N", type=int, help="of a lab that is drawn, the draw (default: a new one)")
    starting.add_argument("--timed", action="store_true", help="of a lab that is drawn, count the minutes from now on")
    starting.add_argument("--numpy", action="store_true", help="of a lab that needs torch, its variant in NumPy")
    command("check", _check, "grade what you have so far: what is right, what is not, and why")
    command("watch", _watch, "check again on each save")
    command("hint", _hint, "the next hint for the first step that does not pass")
    debriefing = command("debrief", _debrief, "of a lab that is drawn, what each bug was and how it is seen soonest")
    debriefing.add_argument("--yes", action="store_true", help="do not ask")
    showing = command("solution", _solution, "show one way to do it; asks first")
    showing.add_argument("--yes", action="store_true", help="do not ask")
    command("progress", _progress, "how far you are, lab by lab", named=False)
    recording = command(
        "record", _record, "grade your labs once more, and write what passes as a page and a JSON", named=False
    )
    recording.add_argument("--key", metavar="FILE", type=Path, help="your course's key, to sign it with")
    recording.add_argument("--json", type=Path, default=Path("lab-record.json"), help="where to (default: %(default)s)")
    recording.add_argument("--page", type=Path, default=Path("lab-record.html"), help="where to (default: %(default)s)")
    checking = command(
        "record-check", _record_check, "check a record: its signature, and its grades again", named=False
    )
    checking.add_argument("record", metavar="FILE", type=Path, help="the JSON of a record")
    checking.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", help="the learner's folder, to grade again")
    checking.add_argument("--key", metavar="FILE", type=Path, help="the course's key")
    grading = command("grade", _grade, "grade many submissions, into one CSV and one JSON", named=False)
    grading.add_argument(
        "folders",
        metavar="FOLDER",
        nargs="+",
        type=Path,
        help="a learner's folder, one lab's, or one that holds such folders",
    )
    grading.add_argument("--lab", help="grade this lab alone, whatever the folder is called")
    grading.add_argument("--seed", type=int, metavar="N", help="ask again what was asked with this seed")
    grading.add_argument("--again", action="store_true", help="grade again what has not changed since it was graded")
    grading.add_argument("--csv", type=Path, default=Path("grades.csv"), help="where to (default: %(default)s)")
    grading.add_argument("--json", type=Path, default=Path("grades.json"), help="where to (default: %(default)s)")


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _list(options: argparse.Namespace) -> int:
    language = _language(options)
    print(spoken(language, "list-head", first=labs()[0].id))
    _print(spoken(language, "list-line", id=one.id, title=one.title[language]) for one in labs())
    return DONE


def _language(options: argparse.Namespace) -> str:
    """The language asked for, or that of the progress kept here."""
    kept = None if options.lang else progress.around(Path.cwd())
    language: str = options.lang or (kept.language if kept else ORIGINAL)
    return language


def _start(options: argparse.Namespace) -> int:
    from handbook.labs import learner

    chosen, root = lab(options.lab, _language(options)), options.into
    if not chosen.drawn and (options.timed or options.seed is not None):
        raise CallError(spoken(_language(options), "not-drawn", id=chosen.id))
    if options.seed is not None and not 0 <= options.seed < 1 << 32:
        raise CallError(spoken(_language(options), "no-seed", seed=options.seed))
    if options.numpy:
        chosen = _in_numpy(chosen, root, _language(options))
    chosen = chosen.variant_in(root / chosen.folder)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CallError(
            spoken(_language(options), "no-such-root", folder=one_line(str(root)), text=str(error))
        ) from None
    _print(learner.start(chosen, root, options.lang, options.seed, timed=options.timed))
    return DONE


def _in_numpy(chosen: Lab, root: Path, language: str) -> Lab:
    """The variant; raises ``CallError`` where there is none, or the file of the other one is in its place."""
    if chosen.numpy is None or chosen.variant is None:
        raise CallError(spoken(language, "no-numpy", id=chosen.id))
    if (root / chosen.folder / chosen.variant.file).exists():
        where = one_line(str(root / chosen.folder))
        raise CallError(spoken(language, "other-variant", file=chosen.variant.file, folder=where))
    return chosen.numpy


def _begun(options: argparse.Namespace) -> tuple[Lab, progress.Progress]:
    from handbook.labs import learner

    chosen = lab(options.lab, _language(options))
    kept = learner.begun(chosen, Path.cwd(), options.lang)
    return chosen.variant_in(kept.root / chosen.folder), kept


def _check(options: argparse.Namespace) -> int:
    from handbook.labs import learner

    lines, complete = learner.check(*_begun(options))
    _print(lines)
    return DONE if complete else NOT_YET


def _watch(options: argparse.Namespace) -> int:
    from handbook.labs import learner

    learner.watch(*_begun(options), say=lambda line: print(line, flush=True))
    return DONE


def _hint(options: argparse.Namespace) -> int:
    from handbook.labs import learner

    print(learner.next_hint(*_begun(options)))
    return DONE


def _solution(options: argparse.Namespace) -> int:
    from handbook.labs import learner

    chosen, kept = _begun(options)
    if not options.yes and not _agreed(spoken(kept.speaks, "ask-solution", id=chosen.id)):
        print(spoken(kept.speaks, "not-shown"))
        return NOT_YET
    _print(learner.solution(chosen, kept))
    return DONE


def _debrief(options: argparse.Namespace) -> int:
    from handbook.labs import learner

    chosen, kept = _begun(options)
    if not chosen.drawn:
        raise CallError(spoken(kept.speaks, "not-drawn", id=chosen.id))
    open_still = learner.still_open(chosen, kept)
    if open_still and not options.yes and not _agreed(spoken(kept.speaks, "ask-debrief", count=len(open_still))):
        print(spoken(kept.speaks, "not-shown"))
        return NOT_YET
    _print(learner.debrief(chosen, kept))
    return DONE


def _agreed(question: str) -> bool:
    """Whether the person says yes; nobody there is no."""
    print(question, end="", flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        print()
    return answer.strip().lower() in YES


def _progress(options: argparse.Namespace) -> int:
    from handbook.labs import learner

    _print(learner.overview(progress.around(Path.cwd()), _language(options)))
    return DONE


def _record(options: argparse.Namespace) -> int:
    from handbook.labs import signed_record

    language = _language(options)
    kept = progress.around(Path.cwd())
    if kept is None:
        raise CallError(spoken(language, "not-begun", id=labs()[0].id))
    record = signed_record.made(replace(kept, asked=language), signed_record.read_key(options.key, language))
    signed_record.write(record, options.json, options.page, language)
    print(f"{one_line(str(options.json))}, {one_line(str(options.page))}")
    return DONE


def _record_check(options: argparse.Namespace) -> int:
    from handbook.labs import signed_record

    language = _language(options)
    if options.folder is not None and not options.folder.is_dir():
        raise CallError(spoken(language, "no-folder", name=one_line(str(options.folder))))
    key = signed_record.read_key(options.key, language)
    lines, holds = signed_record.check(signed_record.read(options.record, language), key, options.folder, language)
    _print(lines)
    return DONE if holds else NOT_YET


def _grade(options: argparse.Namespace) -> int:
    from handbook.labs import teacher
    from handbook.labs.sandbox.process import walls

    language = options.lang or ORIGINAL
    only = lab(options.lab, language) if options.lab else None
    book = teacher.Book(options.csv, options.json, language)
    before = book.read()
    submissions = teacher.Submissions(options.folders, only, language)
    files = {"csv": one_line(str(options.csv)), "json": one_line(str(options.json))}
    print(spoken(language, "grading-with", version=teacher.versions(), walls=", ".join(walls()) or "-"), flush=True)
    grades: list[teacher.Grade] = []
    kept = [] if options.again else before
    try:
        for one, was_kept in teacher.grade_all(submissions, kept, options.seed):
            grades.append(one)
            book.write(grades)
            values = {"name": one.submission, "lab": one.lab, "passed": one.passed, "total": len(one.steps)}
            line = "{name}  {lab}  {passed}/{total}".format(**values)
            print(
                spoken(language, "kept-grade", **values) if was_kept else line + (one.error and f"  {one.error}"),
                flush=True,
            )
            _print(f"    {line}" for line in said_of_left_out(one.left_out, language))
    except KeyboardInterrupt:
        print(spoken(language, "stopped", done=len(grades), **files), flush=True)
        return INTERRUPTED
    print("{csv}, {json}".format(**files))
    return DONE
