"""What search engines are told about a page, in schema.org's words: JSON-LD, which no browser runs.

A page's policy is about scripts, and a block of data is none: the HTML standard looks at a script's type before it asks
the policy. A test in the browser sees that nothing is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from handbook.locale import table, words
from handbook.pages.rendered import text_of
from handbook.site.sharing.page import Answered, Shared, Whole

_QUESTION = re.compile(
    r'<details class="lt-question"[^>]*? id="(?P<id>[^"]*)">\s*<summary><span class="lt-question__text">(?P<asked>.*?)'
    r'</span>.*?</summary>(?P<answer>.*?)(?=<div class="lt-trap|<details|</details>)',
    re.DOTALL,
)
_LESSONS = "handbook/"
_LABS = "labs/"
_NOTEBOOKS = "notebooks/"
BANK = "practice/interview-bank"


def answered(html: str, address: str) -> Iterator[Answered]:
    """Find the questions of a page's HTML.

    Args:
        html: the page's content.
        address: of the page.
    """
    for found in _QUESTION.finditer(html):
        asked, answer = (" ".join(text_of(part).split()) for part in (found["asked"], found["answer"]))
        yield Answered(asked, answer, f"{address}#{found['id']}" if address else "")


def structured(page: Shared, whole: Whole, pages: Sequence[Shared], image: str) -> str:
    """Write what is said of a page as JSON; empty where nothing is.

    Args:
        page: the page.
        whole: the handbook.
        pages: all its pages, in the order of the navigation.
        image: the address of the page's social image; may be empty.
    """
    if page.home:
        said = _course(page, whole, [one for one in pages if kind(one)])
    elif page.path == BANK:
        said = _faq(page, whole, [one for other in pages for one in other.answered])
    elif kind(page):
        said = {**_resource(page, whole), "isPartOf": _part_of(whole, pages)}
    else:
        return ""
    if image:
        said["image"] = image
    # What would end the block in HTML is written otherwise.
    written = json.dumps({"@context": "https://schema.org", **said}, ensure_ascii=False, separators=(",", ":"))
    return written.replace("<", "\\u003c")


def kind(page: Shared) -> str:
    """What a page is to a learner; empty where it is nothing to learn from."""
    kinds = {_LESSONS: "lesson", _LABS: "lab", _NOTEBOOKS: "notebook"}
    return next((said for folder, said in kinds.items() if page.path.startswith(folder)), "")


def _resource(page: Shared, whole: Whole) -> dict[str, Any]:
    said: dict[str, Any] = {
        "@type": "LearningResource",
        **_about(page, whole),
        "learningResourceType": words(whole.language, "sharing")[kind(page)],
    }
    if page.level:
        said["educationalLevel"] = words(whole.language)[page.level]
    if page.times:
        said["timeRequired"] = f"PT{page.times.whole}M"
    if page.topics:
        topics = {**table(whole.language, "topics"), **table(whole.language, "section-topics")}
        said["about"] = [topics.get(topic, topic) for topic in page.topics]
    if page.needs:
        said["competencyRequired"] = list(page.needs)
    return said


def _course(page: Shared, whole: Whole, resources: Sequence[Shared]) -> dict[str, Any]:
    minutes = sum(one.times.whole if one.times else 0 for one in resources)
    return {
        "@type": "Course",
        **_about(page, whole),
        "name": whole.name,
        "provider": {"@type": "Organization", "name": whole.name, **_at(whole.address)},
        "offers": {"@type": "Offer", "category": "Free", "price": 0, "priceCurrency": "USD"},
        "hasCourseInstance": {
            "@type": "CourseInstance",
            "courseMode": "Online",
            "courseWorkload": f"PT{ceil(minutes / 60)}H",
        },
        "hasPart": [{"@type": "LearningResource", "name": one.title, **_at(one.address)} for one in resources],
    }


def _faq(page: Shared, whole: Whole, bank: Sequence[Answered]) -> dict[str, Any]:
    asked = [
        {
            "@type": "Question",
            "name": one.asked,
            "acceptedAnswer": {"@type": "Answer", "text": one.answer, **_at(one.address)},
        }
        for one in bank
    ]
    return {"@type": "FAQPage", **_about(page, whole), "mainEntity": asked}


def _about(page: Shared, whole: Whole) -> dict[str, Any]:
    """What holds for every kind."""
    said: dict[str, Any] = {
        "name": page.title,
        "description": page.description or whole.description,
        **_at(page.address),
        "inLanguage": whole.language,
        "isAccessibleForFree": True,
    }
    if whole.edition:
        authors = [{"@type": "Organization", "name": author} for author in whole.edition.authors]
        said["author"] = authors[0] if len(authors) == 1 else authors
        said["version"] = whole.edition.version
        said["datePublished"] = whole.edition.released.isoformat()
        said["license"] = f"https://spdx.org/licenses/{whole.edition.licence}"
    return said


def _part_of(whole: Whole, pages: Sequence[Shared]) -> dict[str, Any]:
    home = next((page.address for page in pages if page.home), "")
    return {"@type": "Course", "name": whole.name, "description": whole.description, **_at(home)}


def _at(address: str) -> dict[str, str]:
    return {"url": address} if address else {}
