"""What a check says when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from handbook.findings import Finding
from handbook.pages.model import Page
from handbook.pages.syntax import Tie


@dataclass
class Tally:
    """What stands on a page, or on the pages of a language."""

    pages: int = 0
    sections: int = 0
    blocks: int = 0
    outputs: int = 0
    pins: int = 0
    questions: int = 0
    quizzes: int = 0

    def add(self, other: Mapping[str, int]) -> None:
        """Count another page in."""
        for name, count in other.items():
            setattr(self, name, getattr(self, name) + count)


def tally(page: Page) -> dict[str, int]:
    """What stands on one page."""
    kinds = [container.kind for container in page.containers]
    running = [block for block in page.blocks if block.runs]
    return asdict(
        Tally(
            pages=1,
            sections=int("/handbook/" in page.path),
            blocks=len(running),
            outputs=sum(block.output is not None or block.language == "console" for block in running),
            pins=sum(
                len(pin.literal.split()) if pin.tie is Tie.ROW else 1 for pin in page.pins if pin.tie is not Tie.TRUE
            ),
            questions=kinds.count("question"),
            quizzes=kinds.count("quiz"),
        )
    )


@dataclass
class Report:
    """The outcome of a check. ``tallies`` is by language, for the site's pages."""

    findings: list[Finding] = field(default_factory=list)
    checked: int = 0
    unchanged: int = 0
    without_torch: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)


def summary(report: Report, *, whole: bool) -> str:
    """The last lines of a check; a check of the whole handbook counts what stands in it."""
    lines: list[str] = []
    if whole:
        names = list(asdict(Tally()))
        lines.append("  ".join(["    ", *(f"{name:>9}" for name in names)]))
        for language, counts in report.tallies.items():
            lines.append("  ".join([f"{language:<4}", *(f"{getattr(counts, name):>9}" for name in names)]))
    if report.without_torch:
        lines.append(f"not run: {report.without_torch} blocks, without torch (pip install torch==2.13.0)")
    found = len(report.findings)
    lines.append(
        f"{report.checked} checked, {report.unchanged} unchanged: "
        + ("nothing found" if not found else f"{found} finding{'' if found == 1 else 's'}")
    )
    return "\n".join(lines)
