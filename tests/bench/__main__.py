"""Measure every goal, or those of the rooms that are named, and print the table."""

import sys

from tests.bench.attending import attending, decoding
from tests.bench.building import building, saving
from tests.bench.checking import checking_after_an_edit, checking_everything, checking_what_has_not_changed
from tests.bench.measure import ROUNDS
from tests.bench.paging import paging
from tests.bench.reading import clicking, weighing
from tests.bench.reports import judging, lighthouse
from tests.bench.summing import going_on, summing

ROOMS = {
    "checking": (checking_everything, checking_after_an_edit, checking_what_has_not_changed),
    "building": (building, saving),
    "attending": (attending, decoding),
    "summing": (summing, going_on),
    "paging": (paging,),
    "reading": (weighing, clicking),
    "reports": (judging, lighthouse),
}


def main(names: list[str]) -> None:
    """Row by row, each as soon as it is known."""
    if unknown := [name for name in names if name not in ROOMS]:
        raise SystemExit(f"the bench has no room {', '.join(unknown)}; its rooms are {', '.join(ROOMS)}")
    print(f"Median of {ROUNDS} rounds; of fewer where one takes long.\n")
    print("| what | against | measured | goal |\n|---|---|---|---|")
    for name in names or ROOMS:
        for measure in ROOMS[name]:
            for row in measure():
                print(f"| {row.what} | {row.against} | {row.measured} | {row.goal} |", flush=True)


main(sys.argv[1:])
