"""The search's index, with the words of each entry alone: the search cuts them and shows where they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path

from handbook.pages.rendered import text_of

INDEX = "search/search_index.json"
_APART = re.compile(r"</?(?:p|li|ol|ul|pre)>")


def plain(site: Path) -> None:
    """Rewrite the index that the search plugin has left: no tags, and no heading that has nothing below it.

    That leaves a tenth less for a phone to load, and nothing for it to take apart.
    """
    index = site / INDEX
    if not index.is_file():
        return
    record = json.loads(index.read_text(encoding="utf-8"))
    entries = [{**one, "title": _words(one["title"]), "text": _words(one["text"])} for one in record["docs"]]
    record["docs"] = [one for one in entries if one["text"] or "#" not in one["location"]]
    index.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _words(html: str) -> str:
    return " ".join(text_of(_APART.sub(" ", html)).split())
