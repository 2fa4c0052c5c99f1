"""Try every alteration of a page and count what its checks caught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from handbook.audit.alterations import Alteration, Kind, alterations
from handbook.checks import CHECKS
from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.page import source
from handbook.page.model import Page
from handbook.page.parse import from_source
from handbook.project import LANGUAGES, ORIGINAL, Project
from handbook.run.transcript import Transcript
from handbook.session import Session
from handbook.store import Store

ALONE = ("form", "output", "numbers", "questions")
"""The checks that bind a page to its own computation."""

TOGETHER = ("twins",)
"""The check that binds it to its twin. Freshness is left out: it notices any change, true or not."""

MEND = {
    Kind.MATH: "write the number in code font with a pin beside the formula",
    Kind.PROSE: "pin the number in code font, or let an output show it",
}


@dataclass
class Share:
    """Of one class in one language: how many facts, how many caught, how many by the page alone."""

    facts: int = 0
    caught: int = 0
    alone: int = 0


@dataclass
class Audit:
    """The outcome: shares by language and class, and the facts that nothing holds in place."""

    shares: dict[tuple[str, Kind], Share] = field(default_factory=dict)
    survivors: list[Finding] = field(default_factory=list)


def audit(project: Project, paths: list[str], kinds: frozenset[Kind] = frozenset(Kind)) -> Audit:
    """Alter every fact of the site pages at ``paths``, or those of some kinds.

    A lie is told on one page only, its twin left as it is. Alterations of prose share the page's one
    transcript; where code changed, the page is run again.
    """
    session, result = Session(project), Audit()
    store = Store(project)
    try:
        for path in paths:
            if project.twin_of(path) is not None:
                known = store.transcript(session.page(path))
                if known is not None:
                    session.know(path, known)
                result.survivors += _audit_page(session, path, kinds, result)
    finally:
        session.close()
    return result


def _audit_page(session: Session, path: str, kinds: frozenset[Kind], result: Audit) -> Iterator[Finding]:
    project = session.project
    text = (project.root / path).read_text(encoding="utf-8")
    page = session.page(path)
    language = project.language_of(path)
    for alteration in (one for one in alterations(text, page) if one.kind in kinds):
        altered = from_source(source.from_text(project.root, path, alteration.apply(text)))
        alone = _caught_alone(session, altered, page, alteration)
        caught = alone or _caught_together(session, altered)
        share = result.shares.setdefault((language, alteration.kind), Share())
        share.facts += 1
        share.alone += alone
        share.caught += caught
        if not caught:
            yield Finding(
                path,
                alteration.line(text),
                f"{text[alteration.start : alteration.end]!r} may become {alteration.instead!r} unnoticed",
                MEND.get(alteration.kind, "bind it to an expression of the page"),
            )


def _caught_alone(session: Session, altered: Page, page: Page, alteration: Alteration) -> bool:
    if alteration.kind is Kind.STRUCTURE:
        return bool(altered.problems)
    transcript = session.transcript(page.path)
    if alteration.kind in (Kind.PROOF, Kind.CODE):
        transcript = session.try_out(altered)
    return _says_anything(session, altered, transcript, None, ALONE)


def _caught_together(session: Session, altered: Page) -> bool:
    """Whether the comparison with the twin notices; it looks from the translation."""
    twin = session.page(session.project.twin_of(altered.path) or "")
    if session.project.language_of(altered.path) == ORIGINAL:
        return _says_anything(session, twin, Transcript(), altered, TOGETHER)
    return _says_anything(session, altered, Transcript(), twin, TOGETHER)


def _says_anything(
    session: Session, page: Page, transcript: Transcript, twin: Page | None, checks: tuple[str, ...]
) -> bool:
    context = Context(page, transcript, session.library, twin, _not_rendered)
    return any(True for name in checks for _ in CHECKS[name](context))


def _not_rendered() -> str:
    """The audit asks no check that looks at the rendered page."""
    raise AssertionError("this check is not part of the audit")


def table(result: Audit) -> str:
    """The shares as lines of text."""
    lines = [f"{'':<24}{'':<4}{'facts':>7}{'caught':>9}{'alone':>9}"]
    totals: Counter[str] = Counter()
    for kind in Kind:
        for language in LANGUAGES:
            share = result.shares.get((language, kind))
            if share is None:
                continue
            lines.append(
                f"{kind:<24}{language:<4}{share.facts:>7}{_percent(share.caught, share.facts):>9}"
                f"{_percent(share.alone, share.facts):>9}"
            )
            totals.update(facts=share.facts, caught=share.caught, alone=share.alone)
    if totals:
        lines.append(
            f"{'all':<24}{'':<4}{totals['facts']:>7}{_percent(totals['caught'], totals['facts']):>9}"
            f"{_percent(totals['alone'], totals['facts']):>9}"
        )
    return "\n".join(lines)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
