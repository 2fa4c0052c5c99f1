"""Try every alteration of a page and count what its checks caught."""

from __future__ import annotations

import atexit
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from multiprocessing import get_context

from handbook.checks import CHECKS
from handbook.checks.context import Context
from handbook.checks.session import Session, not_rendered
from handbook.findings import CallError, Finding
from handbook.pages import source
from handbook.pages.addresses import link_target
from handbook.pages.model import Block, Page
from handbook.pages.parse import from_source
from handbook.project import LANGUAGES, ORIGINAL, Project
from handbook.running.page_run import has_torch
from handbook.running.store import Store
from handbook.running.transcript import Transcript
from tests.audit.alterations import FENCE, Alteration, Kind, alterations
from tests.audit.batches import Seen, in_place
from tests.audit.figures import TESTS, figures_of, figures_on
from tests.audit.rerun import InCode, Rerun, Shown, only_words
from tests.audit.survivors import Survivor
from tests.audit.worlds import Variant, Worlds

ALONE = (
    "form",
    "parts",
    "lists",
    "output",
    "numbers",
    "labels",
    "names",
    "counts",
    "formulas",
    "bibliography",
    "comments",
    "questions",
    "tolerances",
)
"""The checks that bind a page to its own computation."""

TOGETHER = ("twins",)
"""The check that binds it to its twin. Freshness is left out: it notices any change, true or not."""

RUN_AGAIN = (Kind.PROOF, Kind.CODE, Kind.SNIPPET)
"""The kinds that change what the page computes."""

DRAWN = frozenset({Kind.FIGURE, Kind.SHAPE, Kind.SIZE, Kind.STORED})
"""The kinds that stand in figures; their checks are the tests of the figures."""

FIX = {
    Kind.MATH: "write the number in code font with a pin beside the formula",
    Kind.PROSE: "pin the number in code font, or let an output show it",
}


@dataclass
class Share:
    """Of one class in one language: how many facts, how many caught, how many by the page alone.

    ``alike`` are those that are caught when both twins are altered alike, as somebody would who errs in both.
    ``equal`` are no facts: alterations that nothing on the page could notice, because they change nothing there.
    """

    facts: int = 0
    caught: int = 0
    alone: int = 0
    alike: int = 0
    equal: int = 0


@dataclass
class Audit:
    """The outcome: shares by language and class, and the facts that nothing holds in place."""

    shares: dict[tuple[str, Kind], Share] = field(default_factory=dict)
    survivors: list[Survivor] = field(default_factory=list)
    alone: list[Finding] = field(default_factory=list)
    """What only the comparison with the twin notices, or nothing."""

    def count(self, language: str, kind: Kind, *, alone: bool, caught: bool, alike: bool | None = None) -> None:
        """Take in one fact; where nobody has tried, it is caught in both twins where it is caught alone."""
        share = self.shares.setdefault((language, kind), Share())
        share.facts += 1
        share.alone += alone
        share.caught += caught
        share.alike += alone if alike is None else alike

    def equal(self, language: str, kind: Kind) -> None:
        """Take in an alteration that changes nothing."""
        self.shares.setdefault((language, kind), Share()).equal += 1

    def add(self, other: Audit) -> None:
        """Take in what was found on other pages."""
        self.survivors += other.survivors
        self.alone += other.alone
        for key, share in other.shares.items():
            mine = self.shares.setdefault(key, Share())
            mine.facts += share.facts
            mine.equal += share.equal
            mine.caught += share.caught
            mine.alone += share.alone
            mine.alike += share.alike


def audit(
    project: Project,
    paths: list[str],
    kinds: frozenset[Kind] = frozenset(Kind),
    *,
    every: int = 1,
    progress: Callable[[str], None] = lambda path: None,
) -> Audit:
    """Alter every fact of the site pages at ``paths``, or those of some kinds; or a sample, one in ``every``.

    An alteration is made on one page only, its twin left as it is. Alterations of prose share the page's one
    transcript; where code changed, the page is run again, until something shows. Twins are altered by one
    process, which runs their shared code once; each core has a process, whose pages share a session.
    """
    torch = has_torch() and any("torch" in (project.root / path).read_text("utf-8") for path in paths)
    pairs: dict[str, list[str]] = {}
    for path in paths:
        if project.twin_of(path) is not None:
            pairs.setdefault(path.split("/", 2)[2], []).append(path)
    result = Audit()
    largest_first = sorted(pairs.values(), key=lambda pair: -(project.root / pair[0]).stat().st_size)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        audits = {pool.submit(_audit_here, project, torch, pair, kinds, every): pair[0] for pair in largest_first}
        for done in as_completed(audits):
            progress(audits[done])
            result.add(done.result())
    result.survivors.sort(key=lambda survivor: (survivor.finding.path, survivor.finding.line))
    result.alone.sort(key=lambda finding: (finding.path, finding.line))
    return result


def audit_pair(project: Project, pair: list[str], kinds: frozenset[Kind], every: int) -> Audit:
    """Alter the facts of both twins, or of the one of them that was asked for; one in ``every``, as `audit` does."""
    with closing(Session(project)) as session:
        return _audit_pair(session, pair, kinds, every)


def _audit_here(project: Project, torch: bool, pair: list[str], kinds: frozenset[Kind], every: int) -> Audit:
    return _audit_pair(_session(project, torch), pair, kinds, every)


@cache
def _session(project: Project, torch: bool) -> Session:
    """The session of this process, until it ends: each page parsed once, and one worker, which imports torch once."""
    session = Session(project)
    session.worker.start(with_torch=torch)
    atexit.register(session.close)
    return session


def _audit_pair(session: Session, pair: list[str], kinds: frozenset[Kind], every: int) -> Audit:
    project = session.project
    store, result = Store(project), Audit()
    known: dict[InCode, Shown] = {}
    shown: dict[tuple[str, ...], str] = {}
    ran: dict[str, Transcript] = {}
    if any(block.needs_torch for path in pair for block in session.page(path).blocks):
        session.worker.start(with_torch=has_torch())  # once, and not in each of its forks
    for path in pair:
        page = session.page(path)
        key = store.run_key(page)
        before = ran.get(key) or store.transcript(page)
        if before is not None:
            session.know(path, before)
        transcript = ran[key] = session.transcript(path)
        if _says_anything(session, page, transcript, None, ALONE) or _caught_together(session, page):
            raise CallError(f"{path} has findings, so any alteration would; fix it first: handbook check {path}")
        rerun = Rerun(page, transcript, session.worker, known)
        text = (project.root / path).read_text(encoding="utf-8")
        facts = list(_sample(alterations(project.root, text, page), kinds, every))
        worlds = Worlds(page, session.worker, shown)
        result.survivors += _audit_text(session, text, facts, rerun, worlds, result)
        if Kind.WORLD in kinds:
            result.survivors += _audit_worlds(session, page, worlds, every, result)
        result.survivors += _audit_figures(project, page, kinds, every, result)
    return result


def _sample(every_one: Iterator[Alteration], kinds: frozenset[Kind], every: int) -> Iterator[Alteration]:
    """The first alteration of each kind, and then one in ``every``."""
    met = Counter[Kind]()
    for alteration in every_one:
        if alteration.kind in kinds:
            met[alteration.kind] += 1
            if met[alteration.kind] % every == 1 % every:
                yield alteration


@dataclass
class Outcome:
    """An alteration, and by whom it is noticed: by the page alone, with its twin, where both are altered alike."""

    fact: Alteration
    alone: bool
    caught: bool
    alike: bool
    altered: Page | None = None
    """The altered page, where nothing on it noticed."""


def _audit_text(
    session: Session, text: str, facts: list[Alteration], rerun: Rerun, worlds: Worlds, result: Audit
) -> Iterator[Survivor]:
    page, language = rerun.page, session.project.language_of(rerun.page.path)
    outcomes = list(_outcomes(session, text, facts, rerun))
    equal = _equal([one for one in outcomes if one.altered], text, rerun, worlds)
    for one in outcomes:
        if one.fact in equal:
            result.equal(language, one.fact.kind)
            continue
        result.count(language, one.fact.kind, alone=one.alone, caught=one.caught, alike=one.alike)
        was, line = one.fact.was(text).partition("\n")[0], one.fact.line(text)
        fix = FIX.get(one.fact.kind, "bind it to an expression of the page")
        if not one.alone:
            problem = f"{was!r} may become {one.fact.becomes!r}, and the page alone does not notice"
            result.alone.append(Finding(page.path, line, problem, fix))
        if not one.caught:
            yield Survivor(was, Finding(page.path, line, f"{was!r} may become {one.fact.becomes!r} unnoticed", fix))


def _outcomes(session: Session, text: str, facts: list[Alteration], rerun: Rerun) -> Iterator[Outcome]:
    path = rerun.page.path

    def parsed(altered: str) -> Page:
        return from_source(source.from_text(session.project.root, path, altered))

    def see(altered: str) -> Seen:
        page = parsed(altered)
        found = _findings(session, page, rerun.transcript, None, ALONE)
        return Seen(tuple(finding.line for finding in found), page.all_numbers + page.formulas + page.names)

    shown = dict(in_place(text, facts, see))
    twin = Twin(session, path)
    for fact in facts:
        if fact in shown or (fact.kind in RUN_AGAIN and rerun.fails(fact.in_code(text))):
            # What is found in another place, such as the heading of an entry, shows when it is altered by itself.
            alone = shown.get(fact, True) or _says_anything(
                session, parsed(fact.apply(text)), rerun.transcript, None, ALONE
            )
            yield Outcome(fact, alone, True, alone or twin.notices(fact, text, rerun.transcript))
            continue
        altered = _recoded(rerun.page, text, fact) or parsed(fact.apply(text))
        alone = _caught_alone(session, altered, fact, text, rerun)
        caught = alone or _caught_together(session, altered)
        alike = alone or twin.notices(fact, text, rerun.transcript)
        yield Outcome(fact, alone, caught, alike, None if alone else altered)


def _recoded(page: Page, text: str, fact: Alteration) -> Page | None:
    """The page with an alteration of a block's code in it; None where only the whole text can say what it is."""
    fence = next((one for one in FENCE.finditer(text) if one.start() <= fact.start < one.end()), None)
    if fact.kind not in (Kind.PROOF, Kind.CODE) or fence is None:
        return None
    line = text.count("\n", 0, fence.start()) + 1
    block = next((one for one in page.blocks if one.line == line and one.code == fence["body"]), None)
    if block is None:
        return None
    at = fact.start - fence.start("body")
    code = block.code[:at] + fact.instead + block.code[at + fact.end - fact.start :]
    return replace(page, blocks=tuple(replace(one, code=code) if one is block else one for one in page.blocks))


def _equal(outcomes: list[Outcome], text: str, rerun: Rerun, worlds: Worlds) -> set[Alteration]:
    """The alterations of code that change nothing which the page shows, so that it says nothing false with them.

    It was run to its end: each output is the same, each pinned value to its last digit, and each assertion holds.
    A proof, besides, must still fail in every world in which its claim is false; then it proves it as well as before.
    """
    equal: set[Alteration] = set()
    variants: dict[Variant, list[Alteration]] = {}
    for one in outcomes:
        if one.fact.kind not in RUN_AGAIN or one.altered is None or not rerun.changes_nothing(one.fact.in_code(text)):
            continue
        pairs = zip(rerun.page.blocks, one.altered.blocks, strict=True)
        changed = [(old, new) for old, new in pairs if old.code != new.code]
        if any(only_words(old.code, new.code) for old, new in changed):
            continue  # no run can say whether a comment is true
        if "proof:" not in changed[0][1].container:
            equal.add(one.fact)
        elif variant := _variant(rerun.page, changed[0][1]):
            variants.setdefault(variant, []).append(one.fact)
    for variant in worlds.as_strong(list(variants)):
        equal.update(variants[variant])
    return equal


def _variant(page: Page, block: Block) -> Variant | None:
    proofs = (one for one in page.containers if one.kind == "proof")
    around = next((one for one in proofs if one.first < page.blocks[block.index].first < one.end), None)
    return Variant(around.first, block.index, block.code) if around else None


class Twin:
    """The other language of a page, which can be altered in the same way."""

    def __init__(self, session: Session, path: str) -> None:
        self.session = session
        self.path = path
        self.twin = session.project.twin_of(path) or ""

    @cached_property
    def text(self) -> str:
        """The twin as it is written."""
        return (self.session.project.root / self.twin).read_text(encoding="utf-8")

    @cached_property
    def facts(self) -> dict[tuple[object, ...], Alteration]:
        """Its alterations by what tells them apart in both languages."""
        facts, names = self._named(self.twin, self.text)
        return dict(zip(names, facts, strict=True))

    @cached_property
    def names(self) -> dict[Alteration, tuple[object, ...]]:
        """What each alteration of the page itself is called."""
        text = (self.session.project.root / self.path).read_text(encoding="utf-8")
        return dict(zip(*self._named(self.path, text), strict=True))

    def _named(self, path: str, text: str) -> tuple[list[Alteration], list[tuple[object, ...]]]:
        """The alterations of a page and what each is called in both languages; what is called alike, by its order."""
        met = Counter[tuple[object, ...]]()
        facts = list(alterations(self.session.project.root, text, self.session.page(path)))
        names: list[tuple[object, ...]] = []
        for fact in facts:
            name = _in_both(fact, text)
            names.append((*name, met[name]))
            met[name] += 1
        return facts, names

    def notices(self, fact: Alteration, text: str, transcript: Transcript) -> bool:
        """Whether anything is found when both are altered alike; what only this page has is not."""
        same = self.facts.get(self.names[fact])
        if same is None or fact.kind in (Kind.PROOF, Kind.CODE):
            return False  # the twins share their code, and what it shows has been looked at
        root = self.session.project.root
        here = from_source(source.from_text(root, self.path, fact.apply(text)))
        there = from_source(source.from_text(root, self.twin, same.apply(self.text)))
        if fact.kind not in RUN_AGAIN and _says_anything(self.session, there, transcript, None, ALONE):
            return True
        translation, original = (
            (there, here) if self.session.project.language_of(self.path) == ORIGINAL else (here, there)
        )
        return _says_anything(self.session, translation, Transcript(), original, TOGETHER)


def _in_both(fact: Alteration, text: str) -> tuple[object, ...]:
    """What an alteration is called in both languages: code by its place, all else by the word that it changes."""
    if fact.kind in RUN_AGAIN:
        return fact.kind, *fact.in_code(text)
    line = text[text.rfind("\n", 0, fact.start - 1) + 1 : fact.start].removesuffix("\n")
    before = re.split(r"[\s|]", line)[-1]
    after = re.match(r"[^\s|.,;:]*", text[fact.end :])
    return fact.kind, before.lstrip("«“(["), fact.instead, after[0] if after else ""


def _audit_worlds(session: Session, page: Page, worlds: Worlds, every: int, result: Audit) -> Iterator[Survivor]:
    """A proof that does not fail where its claim is false protects nothing."""
    language = session.project.language_of(page.path)
    for verdict in worlds.verdicts(every):
        result.count(language, Kind.WORLD, alone=not verdict.wrong, caught=not verdict.wrong)
        if verdict.wrong:
            problem = f"in the world {verdict.world.text!r} this proof {verdict.wrong}"
            fix = "let it assert what is false there, or claim less"
            yield Survivor(verdict.world.text, Finding(page.path, verdict.proof.line, problem, fix))


def _audit_figures(
    project: Project, page: Page, kinds: frozenset[Kind], every: int, result: Audit
) -> Iterator[Survivor]:
    language = project.language_of(page.path)
    for name, line in figures_on(page):
        for verdict in figures_of(project.root).verdicts(name, language, kinds & DRAWN, every):
            result.count(language, verdict.kind, alone=verdict.alone, caught=verdict.caught)
            if not verdict.caught:
                fix = f"compare it with minimodel in {TESTS[0]}"
                yield Survivor(verdict.what, Finding(page.path, line, f"{verdict.what} unnoticed", fix))


def _caught_alone(session: Session, altered: Page, fact: Alteration, text: str, rerun: Rerun) -> bool:
    def shows(transcript: Transcript) -> bool:
        return _says_anything(session, altered, transcript, None, ALONE)

    if fact.kind is Kind.STRUCTURE and len(altered.blocks) < len(rerun.page.blocks):
        if altered.problems:
            return True
    elif shows(rerun.transcript):
        return True  # what the page says elsewhere stood in its code: no run is needed to see it
    elif fact.kind is Kind.STRUCTURE:
        return _is_linked(session, rerun.page, altered)
    if fact.kind not in (*RUN_AGAIN, Kind.STRUCTURE):
        return False
    transcript = rerun.of(altered, fact.in_code(text), shows)
    return transcript is None or (transcript is not rerun.transcript and shows(transcript))


def _is_linked(session: Session, page: Page, altered: Page) -> bool:
    """Whether a page of the same language links to a heading that is gone."""
    gone = {heading.id for heading in page.headings} - {heading.id for heading in altered.headings}
    return any((page.path, identity) in _linked(session, page.path.split("/")[1]) for identity in gone)


@cache
def _linked(session: Session, language: str) -> frozenset[tuple[str, str]]:
    """The places that the pages of a language link to, besides their own."""
    found: set[tuple[str, str]] = set()
    for path in session.project.pages:
        if path.startswith(f"docs/{language}/") and path.endswith(".md"):
            for link in session.page(path).links:
                target = link_target(path, link.target)
                if target and target[0] != path:
                    found.add(target)
    return frozenset(found)


def _caught_together(session: Session, altered: Page) -> bool:
    """Whether the comparison with the twin notices; it looks from the translation."""
    twin = session.page(session.project.twin_of(altered.path) or "")
    if session.project.language_of(altered.path) == ORIGINAL:
        return _says_anything(session, twin, Transcript(), altered, TOGETHER)
    return _says_anything(session, altered, Transcript(), twin, TOGETHER)


def _says_anything(
    session: Session, page: Page, transcript: Transcript, twin: Page | None, checks: tuple[str, ...]
) -> bool:
    return any(True for _ in _findings(session, page, transcript, twin, checks))


def _findings(
    session: Session, page: Page, transcript: Transcript, twin: Page | None, checks: tuple[str, ...]
) -> Iterator[Finding]:
    context = Context(page, transcript, session.library, twin, lambda: not_rendered(session.project, page))
    for name in checks:
        yield from CHECKS[name](context)


def table(result: Audit) -> str:
    """The shares as lines of text."""
    lines = [f"{'':<24}{'':<4}{'facts':>7}{'caught':>9}{'alone':>9}{'alike':>9}{'equal':>7}"]
    totals: Counter[str] = Counter()
    for kind in Kind:
        for language in LANGUAGES:
            share = result.shares.get((language, kind))
            if share is None:
                continue
            lines.append(
                f"{kind:<24}{language:<4}{share.facts:>7}{_percent(share.caught, share.facts):>9}"
                f"{_percent(share.alone, share.facts):>9}{_percent(share.alike, share.facts):>9}{share.equal:>7}"
            )
            totals.update(
                facts=share.facts, caught=share.caught, alone=share.alone, alike=share.alike, equal=share.equal
            )
    if totals:
        lines.append(
            f"{'all':<24}{'':<4}{totals['facts']:>7}{_percent(totals['caught'], totals['facts']):>9}"
            f"{_percent(totals['alone'], totals['facts']):>9}{_percent(totals['alike'], totals['facts']):>9}"
            f"{totals['equal']:>7}"
        )
    return "\n".join(lines)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
