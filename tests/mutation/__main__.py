"""Try changes of one package: `python tests/mutation handbook --every 40 'handbook.pages.*'`."""

import argparse
import compileall
import os
import shutil
import tomllib
from collections import Counter, defaultdict
from fnmatch import fnmatch
from pathlib import Path
from zlib import crc32

from mutmut import __main__ as mutmut
from mutmut.configuration import reset_config
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.stats import status_by_exit_code

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def main() -> None:
    """Copy the project, change the package, try the changes that were asked for, and print the score."""
    parser = argparse.ArgumentParser(prog="python tests/mutation", description=__doc__)
    parser.add_argument("package", choices=[path.stem for path in sorted(HERE.glob("*.toml"))])
    parser.add_argument("names", nargs="*", default=["*"], help="patterns of mutmut's names; all by default")
    parser.add_argument("--every", type=int, default=1, help="try one in so many, always the same ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many to try at once")
    given = parser.parse_intermixed_args()  # patterns may stand behind the options
    if not any(fnmatch(given.package, pattern.partition(".")[0]) for pattern in given.names):
        return

    os.chdir(_copy(given.package))
    reset_config()  # mutmut has read the settings of another folder when it was imported
    os.environ["PYTHONPATH"] = str(Path("mutants/src").absolute())  # for the processes that a test starts
    os.environ["CI"] = "true"  # hypothesis draws the same examples for each change
    names = [name for name in _generate(given.jobs) if any(fnmatch(name, pattern) for pattern in given.names)]
    chosen = [name for name in names if crc32(name.encode()) % given.every == 0]
    if not chosen:
        parser.error(f"of {len(names)} changes that match, one in {given.every} is none")
    results = _results()
    if left := [name for name in chosen if results[name] != "killed"]:
        _try(left, given.jobs)
    _print(chosen, len(names), _results())


def _copy(package: str) -> Path:
    """The package's own copy of the project, brought up to date; what was tried in it is remembered there."""
    settings = HERE / f"{package}.toml"
    told = tomllib.loads(settings.read_text("utf-8"))["tool"]["mutmut"]
    copy = ROOT / "mutants" / package
    copy.mkdir(parents=True, exist_ok=True)
    for name in ("src", "tests"):
        shutil.rmtree(copy / name, ignore_errors=True)
        shutil.rmtree(copy / "mutants" / "tests", ignore_errors=True)
    for name in {"tests", *told["source_paths"], *told["also_copy"]}:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, copy / name)
    shutil.copy2(settings, copy / "pyproject.toml")
    return copy


def _generate(jobs: int) -> list[str]:
    """Write every change into the copy; their names."""
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    with mutmut.CatchOutput(spinner_title="Making the changes"):
        mutmut.copy_src_dir()
        mutmut.copy_also_copy_files()
        mutmut.create_mutants(jobs)
    # Each process that a test starts would compile all changes of what it imports, again and again.
    compileall.compile_dir("mutants/src", quiet=1, workers=jobs)
    return sorted(_results())


def _try(names: list[str], jobs: int) -> None:
    """Have mutmut try the changes. Where a test fails with nothing changed, mutmut ends all and we say which."""
    failed = Path("mutants/failed.txt")
    failed.unlink(missing_ok=True)
    try:
        mutmut._run(names, jobs)
    except SystemExit:
        if failed.exists():
            print(f"This fails though nothing is changed: {failed.read_text('utf-8')}")
        raise


def _results() -> dict[str, str]:
    found, _ = mutmut.collect_source_file_mutation_data(mutant_names=())
    return {name: status_by_exit_code[code] for _, name, code in found}


def _print(chosen: list[str], there_are: int, results: dict[str, str]) -> None:
    """The score of each room, and every change that was not noticed."""
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for name in chosen:
        rooms[_room(name)][results[name]] += 1
    print(f"\n{len(chosen)} of {there_are} changes tried\n")
    print("| room | tried | noticed | too long | not noticed | no test | score |\n|---|---|---|---|---|---|---|")
    for room, counts in [*sorted(rooms.items()), ("all", sum(rooms.values(), Counter()))]:
        tried, noticed, late = counts.total(), counts["killed"], counts["timeout"]
        cells = [room, tried, noticed, late, counts["survived"], counts["no tests"]]
        print(f"| {' | '.join(map(str, cells))} | {100 * (noticed + late) / tried:.1f} % |")
    print()
    for name in chosen:
        if results[name] not in ("killed", "timeout"):
            print(f"{results[name]}: {name}")


def _room(name: str) -> str:
    """The package's folder that a change is in, or the package itself."""
    package, *inner = name.split(".")[:-2]
    return f"{package}.{inner[0]}" if inner else package


main()
