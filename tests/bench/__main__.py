"""Measure every goal and print the table."""

from tests.bench.attending import attending, decoding
from tests.bench.building import building
from tests.bench.checking import checking_after_an_edit, checking_everything, checking_what_has_not_changed
from tests.bench.measure import ROUNDS


def main() -> None:
    """Row by row; the heavy ones last."""
    rows = [
        *checking_everything(),
        *checking_after_an_edit(),
        checking_what_has_not_changed(),
        *building(),
        *attending(),
        *decoding(),
    ]
    print(f"Median of {ROUNDS} rounds; of fewer where one takes long.\n")
    print("| what | against | measured | goal |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.against} | {row.measured} | {row.goal} |")


main()
