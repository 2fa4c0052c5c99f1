"""The search's index holds words and no tags."""

import json

from handbook.site.exports.search_index import INDEX, plain


def test_tags_go_and_signs_stay_and_a_heading_alone_is_no_entry(tmp_path):
    index = tmp_path / INDEX
    index.parent.mkdir()
    docs = [
        {"location": "a.html", "title": "A <code>tril</code>", "text": ""},
        {"location": "a.html#quiz", "title": "Quiz", "text": ""},
        {
            "location": "a.html#q",
            "title": "Is i &lt; j?",
            "text": "<p>So.</p><ul> <li>q<sub>i</sub> &amp; «é»</li></ul>",
        },
    ]
    index.write_text(json.dumps({"config": {"lang": ["es"]}, "docs": docs}), encoding="utf-8")
    plain(tmp_path)
    assert json.loads(index.read_text("utf-8")) == {
        "config": {"lang": ["es"]},
        "docs": [
            {"location": "a.html", "title": "A tril", "text": ""},
            {"location": "a.html#q", "title": "Is i < j?", "text": "So. qi & «é»"},
        ],
    }


def test_a_site_without_a_search_is_left_alone(tmp_path):
    plain(tmp_path)
    assert list(tmp_path.iterdir()) == []
